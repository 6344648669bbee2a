"""Tests of the live view: language and theme, the timeline, and the announcements for screen readers."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.page.conftest import Opened, OpenPage


def test_the_chosen_language_and_theme_are_stored(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    page = opened.page
    opened.wait_for_state("No glove yet")
    page.get_by_label("Language").select_option("한국어")
    opened.wait_for_state("아직 장갑이 없어요")
    assert page.evaluate("document.documentElement.lang") == "ko"
    expect(page.get_by_role("button", name="체험용 장갑 시작")).to_be_visible()
    ground = "getComputedStyle(document.body).backgroundColor"
    page.get_by_label("화면").select_option("dark")
    dark = page.evaluate(ground)
    page.get_by_label("화면").select_option("light")
    assert page.evaluate(ground) != dark
    page.reload()
    opened.wait_for_state("아직 장갑이 없어요")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert opened.faults == []


def test_the_timeline_pauses_and_scrolls_back_by_keyboard(signing: str, open_page: OpenPage) -> None:
    opened = open_page(signing)
    page = opened.page
    opened.wait_for_state("Reading the glove")
    page.wait_for_function("() => Number(document.getElementById('back').min) <= -6")
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#back-by")).not_to_have_text("now")  # time continues
    page.get_by_label("Look back").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    opened.wait_for_rendering()
    expect(page.locator("#back-by")).to_have_text(re.compile(r"^([4-9]|\d\d+) "))  # and counts on
    shown = page.get_by_test_id("letter")
    seq = int(shown.get_attribute("data-seq") or 0)
    opened.wait_for_messages(10, "prediction")
    assert int(shown.get_attribute("data-seq") or 0) == seq  # the past does not change
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


def test_letters_and_scales_are_drawn_on_the_timeline(signing: str, open_page: OpenPage) -> None:
    opened = open_page(signing)
    opened.wait_for_state("Reading the glove")
    opened.page.wait_for_function(_IN_EVERY_COLOUR)
    assert [
        fault for fault in opened.faults if "getImageData" not in fault
    ] == []  # a warning about this test's own reads


def kept(opened: Opened, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what history.js keeps of messages that arrive 10 ms apart."""
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


def test_predictions_are_kept_by_the_gloves_clock(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    frames = {"type": "frames", "seq": 5, "t_ms": [100.0, 120.0], "values": []}
    begin = {"type": "gesture", "phase": "begin", "label": "ㄱ", "t_ms": 200.0, "shape": 3}
    end = {"type": "gesture", "phase": "end", "label": "ㄱ", "t_ms": 400.0}
    history = kept(opened, [frames, prediction(6, 120), begin, prediction(7, 220), prediction(9, 320, "ㄴ"), end])
    assert history["t"] == [120, 220, 320]
    assert history["latency"] == 10
    assert history["at"]["seq"] == 7
    assert history["gestures"] == [{"label": "ㄱ", "begin": 200, "end": 400, "shape": 3}]
    assert kept(opened, [prediction(6, 5000), prediction(1, 20)])["t"] == [20]  # the glove restarted
    long = kept(opened, [prediction(i, 100.0 * i) for i in range(2000)])
    assert long["t"][-1] - long["t"][0] <= 120_000 + 100 * 100


def test_letters_are_announced_only_in_the_live_view(signing: str, open_page: OpenPage) -> None:
    opened = open_page(signing)
    page = opened.page
    names = page.evaluate(
        """async () => Object.values((await import("/i18n/index.js")).messagesIn("en").live.letterNames)"""
    )
    announcer = page.locator("#announcer")
    expect(announcer).to_have_text(re.compile("^(" + "|".join(names) + ")$"))
    page.get_by_role("link", name="Calibrate").click()
    expect(announcer).to_have_text("Reading the glove")
    page.evaluate("""() => {
      const announcer = document.getElementById("announcer");
      window.announced = [];
      new MutationObserver(() => window.announced.push(announcer.textContent)).observe(announcer, { childList: true });
    }""")
    opened.wait_for_messages(4, "gesture")
    assert not set(page.evaluate("window.announced")) & set(names)
    assert opened.faults == []


LONG_LINE = "안녕하세요 " * 30


def test_the_header_stays_where_it_is_as_its_words_change(open_page: OpenPage, signing: str) -> None:
    opened = open_page(signing)
    opened.wait_for_state("Reading the glove")
    page = opened.page
    places = []
    for words in ("No", "Reading the glove", "Glove disconnected, waiting for another"):
        # At once, before the page draws its own words again.
        places.append(
            page.evaluate(
                """words => {
                  document.getElementById("state-text").textContent = words;
                  const inside = document.querySelectorAll("header a, header select");
                  const parts = [document.querySelector("header"), ...inside];
                  return parts.map((part) => Object.values(part.getBoundingClientRect().toJSON()));
                }""",
                words,
            )
        )
    assert places[0] == places[1] == places[2]


def test_a_text_that_is_too_long_fades_at_its_beginning(open_page: OpenPage, signing: str) -> None:
    opened = open_page(signing)
    opened.wait_for_state("Reading the glove")
    frame = opened.page.locator(".line-window")
    expect(frame).to_have_attribute("data-long", "false")
    opened.page.get_by_test_id("transcript").evaluate(
        "(text, line) => text.append(Object.assign(document.createElement('span'), { textContent: line }))", LONG_LINE
    )
    expect(frame).to_have_attribute("data-long", "true")
    assert "linear-gradient" in frame.evaluate("frame => getComputedStyle(frame).maskImage")
