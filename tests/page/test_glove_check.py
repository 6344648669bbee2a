"""Tests of the check of a glove on the page: gloves whose fingers are wired wrongly, on a real service."""

from __future__ import annotations

import re

import httpx
import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from models.adaptation.glove_check import STEPS
from scaleglove.client import SyncGloveStream
from tests.deadlines import EVENT_S
from tests.page.conftest import PHONE, OpenPage, streams, wait_until
from tests.page.glove_view import (
    begin,
    codes,
    gloves,
    part,
    primary,
    profiles,
    show,
    store,
    wait_for_codes,
    wait_for_step,
    worn,
)
from tests.page.test_accessibility import faults
from tests.wired_glove import Frames, right_wires, wrong_wires


def badly_wired(frames: Frames) -> None:
    """Reverse the thumb's sensor, cut the index finger's, swap middle and ring, and pull the little one's to a rail."""
    wrong_wires(frames)
    frames[:, 4] = 4095


def test_each_fault_is_reported_step_by_step_and_the_profile_is_stored_and_used(url: str, open_page: OpenPage) -> None:
    opened = open_page(url)
    with worn(url, badly_wired) as hand:
        page = begin(opened)
        expect(page.get_by_test_id("gloves-spoken")).to_have_text("1 of 10: Open hand All fingers straight.")
        expect(primary(page)).to_be_focused()
        show(opened, hand, "open")
        wait_for_codes(page, little="at_rail")
        expect(part(page, "little")).to_contain_text("Change the resistor of its divider")
        show(opened, hand, "fist")
        wait_for_codes(page, thumb="reversed", index="does_not_move", little="at_rail")
        expect(page.get_by_test_id("gloves-found")).to_contain_text(
            "Thumb: moves, reversed. Index finger: does not move."
        )
        expect(part(page, "index")).to_contain_text("Check its wires and its resistor.")
        show(opened, hand, "thumb", "index", "middle")
        wait_for_codes(page, thumb="reversed", index="does_not_move", ring="follows_neighbour", little="at_rail")
        expect(part(page, "ring")).to_contain_text("follows another finger: middle finger")
        show(opened, hand, *STEPS[5:])
        expect(page.get_by_test_id("glove-prompt")).to_have_text("Nothing more is needed: store the profile below.")
        wait_for_codes(
            page,
            thumb="reversed",
            index="does_not_move",
            middle="follows_neighbour",
            ring="follows_neighbour",
            little="at_rail",
        )
        assert codes(page)["motion"] == "moves"
        expect(page.get_by_test_id("gloves-found")).to_have_text("Motion sensor: turns with the hand.")
        store(page, "blue")
        expect(page.get_by_test_id("glove-stored")).to_have_text("Profile 1 of “blue” is stored.")
        unused = "Index finger, Middle finger, Ring finger, Little finger"
        expect(page.get_by_test_id("glove-missing")).to_contain_text(unused)
        expect(page.locator(".stored pre")).to_have_text("scaleglove bridge --glove blue")
        assert faults(Axe(), opened, "after a check") == []
    (made,) = profiles(url, "blue")
    assert made["profile"]["missing"] == ["flex2", "flex3", "flex4", "flex5"]
    assert [each["code"] for each in made["findings"]] == list(codes(page).values())

    with SyncGloveStream(url, glove="blue") as stream:
        assert stream.started.glove_profile == 1
        stream.send([0], [[800.0] * 5 + [0.0] * 3])
        expect(page.get_by_test_id("glove-use")).to_have_text("This glove is already read with its newest profile.")
        expect(page.locator(".stored pre")).to_be_hidden()
        page.get_by_role("link", name="Live").click()
        expect(page.locator("#fact-glove")).to_have_text("blue, profile 1")
    assert opened.faults == []


def test_a_glove_is_tied_to_the_board_of_its_bridge(url: str, open_page: OpenPage) -> None:
    board = "10c4:ea60:0F3A21"
    opened = open_page(url)
    with worn(url, right_wires, board) as hand:
        page = begin(opened)
        show(opened, hand, *STEPS)
        store(page, "tied")
        expect(page.get_by_test_id("glove-use")).to_have_text("This glove is already read with its newest profile.")
        page.get_by_role("link", name="Live").click()
        expect(page.locator("#fact-glove")).to_have_text("tied, profile 1")
    assert httpx.get(f"{url}/v1/gloves/tied", timeout=EVENT_S).json()["usb"] == board
    assert opened.faults == []


def loosely_wired(frames: Frames) -> None:
    """Loosen the wire of the index, leave out the sensor of the little finger, and let the motion sensor hang."""
    frames[:, 1] += np.random.default_rng(int(frames[0, 0] * 1e6)).normal(0, 150, len(frames))
    frames[:, 4] = np.nan
    frames[:, 5:] = 0.0


