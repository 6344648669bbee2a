"""The live view: the reader's language and theme, and looking back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from scaleglove.hangul.spelling import letters
from tests.end_to_end.conftest import Part
from tests.page.conftest import Opened

Start = Callable[..., Part]
OpenPage = Callable[..., Opened]


@pytest.fixture
def service(start: Start) -> str:
    return start("serve", "--port", "0").line().rpartition(" ")[2]


@pytest.fixture
def signing(start: Start, service: str) -> str:
    """A service with a glove that signs."""
    glove = start("emulate", "--text", "안녕", "--hold-s", "1")
    start("bridge", "--port", glove.line(), "--url", service)
    return service


def test_every_text_is_there_in_both_languages(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    english, korean = opened.page.evaluate(
        """async () => {
          const { words } = await import("/words/index.js");
          const keys = (texts, at) => Object.entries(texts).flatMap(([key, text]) =>
            typeof text === "object" && !Array.isArray(text) ? keys(text, `${at}${key}.`) : [`${at}${key}`]);
          return ["en", "ko"].map(language => keys(words(language), "").sort());
        }"""
    )
    assert english == korean
    assert len(english) > 100


def test_the_reader_chooses_language_and_theme_and_they_are_kept(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    page = opened.page
    opened.waits_for_state("No glove yet")
    page.get_by_label("Language").select_option("한국어")
    opened.waits_for_state("아직 장갑이 없어요")
    assert page.evaluate("document.documentElement.lang") == "ko"
    expect(page.get_by_role("button", name="체험용 장갑 시작")).to_be_visible()
    ground = "getComputedStyle(document.body).backgroundColor"
    page.get_by_label("화면").select_option("dark")
    dark = page.evaluate(ground)
    page.get_by_label("화면").select_option("light")
    assert page.evaluate(ground) != dark
    page.reload()
    opened.waits_for_state("아직 장갑이 없어요")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert opened.faults == []


def test_the_time_line_stops_and_is_looked_back_on_by_keyboard(signing: str, open_page: OpenPage) -> None:
    opened = open_page(signing)
    page = opened.page
    opened.waits_for_state("Reading the glove")
    page.wait_for_function("() => Number(document.getElementById('back').min) <= -6", timeout=60_000)
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#back-by")).not_to_have_text("now")  # time goes on
    page.get_by_label("Look back").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)  # until the last of them is drawn
    expect(page.locator("#back-by")).to_have_text(re.compile(r"^[4-8] "))
    shown = page.get_by_test_id("letter")
    seq = int(shown.get_attribute("data-seq") or 0)
    page.wait_for_timeout(1000)
    assert int(shown.get_attribute("data-seq") or 0) == seq  # it stands still
    page.get_by_role("button", name="Back to now").click()
    expect(page.locator("#back-by")).to_have_text("now")
    page.wait_for_function("seq => Number(document.getElementById('letter').dataset.seq) > seq + 200", arg=seq)
    assert opened.faults == []


_IN_EVERY_COLOUR = """() => {
  const canvas = document.querySelector("#plot-scales canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return ["--scale-3", "--scale-5", "--scale-7", "--mark", "--mark-ink"].every(name => {
    const [r, g, b] = getComputedStyle(canvas).getPropertyValue(name).match(/[0-9]+/g).map(Number);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) found += data[i] === r && data[i + 1] === g && data[i + 2] === b;
    return found > 5;
  });
}"""


def test_letters_and_scales_are_drawn_on_the_time_line(signing: str, open_page: OpenPage) -> None:
    opened = open_page(signing)
    opened.waits_for_state("Reading the glove")
    opened.page.wait_for_function(_IN_EVERY_COLOUR, timeout=60_000)
    assert [fault for fault in opened.faults if "getImageData" not in fault] == []  # by which this test looks


def told(opened: Opened, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """What history.js keeps of messages that arrive 10 ms apart."""
    answer: dict[str, Any] = opened.page.evaluate(
        """async messages => {
          const { History } = await import("/history.js");
          const history = new History();
          messages.forEach((message, i) => history.push(message, 10 * i));
          return { t: history.t, gestures: history.gestures, latency: history.latencyMs, at: history.at(250) };
        }""",
        messages,
    )
    return answer


def prediction(seq: int, t_ms: float, label: str = "ㄱ") -> dict[str, Any]:
    return {"type": "prediction", "seq": seq, "t_ms": t_ms, "label": label, "scale_importance": {}}


def test_what_was_said_is_kept_by_the_gloves_clock(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    frames = {"type": "frames", "seq": 5, "t_ms": [100.0, 120.0], "values": []}
    begin = {"type": "gesture", "phase": "begin", "label": "ㄱ", "t_ms": 200.0}
    end = {"type": "gesture", "phase": "end", "label": "ㄱ", "t_ms": 400.0}
    kept = told(opened, [frames, prediction(6, 120), begin, prediction(7, 220), prediction(9, 320, "ㄴ"), end])
    assert kept["t"] == [120, 220, 320]
    assert kept["latency"] == 10
    assert kept["at"]["seq"] == 7
    assert kept["gestures"] == [{"label": "ㄱ", "begin": 200, "end": 400}]
    assert told(opened, [prediction(6, 5000), prediction(1, 20)])["t"] == [20]  # another clock
    long = told(opened, [prediction(i, 100.0 * i) for i in range(2000)])
    assert long["t"][-1] - long["t"][0] <= 120_000 + 100 * 100


def test_a_demo_glove_spells_by_the_letters_of_hangul(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    text = "안녕하세요꽃왜값없뷁"
    spelled = opened.page.evaluate("""async text => (await import("/demo.js")).lettersOf(text)""", text)
    assert spelled == letters(text)


def test_letters_are_read_out_in_the_live_view_alone(signing: str, open_page: OpenPage) -> None:
    opened = open_page(signing)
    page = opened.page
    names = page.evaluate(
        """async () => Object.values((await import("/words/index.js")).words("en").live.letterNames)"""
    )
    announcer = page.locator("#announcer")
    expect(announcer).to_have_text(re.compile("^(" + "|".join(names) + ")$"), timeout=60_000)
    page.get_by_role("link", name="Calibrate").click()
    expect(announcer).to_have_text("Reading the glove")
    page.evaluate("""() => {
      const announcer = document.getElementById("announcer");
      window.said = [];
      new MutationObserver(() => window.said.push(announcer.textContent)).observe(announcer, { childList: true });
    }""")
    begun = sum(message["type"] == "gesture" for message in opened.received)
    while sum(message["type"] == "gesture" for message in opened.received) < begun + 4:
        page.wait_for_timeout(200)
    assert not set(page.evaluate("window.said")) & set(names)
    assert opened.faults == []
