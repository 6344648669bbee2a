"""A user says on the page what doubtful shapes were, by keyboard, with a glove whose answers are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from scaleglove.client import predict
from scaleglove.letter_templates import load_templates
from tests.firmware_bridge.calibration_wizard.streaming_hand import WINDOW_FRAMES, Glove, hold, taken
from tests.page.conftest import Opened, OpenPage, streams, wait_until
from tests.page.test_accessibility import Axe, faults
from tests.page.test_calibrate import begin

OFFSET: Final = np.array([10, -8, 12, -10, 8, 14, -12, 20], np.float32)
"""A hand that holds every letter otherwise than those in the training data."""

FRAME_MS: Final = 20

LINE: Final = "ㄱㅏㄴㅗㄷㅣㄹㅜㅁㅓㅂㅡ"


def held(label: str) -> np.ndarray:
    """Return the hand, float32[8], that holds a letter."""
    return OFFSET + np.array(load_templates().letters[label].mean, np.float32)


@dataclass
class Signed:
    """A service to which the hand has signed a line, and the frame from which on it held each label."""

    url: str
    since: list[tuple[int, str]] = field(default_factory=list)

    def truth(self, doubt: dict[str, Any]) -> str:
        """Return what a shape was: the label in the middle of its hold, since the service is a little behind."""
        middle = doubt["t_ms"] / FRAME_MS + WINDOW_FRAMES / 2
        return [label for frame, label in self.since if frame <= middle][-1]


def forget_wearers(url: str) -> None:
    for each in httpx.get(f"{url}/v1/wearers").json()["wearers"]:
        httpx.delete(f"{url}/v1/wearers/{each['wearer']}").raise_for_status()


@pytest.fixture
def signed(url: str) -> Iterator[Signed]:
    """Yield the service while its glove rests after the line."""
    forget_wearers(url)
    glove = Glove(url, offset=OFFSET.tolist())
    with glove.streaming():
        signed = Signed(url, [(0, "rest")])
        for label in (*LINE, "rest"):
            signed.since.append((taken(url), label))
            glove.label = label
            hold(url)
        yield signed


def doubts(opened: Opened) -> list[dict[str, Any]]:
    """Ask by keyboard; return the questions that the page receives."""
    with opened.page.expect_response(lambda response: "/doubts?" in response.url) as received:
        opened.page.keyboard.press("d")
    listed: list[dict[str, Any]] = received.value.json()["doubts"]
    return listed


def wait_until_settled(page: Page) -> None:
    """Wait until no request is pending, during which keys do nothing."""
    expect(page.get_by_role("button", name="No letter")).to_have_attribute("aria-disabled", "false")


def answer(page: Page, doubt: dict[str, Any], label: str) -> None:
    """Answer by the key of a candidate, or by the list of all letters."""
    candidates = [each["label"] for each in doubt["candidates"]]
    wait_until_settled(page)
    expect(page.get_by_test_id("doubt-question")).to_contain_text(f"[{doubt['letter'] or 'nothing written'}]")
    with page.expect_response(lambda response: response.url.endswith("/examples")) as kept:
        if label == "rest":
            page.keyboard.press("0")
        elif label in candidates:
            page.keyboard.press(str(candidates.index(label) + 1))
        else:
            page.get_by_label("Another letter").select_option(label)
            page.get_by_role("button", name="This one").click()
    assert kept.value.status == 201
    example = kept.value.json()
    assert (example["label"], example["source"]) == (label, "stream")


def right(url: str, wearer: str | None) -> int:
    """Return how many letters of the hand are recognised, with windows that are no examples."""
    rng = np.random.default_rng(1)
    windows = [held(letter) + rng.normal(0, [3] * 5 + [0.5] * 3, (60, 8)) for letter in LINE]
    found = predict(url, windows, wearer=wearer)
    return sum(each.label == letter for each, letter in zip(found, LINE, strict=True))


def test_answers_make_the_profile_better(signed: Signed, open_page: OpenPage) -> None:
    opened = open_page(signed.url)
    opened.wait_for_messages(1, "frames")
    page = begin(opened, is_receiving=False)
    asked = doubts(opened)
    assert len(asked) == 6
    shapes = []
    while asked:
        doubt, *asked = asked
        expect(page.get_by_test_id("doubt")).to_be_visible()
        shapes.append(doubt["shape"])
        if asked:
            answer(page, doubt, signed.truth(doubt))
            continue
        with page.expect_response(lambda response: "/doubts?" in response.url) as received:  # after the last answer
            answer(page, doubt, signed.truth(doubt))
        asked = received.value.json()["doubts"]
    expect(page.get_by_test_id("doubt-question")).to_contain_text("nothing left to ask about")
    expect(page.locator("#doubt-ask")).to_have_attribute("aria-disabled", "false")
    assert len(set(shapes)) == len(shapes) >= len(LINE)
    assert set(LINE) <= set(httpx.get(f"{signed.url}/v1/wearers/ada").json()["examples"])
    page.keyboard.press("c")
    expect(page.get_by_test_id("calibrate-profiles")).to_contain_text("in use")
    assert right(signed.url, None) < len(LINE)
    assert right(signed.url, "ada") == len(LINE)
    assert opened.faults == []


def test_a_question_is_passed_and_an_answer_taken_back(signed: Signed, open_page: OpenPage) -> None:
    opened = open_page(signed.url)
    opened.wait_for_messages(1, "frames")
    page = begin(opened, is_receiving=False)
    first, second, *_ = doubts(opened)
    assert faults(Axe(), opened, "asked") == []
    page.keyboard.press("p")
    answer(page, second, signed.truth(second))
    examples = f"{signed.url}/v1/wearers/ada/examples"
    assert [each["label"] for each in httpx.get(examples).json()["examples"]] == [signed.truth(second)]
    wait_until_settled(page)
    page.keyboard.press("u")
    wait_until(lambda: not httpx.get(examples).json()["examples"], wait_s=lambda s: page.wait_for_timeout(1000 * s))
    assert first["shape"] != second["shape"]
    assert opened.faults == []


def test_a_hand_that_has_held_nothing_is_asked_nothing(url: str, open_page: OpenPage) -> None:
    opened = open_page(url)
    page = begin(opened, is_receiving=False)
    page.keyboard.press("d")
    expect(page.get_by_test_id("calibrate-spoken")).to_contain_text("No glove is connected")
    assert not streams(url)
    assert opened.faults == []


@pytest.mark.parametrize("is_known", [True, False])
def test_a_letter_of_the_line_is_corrected_by_a_click(url: str, open_page: OpenPage, is_known: bool) -> None:
    forget_wearers(url)
    glove = Glove(url, offset=[0.0] * 8)
    with glove.streaming():
        opened = open_page(url)
        opened.wait_for_messages(1, "frames")
        if is_known:
            begin(opened, is_receiving=False).get_by_role("link", name="Live").click()
        glove.label = "ㄱ"
        page = opened.page
        page.get_by_role("button", name="ㄱ: correct").click()
        glove.label = "rest"
        page.get_by_label("What was this, instead of ㄱ?").select_option("ㅋ")
        assert faults(Axe(), opened, "corrected") == []
        page.get_by_role("button", name="This one").click()
        if is_known:
            opened.wait_for_text("correction-result", "Kept as an example of ㅋ of ada")
            assert httpx.get(f"{url}/v1/wearers/ada").json()["examples"] == {"ㅋ": 1}
        else:
            opened.wait_for_text("correction-result", "Choose a wearer in the view Calibrate first")
        assert opened.faults == []
