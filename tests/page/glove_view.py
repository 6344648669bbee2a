"""The view Glove as its user works it: a hand that shows the steps, and what stands on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
from playwright.sync_api import Locator, Page, expect

from models.adaptation.glove_check import Step
from tests.page.conftest import Opened, wait_until
from tests.wired_glove import Hand, Rewire, stream_to

PAUSE_S: Final = 0.04
"""Between two bursts of a tenth of a second: two and a half times as fast as a glove."""


def gloves(url: str) -> list[str]:
    return [each["glove"] for each in httpx.get(f"{url}/v1/gloves").json()["gloves"]]


def profiles(url: str, name: str) -> list[dict[str, Any]]:
    stored: list[dict[str, Any]] = httpx.get(f"{url}/v1/gloves/{name}/profiles").json()["profiles"]
    return stored


@contextmanager
def worn(url: str, rewire: Rewire, usb: str | None = None) -> Iterator[Hand]:
    """Stream a glove that is wired in this way, with a board of this serial number, while the block runs."""
    hand = Hand(rewire, PAUSE_S)
    with hand.sending(stream_to(url, usb)):
        yield hand


def primary(page: Page) -> Locator:
    return page.locator("#gloves-primary")


def part(page: Page, name: str) -> Locator:
    """Return the row of a finger, or of the motion sensor."""
    return page.get_by_test_id(f"part-{name}")


def codes(page: Page) -> dict[str, str]:
    """Return the code that is found of each part."""
    rows = page.locator("[data-part]").all()
    return {str(row.get_attribute("data-part")): str(row.get_attribute("data-code")) for row in rows}


def wait_for_codes(page: Page, **found: str) -> None:
    """Wait until exactly these parts are found to be so; a part that moves is not named."""
    wait_until(
        lambda: {name: code for name, code in codes(page).items() if code not in {"", "moves"}} == found,
        wait_s=lambda s: page.wait_for_timeout(1000 * s),
    )


def begin(opened: Opened) -> Page:
    """Come to the view from the navigation, and begin by keyboard."""
    page = opened.page
    opened.wait_for_messages(1, "frames")
    page.get_by_role("link", name=re.compile("^(Glove|장갑)$")).click()
    expect(primary(page)).to_be_visible()  # a hidden button takes no focus
    primary(page).focus()
    page.keyboard.press("Enter")
    return page


def wait_for_step(page: Page, step: Step | None) -> None:
    expect(page.locator(".glove-stage")).to_have_attribute("data-step", step or "")


def show(opened: Opened, hand: Hand, *steps: Step) -> None:
    """Show these steps, which the page asks for, by keyboard."""
    for step in steps:
        wait_for_step(opened.page, step)
        hand.step = step
        opened.wait_for_messages(3, "frames")
        opened.page.keyboard.press("Enter")
        expect(opened.page.locator(".glove-stage")).not_to_have_attribute("data-step", step)


def store(page: Page, name: str) -> None:
    """Type the name into the field, which has the focus, and store the profile."""
    expect(page.get_by_label(re.compile("Name of the glove|장갑 이름"))).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("glove-stored")).to_be_focused()
