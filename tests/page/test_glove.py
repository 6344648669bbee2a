"""Tests of what the page shows about the glove and of its commands, with the emulated glove and the bridge."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from scaleglove.client import DeviceRemark, GloveStream, SyncGloveStream
from tests.deadlines import wait_until
from tests.end_to_end.conftest import Part
from tests.page.conftest import PHONE, OpenPage, Start

Wear = Callable[..., tuple[Part, Part]]


@pytest.fixture
def wear(service: str, start: Start, tmp_path: Path) -> Wear:
    """Return a function that starts an emulated glove with these options and its bridge."""

    def put_on(*options: str) -> tuple[Part, Part]:
        glove = start("emulate", "--link", str(tmp_path / "glove"), *options)
        glove.line()
        return glove, start("bridge", "--port", str(tmp_path / "glove"), "--url", service)

    return put_on


def test_faulty_sensors_are_named_in_the_alert_and_at_their_signals(
    wear: Wear, service: str, open_page: OpenPage
) -> None:
    wear("--fault", "flex2=dropped", "--fault", "imu=repeating")
    opened = open_page(service)
    opened.wait_for_text("sensor-alert", "flex 2 has no contact, the motion sensor repeats the same values")
    marks = opened.page.locator("#legend-flex .mark, #legend-angle .mark").all_inner_texts()
    assert marks == ["", "no contact", "", "", "", *["repeating"] * 3]
    assert opened.faults == []


def test_sensors_that_work_again_end_the_alert(service: str, open_page: OpenPage) -> None:
    """Send frames in which a lost contact comes back."""
    recovered, over = threading.Event(), threading.Event()

    async def send() -> None:
        async with GloveStream(service) as stream:
            for n in range(3000):
                if over.is_set():
                    break
                tremble = n % 5 / 10
                hand = [
                    780 + n % 4,
                    800.0 + n % 3 if recovered.is_set() else 0.0,
                    860 + n % 3,
                    862 - n % 4,
                    885 + n % 2,
                ]
                await stream.send([n * 20.0], [[*hand, -17.9 + tremble, -64.5 + tremble, -62 - tremble]])
                await asyncio.sleep(0.02)

    opened = open_page(service)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(lambda: asyncio.run(send()))
        opened.wait_for_text("sensor-alert", "flex 2 has no contact")
        recovered.set()
        opened.page.wait_for_function("() => document.getElementById('sensor-alert').hidden")
        assert opened.page.locator("#sensor-alert-spoken").inner_text() == "All sensors work again."
        assert opened.page.locator("#commands").is_hidden()  # this client takes no commands
        over.set()
        sending.result()
    assert opened.faults == []


def test_a_healthy_glove_gives_no_alert_and_its_link_is_shown(wear: Wear, service: str, open_page: OpenPage) -> None:
    wear("--format", "binary")
    opened = open_page(service)
    opened.wait_for_state("Reading the glove")
    opened.page.wait_for_selector("#fact-clock:visible")
    assert opened.page.locator("#fact-link").inner_text() == "no losses"
    assert opened.page.locator("#fact-clock").inner_text().startswith("±")
    assert opened.page.locator("#sensor-alert").is_hidden()
    assert opened.faults == []


def test_a_pulled_cable_hides_the_letter_until_it_is_back(
    wear: Wear, service: str, start: Start, tmp_path: Path, open_page: OpenPage
) -> None:
    glove, _ = wear()
    opened = open_page(service)
    opened.wait_for_state("Reading the glove")
    glove.stop()
    opened.wait_for_state("Glove not connected")
    expect(opened.page.locator("#state")).to_have_text(re.compile("unplugged|no serial port"))
    assert opened.text("letter") == "·"
    page = opened.page
    page.wait_for_function("() => document.getElementById('fact-rate').innerText === '–'")
    numbers = "[...document.querySelectorAll('#legend-flex .number, #legend-angle .number')]"
    page.wait_for_function(f"() => {numbers}.length === 8 && {numbers}.every((each) => each.innerText === '–')")
    again = start("emulate", "--link", str(tmp_path / "glove"))
    again.line()
    opened.wait_for_state("Reading the glove")
    assert opened.faults == []


def test_a_remark_is_translated_by_its_values_and_shown_as_it_is_where_they_are_unknown(
    service: str, open_page: OpenPage
) -> None:
    shown = [
        (DeviceRemark("this glove has no network", {"error": "no_network"}), "장갑 안에 신경망이 없어요"),
        (DeviceRemark("10 ms between frames", {"interval_ms": "10"}), "프레임 간격 10 ms"),
        (DeviceRemark("battery low", {"battery": "low"}), "battery low"),
        (DeviceRemark("hello"), "hello"),
    ]
    opened = open_page(service, locale="ko")
    with SyncGloveStream(service) as stream:
        stream.send([0], [[800.0] * 5 + [0.0] * 3])
        wait_until(lambda: httpx.get(f"{service}/v1/streams").json()["streams"][0]["viewers"])
        for remark, text in shown:
            stream.tell(remark)
            opened.wait_for_text("remark", text)


def test_commands_reach_the_glove_and_its_message_is_shown(wear: Wear, service: str, open_page: OpenPage) -> None:
    wear()
    opened = open_page(service)
    page = opened.page
    page.wait_for_selector("#yawzero:visible")
    page.focus("#yawzero")
    page.keyboard.press("Enter")
    opened.wait_for_text("command-result", "Sent to the glove.")
    opened.wait_for_text("remark", "Message from the glove: yaw is 0 here")
    assert page.evaluate("document.activeElement.id") == "yawzero"
    page.get_by_role("group", name="Frames per second").get_by_role("button", name="100 Hz").press("Enter")
    opened.wait_for_text("remark", "10 ms between frames")
    page.wait_for_function("() => parseFloat(document.getElementById('fact-rate').innerText) > 90")
    page.click("#recal")
    opened.wait_for_text("remark", "recalibrated")
    assert opened.faults == []


def test_a_command_to_a_disconnected_glove_fails_with_a_reason(wear: Wear, service: str, open_page: OpenPage) -> None:
    glove, _ = wear()
    opened = open_page(service)
    opened.page.wait_for_selector("#recal:visible")
    glove.stop()
    opened.wait_for_state("Glove not connected")
    opened.page.click("#recal")
    opened.wait_for_text("command-result", "The glove is not connected.")
    assert [fault for fault in opened.faults if "409" not in fault] == []  # the browser reports the status


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_horizontal_scrolling(wear: Wear, service: str, open_page: OpenPage, scheme: str) -> None:
    wear("--fault", "flex2=dropped", "--fault", "flex5=saturated", "--fault", "imu=repeating")
    opened = open_page(service, size=PHONE, color_scheme=scheme)
    opened.wait_for_text("sensor-alert", "flex 5 is at its limit")
    assert opened.fits()
