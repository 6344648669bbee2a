"""Tests of the live page in a real browser with an emulated glove, the bridge and the service."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import Any

import pytest

from scaleglove.hangul.spelling import letters
from tests.end_to_end.conftest import Part
from tests.page.conftest import DESKTOP, PHONE, Opened, OpenPage, Start

TEXT = "안녕"
NO_LETTER = "·"
NOTHING = "–"

# Records the number of each prediction on show and its letter.
_RECORD_LETTERS = """() => {
  const letter = document.getElementById("letter");
  window.shown = [];
  new MutationObserver(() => window.shown.push([letter.dataset.seq, letter.textContent]))
    .observe(letter, { attributes: true, attributeFilter: ["data-seq"] });
}"""

# The numbers of the prediction on show and of the readings; null while one of them is missing.
_SHOWN_NUMBERS = """() => {
  const percentage = element => Number(element.innerText.match(/(\\d+)\\s*%/)?.[1] ?? NaN);
  const scales = [...document.querySelectorAll("#scales > *")].map(percentage);
  const confidence = percentage(document.querySelector("[data-testid=confidence]"));
  const readings = [...document.querySelectorAll("#legend-flex .number, #legend-angle .number")].map(e => e.innerText);
  const isWhole = [confidence, ...scales].every(Number.isFinite) && !readings.includes("–");
  return isWhole ? { confidence, scales, readings } : null;
}"""

_COLOURED_PIXELS = """id => {
  const host = document.getElementById(id);
  const canvas = host.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let coloured = 0;
  for (let i = 0; i < data.length; i += 4) {
    const spread = Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]);
    if (data[i + 3] > 80 && spread > 60) coloured++; // a thin line between two rows of pixels is half in each
  }
  return coloured;
}"""


def test_the_page_shows_the_letter_of_each_prediction(
    service: str, wear: Callable[..., Part], open_page: OpenPage
) -> None:
    wear()
    opened = open_page(service)
    page = opened.page
    page.evaluate(_RECORD_LETTERS)
    spelled = "".join(letters(TEXT))
    page.wait_for_function(
        "text => document.querySelector('[data-testid=line]').textContent.includes(text)", arg=spelled
    )

    predictions = {str(m["seq"]): m for m in opened.received if m["type"] == "prediction"}
    shown = [(predictions[seq], letter) for seq, letter in page.evaluate("window.shown") if seq in predictions]
    assert len({letter for _, letter in shown}) >= len(set(spelled))
    assert len(shown) > 20
    for prediction, letter in shown:
        assert letter == (NO_LETTER if prediction["state"] == "rejected" else prediction["label"])

    opened.wait_for_state("Reading the glove")
    # Read at one moment: on a busy machine the glove may be late, and then nothing is shown until it goes on.
    shown_now = page.wait_for_function(_SHOWN_NUMBERS).json_value()
    assert sum(shown_now["scales"]) == pytest.approx(100, abs=2)
    assert 0 < shown_now["confidence"] <= 100
    assert page.locator("#fact-missing").inner_text() == "0"
    assert float(page.locator("#fact-rate").inner_text().split()[0]) == pytest.approx(50, abs=2)
    assert len(shown_now["readings"]) == 8
    assert page.evaluate(_COLOURED_PIXELS, "plot-flex") > 500
    assert page.evaluate(_COLOURED_PIXELS, "plot-angle") > 300
    assert opened.faults == []


def test_a_silent_glove_is_reported_and_its_letter_is_hidden(
    service: str, wear: Callable[..., Part], open_page: OpenPage
) -> None:
    glove = wear()
    opened = open_page(service)
    opened.wait_for_state("Reading the glove")
    glove.process.send_signal(signal.SIGSTOP)
    opened.wait_for_state(re.compile("No data for|Waiting for the glove"))  # of the service, then of the bridge
    assert opened.text("letter") == NO_LETTER
    assert opened.text("confidence") == NOTHING
    glove.process.send_signal(signal.SIGCONT)
    opened.wait_for_state("Reading the glove")

    glove.process.kill()
    opened.wait_for_state("Glove not connected")
    assert opened.text("letter") == NO_LETTER
    assert opened.faults == []


def test_the_page_reconnects_after_a_restart_of_the_service(start: Start, open_page: OpenPage) -> None:
    first = start("serve", "--port", "0")
    url = first.line().rpartition(" ")[2]
    glove = start("emulate", "--text", TEXT, "--hold-s", "1")
    start("bridge", "--port", glove.line(), "--url", url)
    opened = open_page(url)
    opened.wait_for_state("Reading the glove")
    assert opened.faults == []

    first.stop()
    opened.wait_for_state("Service not reachable, trying again")
    assert opened.text("letter") == NO_LETTER
    start("serve", "--port", url.rpartition(":")[2])
    opened.wait_for_state("Reading the glove")
    # The browser writes each refused connection to the console; there must be no other message.
    assert [fault for fault in opened.faults if "ERR_CONNECTION_REFUSED" not in fault] == []


def test_the_demo_glove_reconnects_after_a_restart_of_the_service(start: Start, open_page: OpenPage) -> None:
    first = start("serve", "--port", "0")
    url = first.line().rpartition(" ")[2]
    opened = open_page(url)
    opened.page.get_by_role("button", name="Start a demo glove").click()
    opened.wait_for_state("Reading the glove")
    first.stop()
    opened.wait_for_state("Service not reachable, trying again")
    start("serve", "--port", url.rpartition(":")[2])
    opened.wait_for_state("Reading the glove")
    stop = opened.page.get_by_role("button", name="Stop the demo glove")
    stop.click()
    opened.wait_for_state("Glove disconnected")


def test_without_a_glove_the_page_explains_how_to_start_and_offers_a_demo_glove(
    service: str, open_page: OpenPage
) -> None:
    opened = open_page(service)
    opened.wait_for_state("No glove yet")
    assert "scaleglove bridge --port" in opened.page.locator("#help-commands").inner_text()
    assert opened.page.get_by_test_id("letter").is_hidden()
    opened.page.get_by_role("button", name="Start a demo glove").click()
    opened.wait_for_state("Reading the glove")
    opened.page.wait_for_function(
        "() => document.querySelector('[data-testid=transcript]').textContent.includes('안녕')"
    )
    opened.page.get_by_role("button", name="Stop the demo glove").click()
    opened.wait_for_state("Glove disconnected")
    assert opened.page.get_by_role("button", name="Start a demo glove").is_visible()
    assert opened.faults == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_page_fits_the_screen(
    service: str,
    wear: Callable[..., Part],
    open_page: OpenPage,
    size: tuple[int, int],
    color_scheme: str,
) -> None:
    opened = open_page(service, size=size, color_scheme=color_scheme)
    opened.wait_for_state("No glove yet")
    assert opened.fits()
    wear()
    opened.wait_for_state("Reading the glove")
    assert opened.fits()
    box = opened.page.get_by_test_id("letter").bounding_box()
    assert box is not None
    assert box["height"] > 120  # pixels: readable from two metres
    assert box["y"] + box["height"] < size[1]  # without scrolling
    assert opened.faults == []


def test_the_user_selects_one_of_two_gloves(service: str, wear: Callable[..., Part], open_page: OpenPage) -> None:
    wear()
    opened = open_page(service)
    opened.wait_for_state("Reading the glove")
    opened.page.wait_for_function("none => document.getElementById('fact-stream').innerText !== none", arg=NOTHING)
    first = opened.page.locator("#fact-stream").inner_text()
    wear()
    choice = opened.page.get_by_test_id("streams")
    choice.wait_for()
    assert choice.input_value() == first  # a second glove does not replace the first
    second = next(
        value for value in choice.locator("option").evaluate_all("os => os.map(o => o.value)") if value != first
    )
    choice.select_option(second)
    opened.page.wait_for_function("id => document.getElementById('fact-stream').innerText === id", arg=second)
    opened.wait_for_state("Reading the glove")
    assert opened.faults == []


def columns(opened: Opened, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the times and channels that signals.js makes of `frames`: `null` breaks a line, `skip` is no point."""
    answer: dict[str, Any] = opened.page.evaluate(
        """async messages => {
          const { Signals } = await import("/signals.js");
          const signals = new Signals();
          for (const message of messages) signals.push(message, 1000);
          const channels = signals.channels.map(channel => channel.map(value => value === undefined ? "skip" : value));
          return { t: signals.t, channels, rate: signals.rateHz() };
        }""",
        messages,
    )
    return answer


