"""Tests of the gloves on the page: their profiles, the glove that it reads itself, and what the service refuses."""

from __future__ import annotations

import json
import os
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from models.adaptation.glove_check import STEPS
from scaleglove.channels import FLEX
from scaleglove.client.gloves import Glove
from tests.models.adaptation.test_glove_check import session as all_steps
from tests.page.conftest import OpenPage, wait_until
from tests.page.glove_view import (
    PAUSE_S,
    begin,
    gloves,
    profiles,
    show,
    store,
    worn,
)
from tests.page.serial_cable import plugged, script
from tests.wired_glove import Frames, Hand, right_wires, write_lines, wrong_wires


@pytest.fixture
def terminal() -> Iterator[tuple[int, Path]]:
    """Yield a pseudo-terminal: the glove's end, and the path of the page's."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    yield master, Path(os.ttyname(slave))
    os.close(slave)
    os.close(master)


def test_a_glove_that_the_page_reads_itself_uses_its_profile_from_then_on(
    url: str, open_page: OpenPage, terminal: tuple[int, Path]
) -> None:
    master, path = terminal
    hand = Hand(wrong_wires, PAUSE_S)

    def used() -> str | None:
        name: str | None = [each for each in opened.received if each["type"] == "started"][-1].get("glove")
        return name

    def wait(s: float) -> None:
        opened.page.wait_for_timeout(1000 * s)

    with plugged(path) as cable, hand.sending(write_lines(master)):
        opened = open_page(url, script=script(cable.address), cable=cable.address)
        page = opened.page
        page.locator("#connect-start").click()
        begin(opened)
        show(opened, hand, *STEPS[:2])
        for _ in STEPS[2:]:
            page.keyboard.press("s")
        store(page, "blue")
        expect(page.get_by_test_id("glove-use")).to_have_text(
            "This page reads your glove with this profile from now on."
        )
        wait_until(lambda: used() == "blue", wait_s=wait)
        expect(page.get_by_text("another stream")).to_be_hidden()
        page.add_init_script(script(cable.address, is_granted=True))
        page.reload()
        opened.wait_for_messages(1, "started")
        wait_until(lambda: used() == "blue", wait_s=wait)
        page.get_by_test_id("use-glove").click()  # without it
        wait_until(lambda: used() is None, wait_s=wait)
        page.get_by_role("button", name="Read my glove with this").click()
        wait_until(lambda: used() == "blue", wait_s=wait)

        httpx.delete(f"{url}/v1/gloves/blue").raise_for_status()
        page.reload()
        page.get_by_role("link", name="Live").click()
        expect(page.locator("#connect-failed")).to_contain_text("The profile “blue” cannot be used.")
        page.locator("#connect-start").click()
        opened.wait_for_messages(1, "frames")
        assert used() is None
    assert [fault for fault in opened.faults if "WebSocket" not in fault] == []  # closed by the page itself


def test_the_gloves_of_the_service_are_listed_activated_moved_and_deleted(
    url: str, open_page: OpenPage, tmp_path: Path
) -> None:
    for name, hands in (("blue", ("right", "left")), ("red", ("right",))):
        Glove(url, name).create()
        for hand in hands:
            Glove(url, name).calibrate({str(step): frames for step, frames in all_steps().items()}, hand)
    opened = open_page(url)
    page = opened.page
    page.get_by_role("link", name="Glove", exact=True).click()
    listed = page.get_by_test_id("glove-profiles").get_by_role("listitem")
    expect(listed).to_have_count(2)
    expect(listed.first).to_contain_text("left hand, all sensors fine")
    page.get_by_role("button", name="Use profile 1").click()
    expect(page.get_by_role("button", name="Use profile 2")).to_be_focused()
    assert [each["active"] for each in profiles(url, "blue")] == [True, False]
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download").click()
    assert downloading.value.suggested_filename == "blue.scaleglove.json"
    file = tmp_path / "blue.json"
    downloading.value.save_as(file)

    page.get_by_test_id("glove-file").set_input_files(file)
    expect(page.get_by_test_id("replace-glove")).to_contain_text("A glove with this name already exists.")
    expect(page.get_by_role("button", name="Replace it")).to_be_focused()
    page.get_by_role("button", name="Use profile 2").click()
    expect(page.get_by_role("button", name="Use profile 1")).to_be_visible()
    page.get_by_role("button", name="Replace it").click()
    expect(page.get_by_test_id("replace-glove")).to_be_hidden()
    expect(page.get_by_role("button", name="Use profile 2")).to_be_visible()

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete").click()
    assert gloves(url) == ["blue", "red"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_test_id("kept-gloves").get_by_role("option")).to_have_text(["red"])
    assert gloves(url) == ["red"]
    page.get_by_test_id("glove-file").set_input_files(file)
    expect(page.get_by_test_id("kept-gloves")).to_have_value("blue")
    page.get_by_test_id("kept-gloves").select_option("red")
    expect(listed).to_have_count(1)
    file.write_text(file.read_text().replace("blue", "bleu"))
    page.get_by_test_id("glove-file").set_input_files(file)
    expect(page.get_by_test_id("gloves-failed")).to_have_text("This file is not a valid export.")
    refused = ("409", "422")  # the browser's own message
    assert [fault for fault in opened.faults if not any(status in fault for status in refused)] == []


def answered(status: int, code: str) -> Callable[[Any], None]:
    """Return a handler that answers a request as the service refuses it."""
    body = json.dumps({"status": status, "code": code, "detail": "words of the service"})
    return lambda route: route.fulfill(status=status, content_type="application/problem+json", body=body)


def test_what_the_service_refuses_is_said_in_words_and_can_be_tried_again(url: str, open_page: OpenPage) -> None:
    Glove(url, "blue").create()
    opened = open_page(url)
    with worn(url, right_wires) as hand:
        page = begin(opened)
        failed = page.get_by_test_id("gloves-failed")
        page.route("**/v1/glove-checks", lambda route: route.abort())
        show(opened, hand, *STEPS[:2])
        for _ in STEPS[2:]:
            page.keyboard.press("s")
        expect(failed).to_have_text("The service did not answer.")
        expect(page.get_by_label("Name of the glove")).to_be_hidden()
        page.unroute("**/v1/glove-checks")
        page.get_by_role("button", name="Try again").click()
        expect(failed).to_have_text("")
        expect(page.get_by_label("Name of the glove")).to_be_focused()
        for status, code, text in (
            (401, "unauthorized", "The service does not accept this token."),
            (403, "forbidden", "Your token does not allow this."),
            (404, "unknown_glove", "The service does not know this glove."),
            (422, "invalid_request", "The service answered: words of the service"),
            (507, "storage_full", "The service's storage is full."),
        ):
            page.route("**/calibrate", answered(status, code))
            page.get_by_role("button", name="blue", exact=True).click()
            expect(failed).to_have_text(text)
            page.unroute("**/calibrate")
        page.get_by_role("button", name="blue", exact=True).click()
        expect(page.get_by_test_id("glove-stored")).to_have_text("Profile 1 of “blue” is stored.")
        expect(failed).to_have_text("")
        page.get_by_role("button", name="Open hand: shown").click()
        show(opened, hand, "open")
        expect(page.get_by_label("Name of the glove")).to_have_value("blue")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("glove-stored")).to_have_text("Profile 2 of “blue” is stored.")
    assert [fault for fault in opened.faults if "Failed to load resource" not in fault] == []


def test_the_way_to_the_check_is_shown_where_a_glove_is_odd(url: str, open_page: OpenPage) -> None:
    opened = open_page(url)
    page = opened.page
    link = page.locator("#check-glove a")

    def twelve_bits(frames: Frames) -> None:
        frames[:, FLEX] *= 4

    with worn(url, twelve_bits):
        expect(link).to_have_text("Check the wires")
        link.click()
        expect(page.get_by_test_id("glove-task")).to_have_text("Check your glove")
    assert opened.faults == []
