"""What a glove itself has recognised stands beside the service's answer, and never in its place."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.conftest import ROOT
from tests.end_to_end.conftest import Part
from tests.page.conftest import PHONE, Opened

Start = Callable[..., Part]
OpenPage = Callable[..., Opened]

ARTEFACT = ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware.onnx"


@pytest.fixture
def reading(start: Start) -> Callable[[str], str]:
    """`reading("on")`: a service, and a glove that runs a network and is told `letters,on`."""

    def begin(letters: str) -> str:
        service = start("serve", "--port", "0").line().rpartition(" ")[2]
        glove = start("emulate", "--text", "아", "--hold-s", "5", "--network", str(ARTEFACT))
        start("bridge", "--port", glove.line(), "--url", service, "--letters", letters)
        return service

    return begin


def test_it_stands_beside_the_answer_with_what_decided_it(reading: Callable[[str], str], open_page: OpenPage) -> None:
    opened = open_page(reading("on"), size=PHONE)
    page, own = opened.page, opened.page.get_by_test_id("own")
    opened.waits_for_state("Reading the glove")
    expect(own).to_have_text(re.compile(r"The glove itself\s+[ㅇㅏ]\s+\d+ %\s+time scale: (short|medium|long)"))
    expect(page.get_by_test_id("letter")).to_have_text(re.compile("[ㅇㅏ]"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Language").select_option("한국어")
    expect(own).to_contain_text("장갑이 직접 읽은 글자")
    assert page.locator("#own[aria-live], [aria-live] #own").count() == 0
    assert opened.faults == []


def test_a_glove_that_sends_no_signals_is_not_said_to_be_silent(
    reading: Callable[[str], str], open_page: OpenPage
) -> None:
    opened = open_page(reading("only"))
    opened.waits_for_state("The glove reads by itself and sends no signals")
    expect(opened.page.get_by_test_id("own")).to_contain_text(re.compile("[ㅇㅏ]"))
    opened.page.wait_for_timeout(3000)  # longer than frames may be away
    opened.waits_for_state("The glove reads by itself and sends no signals", timeout_s=1)
    expect(opened.page.get_by_test_id("letter")).to_have_text("·")
    assert opened.faults == []


_RENDERED = """async ([own, prediction]) => {
  const { OwnLetter } = await import("/views/live/own_letter.js");
  const { words } = await import("/words/index.js");
  const part = new OwnLetter();
  part.setWords(words("en").live);
  part.render(own, prediction);
  const line = document.getElementById("own");
  return [line.hidden, line.dataset.differs, document.getElementById("own-scale").textContent];
}"""


def test_where_both_differ_it_is_said(start: Start, open_page: OpenPage) -> None:
    opened = open_page(start("serve", "--port", "0").line().rpartition(" ")[2])

    def rendered(own: object, prediction: object) -> object:
        return opened.page.evaluate(_RENDERED, [own, prediction])

    own = {"label": "ㄱ", "confidence": 0.5, "scale_importance": {"3": 0.2, "5": 0.5, "7": 0.3}}
    assert rendered(own, {"label": "ㄱ"}) == [False, "false", "time scale: medium"]
    assert rendered(own, {"label": "ㄴ"}) == [False, "true", "time scale: medium"]
    assert rendered(own | {"scale_importance": {}}, None) == [False, "false", ""]
    assert rendered(None, {"label": "ㄱ"})[0] is True  # type: ignore[index]


def test_it_is_gone_a_second_after_the_last(start: Start, open_page: OpenPage) -> None:
    opened = open_page(start("serve", "--port", "0").line().rpartition(" ")[2])
    seen = opened.page.evaluate(
        """async () => {
          const { INITIAL, reduce, status, ownLetter } = await import("/state.js");
          const say = (state, message, now) => reduce(state, { kind: "message", message }, now);
          const look = (state, now) => [status(state, now).key, ownLetter(state, now)?.label ?? null];
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
        ["own", "ㄱ"],
        ["warming", None],
        ["stale", None],
        ["linkLost", None],
    ]