def frames(seq: int, t_ms: list[float], yaw: list[float]) -> dict[str, Any]:
    return {"seq": seq, "t_ms": t_ms, "values": [[500.0] * 5 + [0.0, 0.0, angle] for angle in yaw]}


def test_lines_break_where_an_angle_wraps_and_where_frames_are_missing(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    turn = columns(opened, [frames(0, [0, 20, 40], [170, 179, -179])])
    assert turn["t"] == [0, 20, 30, 40]
    assert turn["channels"][7] == [170, 179, None, -179]
    assert turn["channels"][0] == [500, 500, "skip", 500]

    lost = columns(opened, [frames(0, [0, 20], [1, 2]), frames(5, [100, 120], [3, 4])])
    assert lost["channels"][0] == [500, 500, None, 500, 500]
    pause = columns(opened, [frames(0, [0, 20], [1, 2]), frames(2, [400], [3])])
    assert pause["channels"][7] == [1, 2, None, 3]
    late = columns(opened, [frames(0, [0, 20, 10, 40], [1, 2, 9, 3])])
    assert late["t"] == [0, 20, 40]
    restarted = columns(opened, [frames(0, [5000, 5020], [1, 2]), frames(2, [0, 20], [3, 4])])
    assert restarted["t"] == [0, 20]
    steady = columns(opened, [frames(0, [10.0 * i for i in range(50)], [0.0] * 50)])
    assert steady["rate"] == pytest.approx(100)


def test_no_letter_is_current_without_recent_data(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    letters_and_states = opened.page.evaluate(
        """async () => {
          const { INITIAL, reduce, statusOf, currentPrediction } = await import("/state.js");
          const say = (state, message, now) => reduce(state, { kind: "message", message }, now);
          const seen = [];
          const look = (state, now) =>
            seen.push([statusOf(state, now).key, currentPrediction(state, now)?.label ?? null]) && state;
          const streams = [{ stream: "a", started_at: "2025-01-01T00:00:00Z", state: "ok" }];
          let state = look(INITIAL, 0);
          state = look(reduce(state, { kind: "streams", streams }, 0), 0);
          state = look(say(state, { type: "started", sample_rate_hz: 50 }, 0), 0);
          state = say(state, { type: "frames", t_ms: [0], values: [[]] }, 10);
          state = look(say(state, { type: "prediction", state: "ok", label: "ㄱ", confidence: 1 }, 10), 20);
          look(state, 5000);
          look(say(state, { type: "stale", silent_ms: 500 }, 600), 600);
          look(reduce(state, { kind: "closed" }, 100), 100);
          look(reduce(state, { kind: "unreachable" }, 9000), 9000);
          return seen;
        }"""
    )
    assert letters_and_states == [
        ["connecting", None],
        ["opening", None],
        ["warming", None],
        ["ok", "ㄱ"],
        ["stale", None],
        ["stale", None],
        ["left", None],
        ["unreachable", None],
    ]