def test_a_left_glove_with_a_loose_wire_is_checked_on_a_phone_in_korean(url: str, open_page: OpenPage) -> None:
    opened = open_page(url, size=PHONE, locale="ko", color_scheme="dark")
    with worn(url, loosely_wired) as hand:
        page = begin(opened)
        page.get_by_label("왼손 장갑이에요").check()
        primary(page).focus()
        show(opened, hand, *STEPS)
        wait_for_codes(page, index="noisy", little="does_not_move", motion="does_not_move")
        expect(part(page, "index")).to_contain_text("느슨한 선")
        expect(part(page, "little")).to_contain_text("숫자를 보내지 않아요")
        expect(part(page, "motion")).to_contain_text("모든 자세에서 값이 같아요")
        assert opened.fits()
        store(page, "파란")
        expect(page.get_by_test_id("glove-stored")).to_have_text("‘파란’의 프로필 1을(를) 저장했어요.")
        assert opened.fits()
    (made,) = profiles(url, "파란")
    assert (made["profile"]["hand"], made["profile"]["missing"]) == ("left", ["flex2", "flex5", "pitch", "roll"])
    assert opened.faults == []


def test_what_is_skipped_is_asked_for_and_any_step_can_be_shown_again(url: str, open_page: OpenPage) -> None:
    opened = open_page(url)
    with worn(url, wrong_wires) as hand:
        page = begin(opened)
        show(opened, hand, "open")
        for step in STEPS[1:]:
            wait_for_step(page, step)
            page.keyboard.press("s")
        expect(page.get_by_test_id("glove-prompt")).to_have_text("Still needed for a profile: Fist.")
        expect(page.get_by_test_id("gloves-spoken")).to_have_text("Still needed for a profile: Fist.")
        page.get_by_role("button", name="Fist: skipped").press("Enter")
        show(opened, hand, "fist")
        wait_for_codes(page, thumb="reversed", index="does_not_move")
        hand.rewire = right_wires  # mended, at another converter
        for step in ("open", "fist"):
            page.get_by_role("button", name=re.compile(f"^{'Open hand' if step == 'open' else 'Fist'}: shown")).click()
            show(opened, hand, step)
        wait_for_codes(page)
        expect(page.get_by_label("Name of the glove")).to_be_focused()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_test_id("glove-task")).to_have_text("Check your glove")
        expect(primary(page)).to_be_focused()
        assert set(codes(page).values()) == {""}
    assert gloves(url) == []
    assert opened.faults == []


def test_a_step_can_be_stopped_and_the_one_before_be_shown_again(url: str, open_page: OpenPage) -> None:
    opened = open_page(url)
    with worn(url, right_wires) as hand:
        page = begin(opened)
        show(opened, hand, "open")
        wait_for_step(page, "fist")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("glove-prompt")).to_have_text("Make the shape")
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("glove-prompt")).to_contain_text("Press Enter")
        opened.wait_for_messages(60, "frames")  # more than a countdown and a step take
        wait_for_step(page, "fist")
        page.keyboard.press("r")
        wait_for_step(page, "open")
        expect(page.get_by_role("button", name="Step back")).to_have_attribute("aria-disabled", "true")
    assert opened.faults == []


def test_a_glove_that_stops_sending_is_reported_and_what_was_shown_is_kept(url: str, open_page: OpenPage) -> None:
    opened = open_page(url)
    with worn(url, wrong_wires) as hand:
        page = begin(opened)
        show(opened, hand, "open")
        wait_for_step(page, "fist")
        page.keyboard.press("Enter")
        with hand.silence():
            expect(page.get_by_test_id("glove-prompt")).to_contain_text("The glove stopped sending.")
            expect(page.get_by_test_id("gloves-spoken")).to_contain_text("The glove stopped sending.")
            page.keyboard.press("Enter")
            expect(page.get_by_test_id("gloves-spoken")).to_have_text("No glove is sending now.")
            wait_for_step(page, "fist")
            for bar in page.locator(".fingers .reading-now").all():
                expect(bar).to_have_text("–")
    wait_until(lambda: not streams(url))
    expect(page.get_by_text("What you have shown is kept.")).to_be_visible()
    with worn(url, wrong_wires) as hand:
        expect(page.get_by_text("another stream")).to_be_visible()
        show(opened, hand, "fist")
        wait_for_codes(page, thumb="reversed", index="does_not_move")
        expect(page.get_by_text("another stream")).to_be_hidden()
    assert opened.faults == []


def test_the_bars_follow_the_fingers(url: str, open_page: OpenPage) -> None:
    opened = open_page(url)
    page = opened.page
    page.get_by_role("link", name="Glove", exact=True).click()
    with worn(url, right_wires) as hand:
        share = "name => document.querySelector(`[data-part=${name}] .bar`).style.getPropertyValue('--share') || '0'"

        def shares(name: str) -> float:
            return float(page.evaluate(share, name))

        def wait(s: float) -> None:
            page.wait_for_timeout(1000 * s)

        opened.wait_for_messages(5, "frames")  # of the open hand
        hand.step = "index"
        wait_until(lambda: shares("index") > 0.9 and shares("thumb") < 0.9, wait_s=wait)
        hand.step = "open"
        wait_until(lambda: shares("index") < 0.1, wait_s=wait)
        hand.step = "index"
        wait_until(lambda: shares("index") > 0.9, wait_s=wait)
        assert 700 < int(part(page, "index").locator(".reading-now").inner_text()) < 1023
    assert opened.faults == []
