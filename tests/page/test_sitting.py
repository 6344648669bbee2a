"""A sitting by keyboard alone: the hand spells the words that the page shows, in both languages."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.firmware_bridge.calibration_wizard.streaming_hand import Glove
from tests.page.conftest import PHONE, Opened, OpenPage
from tests.page.node import PageInNode
from tests.page.test_accessibility import Axe, faults
from tests.page.test_doubts import forget_wearers

WORDS: Final = 2
"""Words of the sittings here, of some ten: tests/service/wearers/test_sitting.py has them all."""


def choose(opened: Opened, wearer: str = "ada") -> Page:
    """Open the view and give a name, by keyboard."""
    page = opened.page
    page.locator('nav a[href="#calibrate"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#wearer-name")).to_be_visible()
    page.locator("#wearer-name").focus()
    page.keyboard.type(wearer)
    page.keyboard.press("Enter")
    expect(page.locator("#sitting-primary")).to_be_focused()
    return page


def step(page: Page, name: str) -> None:
    expect(page.locator(".sitting")).to_have_attribute("data-step", name)


def begin(page: Page) -> None:
    """Begin the sitting, and do not wait for the seconds of its first two steps."""
    page.keyboard.press("Enter")
    step(page, "moving")
    expect(page.locator("#sitting-primary")).to_be_focused()
    page.keyboard.press("Enter")
    step(page, "resting")
    page.keyboard.press("Enter")
    step(page, "spelling")


def spell(page: Page, glove: Glove, words: list[dict[str, Any]]) -> None:
    """Hold each letter of words until the page understands it; the next word comes by itself."""
    for number, word in enumerate(words, start=1):
        expect(page.get_by_test_id("sitting-word")).to_have_text(word["word"])
        expect(page.get_by_test_id("calibrate-spoken")).to_contain_text(word["word"])
        *before, last = word["labels"]
        for place, label in enumerate(before):
            glove.label = label
            letter = page.get_by_test_id("sitting-letters").locator("li").nth(place)
            expect(letter).to_have_attribute("data-state", "found")
        glove.label = last
        if number < len(words):
            expect(page.get_by_test_id("sitting-word")).to_have_text(words[number]["word"])


def finish(page: Page) -> None:
    """Answer that the first doubtful shape was no letter, if there is one, and make the profile."""
    expect(page.locator(".sitting")).to_have_attribute("data-step", re.compile("doubts|none"))
    if page.get_by_test_id("doubt").is_visible():
        page.keyboard.press("0")
        expect(page.locator("#sitting-primary")).to_have_attribute("aria-disabled", "false")
        page.keyboard.press("Enter")
    step(page, "none")


def asked(url: str) -> list[dict[str, Any]]:
    """Return the first words that a wearer without examples is asked for."""
    httpx.post(f"{url}/v1/wearers", json={"wearer": "nobody"})
    words: list[dict[str, Any]] = httpx.get(f"{url}/v1/wearers/nobody/sitting").json()["words"]
    return words[:WORDS]


def ask_for_few(route: Route) -> None:
    """Let the page know the first words alone."""
    answer = route.fetch().json()
    route.fulfill(json=answer | {"words": answer["words"][:WORDS]})


@pytest.fixture
def hand(url: str) -> Glove:
    forget_wearers(url)
    return Glove(url)


def test_a_sitting_makes_a_profile(url: str, hand: Glove, open_page: OpenPage) -> None:
    words = asked(url)
    with hand.streaming():
        opened = open_page(url, locale="en-GB")
        opened.wait_for_messages(1, "frames")
        opened.page.route("**/sitting?*", ask_for_few)
        page = choose(opened)
        begin(page)
        expect(page.locator("#calibrate-task")).to_be_hidden()
        spell(page, hand, words)
        finish(page)
        expect(page.get_by_test_id("calibrate-profiles")).to_contain_text("in use")
        expect(page.locator("#calibrate-primary")).to_be_focused()
    have = httpx.get(f"{url}/v1/wearers/ada").json()["examples"]
    have.pop("rest", None)
    assert have == dict(Counter(label for word in words for label in word["labels"]))
    assert opened.faults == []


def test_a_sitting_in_korean_is_accessible_and_ended(url: str, hand: Glove, open_page: OpenPage) -> None:
    words = asked(url)
    axe = Axe()
    with hand.streaming():
        opened = open_page(url, size=PHONE, locale="ko-KR")
        opened.wait_for_messages(1, "frames")
        opened.page.route("**/sitting?*", ask_for_few)
        page = choose(opened)
        assert faults(axe, opened, "offered") == []
        page.keyboard.press("m")
        step(page, "moving")
        expect(page.get_by_test_id("calibrate-spoken")).to_contain_text("손을 움직여 주세요")
        expect(page.get_by_test_id("sitting-seconds")).not_to_be_empty()
        assert faults(axe, opened, "moving") == []
        page.keyboard.press("Enter")
        step(page, "resting")
        page.keyboard.press("Enter")
        step(page, "spelling")
        spell(page, hand, words[:1])
        expect(page.get_by_test_id("sitting-word")).to_have_text(words[1]["word"])
        expect(page.get_by_test_id("calibrate-spoken")).to_contain_text(f"낱말 {len(words)}개 중 2번째")
        hand.label = words[1]["labels"][0]
        expect(page.get_by_test_id("sitting-text")).to_have_text(words[1]["labels"][0])
        assert faults(axe, opened, "spelling") == []
        assert opened.fits()
        page.keyboard.press("r")  # once more, from its first letter on
        expect(page.get_by_test_id("sitting-text")).to_have_text("")
        page.keyboard.press("Escape")
        step(page, "none")
        expect(page.locator("#calibrate-primary")).to_be_focused()
    have = httpx.get(f"{url}/v1/wearers/ada").json()["examples"]
    have.pop("rest", None)
    assert have == dict(Counter(words[0]["labels"]))
    assert opened.faults == []


def test_without_a_glove_nothing_begins(url: str, open_page: OpenPage) -> None:
    forget_wearers(url)
    opened = open_page(url, locale="en-GB")
    page = choose(opened)
    page.keyboard.press("m")
    expect(page.get_by_test_id("calibrate-spoken")).to_contain_text("No glove is connected")
    step(page, "none")
    page.keyboard.press("l")
    expect(page.locator("#calibrate-primary")).to_be_focused()
    assert opened.faults == []


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> PageInNode:
    return PageInNode(tmp_path_factory.mktemp("page") / "modules")


_REDUCE = """
import * as sitting from "./views/calibrate/sitting.js";
const words = [{ word: "나", labels: ["ㄴ", "ㅏ"] }, { word: "비", labels: ["ㅂ", "ㅣ"] }];
let state = sitting.began(words, 0);
for (const [name, ...args] of given) state = sitting[name](state, ...args);
console.log(JSON.stringify({
  step: state.step, word: sitting.wordOf(state)?.word ?? null, label: sitting.labelOf(state),
  over: [0, 1000, 5000].map((now) => sitting.isWordOver(state, now)), lacking: sitting.lackingOf(state),
  states: sitting.lettersOf(state).map(({ state }) => state), round: state.round,
}));
"""


def understood(*states: str, complete: bool = False) -> dict[str, Any]:
    letters = [{"label": label, "state": state} for label, state in zip("ㄴㅏ", states, strict=True)]
    return {"letters": letters, "text": "", "complete": complete, "next": 7}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], {"step": "moving", "label": None}),
        ([["resting", 0]], {"step": "resting", "label": "rest"}),
        ([["asking", None, 0]], {"step": "spelling", "label": None}),
        ([["asking", 3, 0]], {"word": "나", "label": "ㄴ", "states": ["waiting", "waiting"], "over": [False] * 3}),
        (
            [["asking", 3, 0], ["understood", understood("found", "waiting"), 0]],
            {"label": "ㅏ", "over": [False] * 3},
        ),
        (
            [["asking", 3, 0], ["understood", understood("found", "unsure"), 0]],
            {"label": "ㅏ", "over": [False, False, True]},
        ),
        (
            [["asking", 3, 0], ["understood", understood("found", "found", complete=True), 0]],
            {"over": [True] * 3},
        ),
        (
            [["asking", 3, 0], ["kept", {"examples": [{"label": "ㄴ"}], "next": 7}, 0]],
            {"word": "비", "label": "ㅂ", "lacking": ["ㅏ", "ㅂ", "ㅣ"], "states": ["waiting", "waiting"]},
        ),
        (
            [["again", [{"word": "아", "labels": ["ㅇ", "ㅏ"]}], 0]],
            {"word": "아", "round": 2, "lacking": []},
        ),
        ([["doubting"]], {"step": "doubts", "label": None}),
    ],
)
def test_a_sitting_step_by_step(modules: PageInNode, events: list[Any], expected: dict[str, Any]) -> None:
    found = modules.run(_REDUCE, events)
    assert {key: found[key] for key in expected} == expected
