"""A visitor calibrates the demo, whose emulated hand shows the letters that are asked for."""

from __future__ import annotations

import signal
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from scaleglove.channels import CHANNELS
from scaleglove.client import predict
from scaleglove.letters import LETTERS
from tests.page.conftest import TIMEOUT_S, Opened, OpenPage, Start, streams, wait_until
from tests.page.test_calibrate import letter_by_letter
from tests.processes import run_command

SHOWN = 5
"""Examples that the visitor takes: two of rest, and three letters."""


def walk_through(opened: Opened, wearer: str) -> list[str]:
    """Take SHOWN examples by keyboard, without touching a glove, and calibrate with them; return their labels."""
    page = opened.page
    page.get_by_role("link", name="Calibrate").click()
    page.get_by_label("New name").fill(wearer)
    page.keyboard.press("Enter")
    letter_by_letter(page)
    primary = page.locator("#calibrate-primary")
    expect(primary).to_contain_text("Record")
    expect(page.get_by_test_id("calibrate-now")).to_have_text("There is no letter to calibrate with yet.")
    labels = []
    for number in range(SHOWN):
        expect(primary).to_contain_text("Record")
        labels.append(page.get_by_test_id("target").inner_text())
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("calibrate-latest").locator("li[data-grade]")).to_have_count(number + 1)
    expect(primary).to_contain_text("Record")  # none of them is poor
    expect(page.get_by_test_id("calibrate-now")).to_contain_text("Calibrating now uses 3 letters.")
    page.keyboard.press("c")
    expect(page.get_by_test_id("calibrate-profiles")).to_contain_text("in use")
    return labels


def check(url: str, wearer: str, labels: list[str]) -> None:
    """Check the profile, and that each example is what it is called: the model knows the letters of the emulator."""
    assert labels[:2] == ["rest", "rest"]
    assert len(set(labels[2:]) & set(LETTERS)) == SHOWN - 2
    info = read(f"{url}/v1/wearers/{wearer}")
    assert info["examples"] == {"rest": 2} | dict.fromkeys(sorted(labels[2:]), 1)
    (profile,) = info["profiles"]
    assert profile["active"]
    examples = read(f"{url}/v1/wearers/{wearer}/examples")["examples"]
    assert all(each["quality"] > 0.5 for each in examples)
    shown = read(f"{url}/v1/wearers/{wearer}/export")["content"]["examples"][2:]
    windows = [np.frombuffer(b64decode(each["window"]), "<f4").reshape(-1, len(CHANNELS)) for each in shown]
    # Each is held in a style of its own, so another letter may be as near.
    for example, prediction in zip(shown, predict(url, windows), strict=True):
        assert example["label"] in [candidate.label for candidate in prediction.top_k]


def read(url: str) -> Any:
    response = httpx.get(url, timeout=TIMEOUT_S)
    assert response.status_code == 200, response.text
    return response.json()


def spells_again(opened: Opened, page: Page) -> None:
    """Leave the calibration, and wait until the hand signs its text."""
    page.get_by_role("link", name="Live").click()
    opened.wait_for_messages(2, "gesture")


@pytest.fixture
def demo(start: Start) -> Iterator[str]:
    """Run the demo until the test ends, and yield the address of its page."""
    demo = start("demo", "--port", "0", "--text", "ㄱㄴ")
    try:
        url = next(line for line in demo.lines() if line.startswith("The page: ")).rpartition(" ")[2]
        wait_until(lambda: streams(url))
        yield url
    finally:
        demo.stop(signal.SIGINT)  # its children end with it


def test_a_visitor_of_the_demo_comes_to_an_active_profile(demo: str, open_page: OpenPage) -> None:
    (stream,) = streams(demo)
    assert "show" in stream["commands"]
    opened = open_page(demo)
    opened.wait_for_state("Reading the glove")
    labels = walk_through(opened, "visitor")
    check(demo, "visitor", labels)
    spells_again(opened, opened.page)
    assert opened.faults == []


def test_the_command_calibrates_by_the_demo_too(demo: str) -> None:
    command = ["calibrate", "--url", demo, "--wearer", "typist", "--countdown", "1"]
    run = run_command(*command, input="\n" * SHOWN + "c\n")
    assert run.returncode == 0, run.stderr
    assert run.stderr.count("is kept") == SHOWN
    assert "5 examples of 3 of 24 letters" in run.stderr
    labels = list(read(f"{demo}/v1/wearers/typist")["examples"])
    check(demo, "typist", ["rest", "rest", *(label for label in labels if label != "rest")])


def teach(page: Page, sign: str) -> None:
    """Teach a sign by keyboard, and let the page's own glove use the profile."""
    page.keyboard.press("t")
    page.keyboard.type(sign)
    page.keyboard.press("Enter")
    for number in (1, 2, 3):
        expect(page.locator("#calibrate-task")).to_have_text(f"Show your sign: {number} of 3")
        expect(page.locator("#calibrate-primary")).to_contain_text("Record")
        expect(page.get_by_test_id("calibrate-spoken")).to_contain_text(f"Show {sign}.")
        page.keyboard.press("Enter")
    expect(page.get_by_test_id("calibrate-taught")).to_contain_text(f"“{sign}” is recognised")
    page.get_by_role("region", name="Taught").get_by_role("button", name="Use it with this glove").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("already uses your profile").locator("visible=true")).to_be_visible()


def test_the_pages_own_demo_glove_answers_too_and_learns_a_sign(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    opened.page.get_by_role("button", name="Start a demo glove").click()
    opened.wait_for_state("Reading the glove")
    labels = walk_through(opened, "guest")
    check(service, "guest", labels)
    teach(opened.page, "wave")
    expect(opened.page.get_by_test_id("calibrate-profiles")).to_contain_text("Profile 2")
    opened.page.get_by_role("link", name="Live").click()
    opened.wait_for_text("letter", "wave")  # it signs what it was taught after its text
    spells_again(opened, opened.page)
    assert opened.faults == []
