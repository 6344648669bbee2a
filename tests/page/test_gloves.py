"""Tests of the check of a glove on the page: gloves whose fingers are wired wrongly, on a real service."""

from __future__ import annotations

import json
import os
import re
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Locator, Page, expect

from firmware_bridge.codec.events import DeviceRestarted, FrameRead
from firmware_bridge.glove_wizard.session import StepTake
from models.adaptation.glove_check import STEPS, Step
from scaleglove.channels import FLEX
from scaleglove.client import SyncGloveStream
from scaleglove.client.gloves import Glove
from tests.deadlines import EVENT_S
from tests.live_service import live_service
from tests.models.adaptation.test_glove_check import session as all_steps
from tests.page.conftest import PHONE, Opened, OpenPage, streams, wait_until
from tests.page.serial_cable import plugged, script
from tests.page.test_accessibility import faults
from tests.wired_glove import Frames, Hand, Rewire, right_wires, stream_to, write_lines, wrong_wires

PAUSE_S: Final = 0.04
"""Between two bursts of a tenth of a second: two and a half times as fast as a glove."""


@pytest.fixture(scope="module")
def own_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a service whose gloves are those of this module."""
    with live_service(database_url=f"sqlite:///{tmp_path_factory.mktemp('state')}/gloves.db") as server:
        yield server.url


@pytest.fixture
def url(own_service: str) -> str:
    """Return the address of the service without the streams and gloves of earlier tests."""
    wait_until(lambda: not streams(own_service))
    for name in gloves(own_service):
        httpx.delete(f"{own_service}/v1/gloves/{name}").raise_for_status()
    return own_service


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


@pytest.fixture
def idle(url: str, open_page: OpenPage) -> Page:
    """Return a page for its pure modules alone."""
    return open_page(url).page


_TAKE = """async batches => {
  const { StepTake } = await import("/views/gloves/step_take.js");
  const take = new StepTake();
  for (const times of batches) take.add({ t_ms: times, values: times.map(time => [time]) });
  return [take.isDone, take.frames.map(([time]) => time)];
}"""


def test_a_step_is_taken_as_the_command_line_takes_it(idle: Page) -> None:
    @given(st.integers(1, 1500), st.lists(st.integers(1, 400), min_size=1, max_size=8), st.booleans())
    @settings(max_examples=40, deadline=None, database=None)
    def check(step_ms: int, sizes: list[int], restarts: bool) -> None:
        batches, begin = [], 5000
        for size in sizes:
            batches.append([begin + step_ms * place for place in range(size)])
            begin = 0 if restarts else begin + step_ms * size
        take, last = StepTake(), -1
        for times in batches:
            if times[0] < last - 1000 and not take.is_done:
                take.add([DeviceRestarted(0.0, 0.0)])
            take.add([FrameRead(time, (time,) * 8) for time in times])
            last = times[-1] if not take.is_done else last
        is_done, frames = idle.evaluate(_TAKE, batches)
        assert (is_done, frames) == (take.is_done, take.values()[:, 0].tolist() if len(frames) else [])

    check()


_SESSION = """async events => {
  const { INITIAL, isPossible, reduce, stateOf } = await import("/views/gloves/session.js");
  const { STEPS } = await import("/views/gloves/steps.js");
  const session = events.reduce((before, event, i) => reduce(before, event, 1000 * i), INITIAL);
  const commands = ["begin", "take", "stop", "skip", "redo", "show", "judge", "store", "cancel"];
  return { ...session, possible: commands.filter(each => isPossible(session, each)),
           states: STEPS.map(step => stateOf(session, step)) };
}"""

_BEGIN: Final = {"kind": "begin"}
_TAKEN: Final = {"kind": "taken", "frames": [[0] * 8], "source": "a"}
_SKIP: Final = {"kind": "skip"}


def session_after(page: Page, *events: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(_SESSION, list(events))
    return answer


def test_a_session_offers_what_is_possible(idle: Page) -> None:
    judged = {"kind": "judged", "findings": [], "needed": []}
    problem = {"code": "storage_full", "detail": ""}
    assert session_after(idle)["possible"] == ["begin"]
    assert session_after(idle, _BEGIN)["possible"] == ["take", "skip", "show", "cancel"]
    counting = session_after(idle, _BEGIN, {"kind": "start"})
    assert (counting["phase"], counting["possible"], counting["until"]) == ("counting", ["stop"], 2000)
    interrupted = session_after(idle, _BEGIN, {"kind": "start"}, {"kind": "hold"}, {"kind": "interrupted"})
    assert (interrupted["phase"], interrupted["step"], interrupted["isInterrupted"]) == ("asking", "open", True)
    done = [_BEGIN, *[_TAKEN] * len(STEPS)]
    assert session_after(idle, *done)["possible"] == ["redo", "show", "cancel"]
    assert session_after(idle, *done, {"kind": "unjudged", "problem": problem})["possible"][-2:] == ["judge", "cancel"]
    assert session_after(idle, *done, judged)["possible"] == ["redo", "show", "store", "cancel"]
    storing = session_after(idle, *done, judged, {"kind": "busy"})
    assert (storing["phase"], storing["possible"]) == ("storing", [])
    failed = session_after(idle, *done, judged, {"kind": "busy"}, {"kind": "failed", "problem": problem})
    assert (failed["phase"], failed["failed"]) == ("shown", problem)
    stored = {"glove": "blue", "version": 1, "missing": []}
    kept = session_after(idle, *done, judged, {"kind": "busy"}, {"kind": "stored", "stored": stored})
    assert kept["possible"] == ["show", "cancel"]
    cancelled = session_after(idle, {"kind": "hand", "hand": "left"}, *done, {"kind": "cancel"})
    assert (cancelled["phase"], cancelled["hand"], cancelled["frames"]) == ("start", "left", {})


def test_a_session_asks_for_every_step_once_in_any_order(idle: Page) -> None:
    """Whatever is shown, skipped and chosen again: the next step is one that was neither shown nor skipped."""
    jumps = st.sampled_from(STEPS).map(lambda step: {"kind": "show", "step": step})
    choices = st.sampled_from([_TAKEN, _SKIP])

    @given(st.lists(st.tuples(st.none() | jumps, choices), max_size=14))
    @settings(max_examples=40, deadline=None, database=None)
    def check(chosen: list[tuple[dict[str, Any] | None, dict[str, Any]]]) -> None:
        events, now, states = [_BEGIN], STEPS[0], dict.fromkeys(STEPS, "open")
        for jump, choice in chosen:
            if jump is not None:
                events.append(jump)
                now = jump["step"]
            if now is None:
                break
            events.append(choice)
            states[now] = "shown" if choice is _TAKEN else "skipped"
            at = STEPS.index(now) + 1
            order = [*STEPS[at:], *STEPS[:at]]
            now = next((step for step in order if states[step] == "open"), None)
        session = session_after(idle, *events)
        assert session["step"] == now
        expected = {step: "current" if step == now else state for step, state in states.items()}
        assert dict(zip(STEPS, session["states"], strict=True)) == expected
        assert set(session["frames"]) == {step for step, state in states.items() if state == "shown"}

    check()
