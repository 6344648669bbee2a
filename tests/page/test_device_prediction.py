"""Tests of the letter that the glove itself recognises, which the page shows beside the service's prediction."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.conftest import ROOT
from tests.page.conftest import PHONE, OpenPage, Start

ARTEFACT = ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware.onnx"


@pytest.fixture
def reading(start: Start, service: str) -> Callable[[str], str]:
    """Return a function that starts a glove with a network, sends it `letters,on` and returns the service's address."""

    def begin(letters: str) -> str:
        glove = start("emulate", "--text", "아", "--hold-s", "5", "--network", str(ARTEFACT))
        start("bridge", "--port", glove.line(), "--url", service, "--letters", letters)
        return service

    return begin


def test_it_is_shown_beside_the_prediction_with_its_time_scale(
    reading: Callable[[str], str], open_page: OpenPage
) -> None:
    opened = open_page(reading("on"), size=PHONE)
    page, device = opened.page, opened.page.get_by_test_id("device")
    opened.wait_for_state("Reading the glove")
    expect(device).to_have_text(re.compile(r"On the glove\s+[ㅇㅏ]\s+\d+ %\s+time scale: (short|medium|long)"))
    expect(page.get_by_test_id("letter")).to_have_text(re.compile("[ㅇㅏ]"))
    assert opened.fits()
    page.get_by_label("Language").select_option("한국어")
    expect(device).to_contain_text("장갑이 직접 인식한 글자")
    assert page.locator("#device[aria-live], [aria-live] #device").count() == 0
    assert opened.faults == []


def test_a_glove_that_sends_no_signals_is_not_shown_as_silent(
    reading: Callable[[str], str], open_page: OpenPage
) -> None:
    opened = open_page(reading("only"))
    opened.wait_for_state("The glove recognises letters itself and sends no signals")
    expect(opened.page.get_by_test_id("device")).to_contain_text(re.compile("[ㅇㅏ]"))
    opened.wait_for_messages(30, "glove_letter")  # ten a second: longer than the page waits for frames
    assert "The glove recognises letters itself" in opened.text("state")
    expect(opened.page.get_by_test_id("letter")).to_have_text("·")
    assert opened.faults == []


_RENDERED = """async ([device, prediction]) => {
  const { DevicePrediction } = await import("/views/live/reading.js");
  const { messagesIn } = await import("/i18n/index.js");
  const part = new DevicePrediction();
  part.setMessages(messagesIn("en"));
  part.render(device, prediction);
  const line = document.getElementById("device");
  return [line.hidden, line.dataset.differs, document.getElementById("device-scale").textContent];
}"""


def test_a_difference_is_marked(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)

    def rendered(device: object, prediction: object) -> object:
        return opened.page.evaluate(_RENDERED, [device, prediction])

    device = {"label": "ㄱ", "confidence": 0.5, "scale_importance": {"3": 0.2, "5": 0.5, "7": 0.3}}
    assert rendered(device, {"label": "ㄱ"}) == [False, "false", "time scale: medium"]
    assert rendered(device, {"label": "ㄴ"}) == [False, "true", "time scale: medium"]
    assert rendered(device | {"scale_importance": {}}, None) == [False, "false", ""]
    assert rendered(None, {"label": "ㄱ"})[0] is True  # type: ignore[index]


def test_it_is_hidden_a_second_after_the_last(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    seen = opened.page.evaluate(
        """async () => {
          const { INITIAL, reduce, statusOf, devicePredictionOf } = await import("/state.js");
          const say = (state, message, now) => reduce(state, { kind: "message", message }, now);
          const look = (state, now) => [statusOf(state, now).key, devicePredictionOf(state, now)?.label ?? null];
          const streams = [{ stream: "a", started_at: "2025-01-01T00:00:00Z", state: "ok" }];
          let state = say(reduce(INITIAL, { kind: "streams", streams }, 0), { type: "started" }, 0);
          const before = look(state, 10);
          state = say(state, { type: "glove_letter", label: "ㄱ" }, 20);
          const lost = say(state, { type: "link", state: "lost", detail: "" }, 30);
          return [before, look(state, 1000), look(state, 1021), look(state, 3000), look(lost, 40)];
        }"""
    )
    assert seen == [
        ["warming", None],
        ["deviceOnly", "ㄱ"],
        ["warming", None],
        ["stale", None],
        ["linkLost", None],
    ]
