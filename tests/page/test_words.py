"""A word that its language has changed: marked in the line, and taken back while it is the last one."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from scaleglove.protocol import Started, Text, Word
from tests.page.conftest import PHONE, OpenPage
from tests.page.node import PageInNode
from tests.page.test_accessibility import faults

SIGNED = "안넝"
WRITTEN = "안녕"
LETTERS = "ㅇㅏㄴㄴㅓㅇ"
STREAM = {"stream": "scripted", "started_at": "2026-01-01T00:00:00Z", "state": "ok"}


def text(committed: str, composing: str = "", letters: str = LETTERS) -> dict[str, Any]:
    return asdict(Text(0.0, committed, composing, letters))


BY_LANGUAGE = asdict(Word(1000.0, LETTERS, SIGNED, WRITTEN, "language", True, 3.5))
BY_WEARER = asdict(Word(1000.0, LETTERS, SIGNED, SIGNED, "wearer", False, 0.0))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> PageInNode:
    return PageInNode(tmp_path_factory.mktemp("page") / "page")


_REDUCED = """
const { INITIAL, reduce } = await import("./state.js");
const { partsOf } = await import("./words.js");
let state = reduce(INITIAL, { kind: "streams", streams: [given.stream] }, 0);
console.log(JSON.stringify(given.events.map((event) => {
  state = reduce(state, event.kind === undefined ? { kind: "message", message: event } : event, 0);
  return [state.word?.by ?? null, partsOf(state.text, state.word)];
})));
"""


def reduced(node: PageInNode, *events: dict[str, Any]) -> tuple[str | None, list[str]]:
    """Return who decided how the last word is written, if the page knows, and the three parts of the finished line."""
    by, parts = node.run(_REDUCED, {"stream": STREAM, "events": [asdict(STARTED), *events]})[-1]
    return by, parts


STARTED = Started("scripted", "MSCSGRU_ScaleAware_Encoded", 80, 10, 50.0, ("ㄱ",))
CHANGED = (text("네 " + WRITTEN), BY_LANGUAGE)


@pytest.mark.parametrize(
    ("events", "by", "parts"),
    [
        ((text("네 " + WRITTEN),), None, ["네 안녕", "", ""]),
        (CHANGED, "language", ["네 ", "안녕", ""]),
        ((*CHANGED, text("네 안녕 ", "하", "ㅎㅏ")), "language", ["네 ", "안녕", " "]),
        ((*CHANGED, text("네 안녕 안녕")), None, ["네 안녕 안녕", "", ""]),  # the next word, as it was signed
        ((*CHANGED, text("네 ", "안녀", "ㅇㅏㄴㄴㅕ")), None, ["네 ", "", ""]),  # a letter was deleted
        ((*CHANGED, text("네 " + SIGNED), BY_WEARER), "wearer", ["네 안넝", "", ""]),
        ((*CHANGED, text("네 안넝 ", "하", "ㅎㅏ"), BY_WEARER), "wearer", ["네 안넝 ", "", ""]),
        ((*CHANGED, text("")), None, ["", "", ""]),
        ((*CHANGED, {"kind": "closed"}), None, ["네 안녕", "", ""]),
        ((*CHANGED, {"kind": "choose", "stream": "other"}), None, ["", "", ""]),
    ],
)
def test_the_last_word_is_known_until_the_line_has_another_end(
    node: PageInNode, events: tuple[dict[str, Any], ...], by: str | None, parts: list[str]
) -> None:
    assert reduced(node, *events) == (by, parts)


def test_a_long_line_that_loses_its_beginning_keeps_its_last_word(node: PageInNode) -> None:
    line = "가" * 998 + WRITTEN
    by, parts = reduced(node, text(line), BY_LANGUAGE, text(line[1:] + " ", "하", "ㅎㅏ"))
    assert (by, parts[1:]) == ("language", [WRITTEN, " "])


class Script:
    """A service of one scripted stream, for a page: what it sends, and the edits that it was asked for."""

    def __init__(self, page: Page) -> None:
        self.edits: list[str] = []
        self._sent = [asdict(STARTED)]
        self._sockets: list[WebSocketRoute] = []
        page.route("**/v1/streams", self._list)
        page.route("**/v1/streams/scripted/text", self._edit)
        page.route_web_socket(re.compile("/watch$"), self._open)

    def send(self, *messages: dict[str, Any]) -> None:
        """Send to the page, or as soon as it has connected."""
        self._sent += messages
        for socket in self._sockets:
            for message in messages:
                socket.send(json.dumps(message))

    def _list(self, route: Route) -> None:
        route.fulfill(json={"streams": [STREAM]})

    def _open(self, socket: WebSocketRoute) -> None:
        self._sockets.append(socket)
        for message in self._sent:
            socket.send(json.dumps(message))

    def _edit(self, route: Route) -> None:
        self.edits.append(json.loads(route.request.post_data or "")["action"])
        route.fulfill(json=text("네 " + SIGNED))
        self.send(text("네 " + SIGNED), BY_WEARER)


@pytest.mark.parametrize(("size", "language"), [(None, "en"), (PHONE, "ko")])
def test_a_changed_word_is_marked_and_taken_back_by_keyboard(
    service: str, open_page: OpenPage, size: tuple[int, int] | None, language: str
) -> None:
    opened = open_page("about:blank", **({} if size is None else {"size": size}))
    opened.origin = service
    page, script = opened.page, Script(opened.page)
    page.goto(service)
    page.locator("#language").select_option(language)
    as_signed = page.get_by_role("button", name={"en": "As signed", "ko": "손짓한 대로"}[language])
    note, changed = page.get_by_test_id("word"), page.locator("#transcript .changed")

    script.send(text("네 ", "안너", "ㅇㅏㄴㄴㅓ"))
    opened.wait_for_text("transcript", "네 안너")
    expect(as_signed).to_be_hidden()
    expect(note).to_be_empty()
    script.send(text("네 " + WRITTEN), BY_LANGUAGE)
    expect(changed).to_have_text(WRITTEN)
    expect(note).to_contain_text({"en": "안넝 → 안녕 by the language", "ko": "안넝 → 안녕 언어에 맞춤"}[language])
    expect(page.get_by_test_id("transcript")).to_have_text("네 안녕")
    expect(page.get_by_test_id("line")).to_have_text(LETTERS)
    assert faults(Axe(), opened, "changed") == []
    assert opened.fits()

    page.locator("[data-edit=clear]").focus()
    page.keyboard.press("Tab")
    expect(as_signed).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("transcript")).to_have_text("네 안넝")
    expect(as_signed).to_be_hidden()
    expect(changed).to_be_empty()
    expect(note).to_be_focused()  # what is gone cannot keep the focus
    expect(note).to_contain_text({"en": "안넝, as signed", "ko": "안넝, 손짓한 대로예요"}[language])
    script.send(text("네 안넝 ", "하", "ㅎㅏ"), text("네 안넝 하"))
    expect(note).to_be_empty()
    script.send(text("네 안넝 하"), {**BY_LANGUAGE, "letters": "ㅓ", "signed": "ㅓ", "written": ""})
    expect(note).to_contain_text({"en": "ㅓ is not written", "ko": "쓰지 않았어요: ㅓ"}[language])
    expect(page.get_by_test_id("transcript")).to_have_text("네 안넝 하")
    expect(as_signed).to_be_visible()
    assert script.edits == ["as_signed"]
    assert opened.faults == []


_SIDE = """async messages => {
  const { Side } = await import("/views/models/side.js");
  const { messagesIn } = await import("/i18n/index.js");
  const side = new Side(0, () => {});
  side.setMessages(messagesIn("en"));
  return messages.map((message) => {
    side.receive(message);
    const line = side.element.querySelector(".side-transcript");
    return [line.textContent, line.querySelector(".changed").textContent];
  });
}"""


def test_a_comparison_marks_the_words_of_each_model(service: str, open_page: OpenPage) -> None:
    shown = open_page(service).page.evaluate(_SIDE, [*CHANGED, text("네 안녕 ", "하"), text("네 안녕 하")])
    assert shown == [["네 안녕", ""], ["네 안녕", "안녕"], ["네 안녕 하", "안녕"], ["네 안녕 하", ""]]
