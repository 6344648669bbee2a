"""A user teaches a sign of their own on the page, with the keyboard alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.firmware_bridge.calibration_wizard.streaming_hand import Glove
from tests.page.conftest import TIMEOUT_S, OpenPage
from tests.page.test_accessibility import Axe, faults


@pytest.fixture
def ada(stateful_service: str) -> str:
    """Return the address of the service, which has a profile of Ada: a stream can name no wearer without one."""
    url = stateful_service
    httpx.post(f"{url}/v1/wearers", json={"wearer": "ada"}).raise_for_status()
    shapes = {each["label"]: each["frame"] for each in httpx.get(f"{url}/v1/letters").json()["letters"]}
    for letter in "ㄱㄴ":
        example = {"label": letter, "frames": [shapes[letter]] * 80}
        httpx.post(f"{url}/v1/wearers/ada/examples", json=example).raise_for_status()
    httpx.post(f"{url}/v1/wearers/ada/calibrate", timeout=TIMEOUT_S).raise_for_status()
    return url


def profiles(url: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = httpx.get(f"{url}/v1/wearers/ada/profiles", timeout=TIMEOUT_S).json()["profiles"]
    return listed


def spoken(page: Page, text: str) -> None:
    """Wait until the announcement for screen readers contains a text."""
    expect(page.get_by_test_id("calibrate-spoken")).to_contain_text(text)


def tab_to(page: Page, control: str) -> None:
    """Press Tab until the control that `control` selects has the focus."""
    for _ in range(60):
        if page.evaluate("control => document.activeElement.matches(control)", control):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {control}")


def begin(page: Page) -> None:
    """Open the calibration of Ada, and the field for the name of a sign."""
    tab_to(page, "#to-calibrate")
    page.keyboard.press("Enter")
    tab_to(page, "[data-name=ada]")
    page.keyboard.press("Enter")
    spoken(page, "Show rest")


def name_sign(page: Page, name: str) -> None:
    page.keyboard.press("t")
    expect(page.get_by_label("Name of the sign")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def show_three_times(page: Page, sign: str) -> None:
    for number in (1, 2, 3):
        spoken(page, f"Show {sign}.")
        expect(page.locator("#calibrate-task")).to_have_text(f"Show your sign: {number} of 3")
        page.keyboard.press("Enter")
        spoken(page, "Get ready. Hold the shape")


def test_a_sign_is_taught_recognised_and_deleted_by_keyboard_alone(ada: str, open_page: OpenPage) -> None:
    with Glove(ada, wearer="ada").streaming():
        opened = open_page(ada)
        page = opened.page
        opened.wait_for_state("No matching letter")  # the arm hangs down
        begin(page)
        name_sign(page, "ㄱ")
        opened.wait_for_text("sign-fault", "a label of the model already")
        page.keyboard.press("Control+a")
        page.keyboard.type("thumbs up")
        page.keyboard.press("Enter")
        show_three_times(page, "thumbs up")
        spoken(page, "“thumbs up” is recognised from now on, as a hand shape that is held.")
        profile = profiles(ada)[-1]
        assert [each["label"] for each in profile["signs"]] == ["thumbs up"]
        assert profile["examples"] == {"ㄱ": 1, "ㄴ": 1, "thumbs up": 3}
        opened.wait_for_text("calibrate-signs", "hand shape, 3 examples")
        expect(page.get_by_text("already uses your profile").locator("visible=true")).to_be_visible()

        assert faults(Axe(), opened, "taught") == []
        name_sign(page, "another")
        spoken(page, "Show another.")
        page.keyboard.press("Enter")
        spoken(page, "Please record it again: similar to your thumbs up.")  # the same hand
        page.keyboard.press("k")
        spoken(page, "Show another.")
        expect(page.get_by_role("img", name="Hand shape of another")).to_be_hidden()  # a poor example is no picture
        page.keyboard.press("c")
        opened.wait_for_text("calibrate-alike", "“another” is too close to thumbs up")
        tab_to(page, "#signs-alone")
        expect(page.locator("#signs-alone")).to_have_attribute("aria-disabled", "false")  # nothing is being saved
        page.keyboard.press("Space")
        expect(page.get_by_label("Nothing but my own signs")).to_be_checked()
        opened.wait_for_text("calibrate-profiles", "Profile 4")
        assert profiles(ada)[-1]["alone"]

        page.on("dialog", lambda dialog: dialog.accept())
        tab_to(page, "[data-forget=another]")
        page.keyboard.press("Enter")
        opened.wait_for_text("calibrate-profiles", "Profile 5")
        expect(page.get_by_test_id("calibrate-signs")).not_to_contain_text("another")
        assert not profiles(ada)[-1]["alone"]  # with one sign there is nothing to tell apart

        page.get_by_role("link", name="Live").focus()
        page.keyboard.press("Enter")
        opened.wait_for_text("letter", "thumbs up")
        page.get_by_role("link", name="Calibrate").focus()
        page.keyboard.press("Enter")
        tab_to(page, "[data-forget='thumbs up']")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("calibrate-signs")).to_be_hidden()
        assert profiles(ada)[-1]["signs"] == []
        assert opened.faults == []
