"""What the page tells of the glove behind a stream, and what it asks of it: the emulated glove, by the real bridge."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scaleglove.client import GloveStream
from tests.end_to_end.conftest import Part
from tests.page.conftest import PHONE, Opened
from tests.page.test_page import fits

OpenPage = Callable[..., Opened]
Wear = Callable[..., tuple[Part, Part]]


@pytest.fixture
def service(start: Callable[..., Part]) -> str:
    return start("serve", "--port", "0", "--log-level", "warning").line().rpartition(" ")[2]


@pytest.fixture
def wear(service: str, start: Callable[..., Part], tmp_path: Path) -> Wear:
    """An emulated glove with these options, and its bridge."""

    def put_on(*options: str) -> tuple[Part, Part]:
        glove = start("emulate", "--link", str(tmp_path / "glove"), *options)
        glove.line()
        return glove, start("bridge", "--port", str(tmp_path / "glove"), "--url", service)

    return put_on


def waits(opened: Opened, name: str, text: str) -> None:
    opened.page.wait_for_function(
        "([name, text]) => document.querySelector(`[data-testid=${name}]`).innerText.includes(text)",
        arg=[name, text],
        timeout=30_000,
    )


def test_broken_sensors_are_named_in_words_and_at_their_signals(wear: Wear, service: str, open_page: OpenPage) -> None:
    wear("--fault", "flex2=dropped", "--fault", "imu=repeating")
    opened = open_page(service)
    waits(opened, "trouble", "flex 2 has no contact, the motion sensor repeats itself")
    marks = opened.page.locator("#legend-flex .mark, #legend-angle .mark").all_inner_texts()
    assert marks == ["", "no contact", "", "", "", *["repeats itself"] * 3]
    assert opened.faults == []


def test_sensors_that_are_well_again_are_no_longer_told_of(service: str, open_page: OpenPage) -> None:
    """A contact that comes back: frames of a client of our own."""

    well, over = threading.Event(), threading.Event()

    async def send() -> None:
        async with GloveStream(service) as stream:
            for n in range(3000):
                if over.is_set():
                    break
                tremble = n % 5 / 10
                hand = [780 + n % 4, 800.0 + n % 3 if well.is_set() else 0.0, 860 + n % 3, 862 - n % 4, 885 + n % 2]
                await stream.send([n * 20.0], [[*hand, -17.9 + tremble, -64.5 + tremble, -62 - tremble]])
                await asyncio.sleep(0.02)

    opened = open_page(service)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(lambda: asyncio.run(send()))
        waits(opened, "trouble", "flex 2 has no contact")
        well.set()
        opened.page.wait_for_function("() => document.getElementById('trouble').hidden", timeout=30_000)
        assert opened.page.locator("#trouble-spoken").inner_text() == "All sensors are well again."
        assert opened.page.locator("#orders").is_hidden()  # this client takes no commands
        over.set()
        sending.result()
    assert opened.faults == []


def test_a_healthy_glove_gives_no_trouble_and_its_link_is_told(wear: Wear, service: str, open_page: OpenPage) -> None:
    wear("--format", "binary")
    opened = open_page(service)
    opened.waits_for_state("Reading the glove")
    opened.page.wait_for_selector("#fact-clock:visible")
    assert opened.page.locator("#fact-link").inner_text() == "nothing lost"
    assert opened.page.locator("#fact-clock").inner_text().startswith("±")
    assert opened.page.locator("#trouble").is_hidden()
    assert opened.faults == []


def test_a_pulled_cable_is_said_with_its_letter_gone_and_over_when_it_is_back(
    wear: Wear, service: str, start: Callable[..., Part], tmp_path: Path, open_page: OpenPage
) -> None:
    glove, _ = wear()
    opened = open_page(service)
    opened.waits_for_state("Reading the glove")
    glove.stop()
    opened.waits_for_state("Glove not connected")
    assert "unplugged" in opened.text("state") or "no serial port" in opened.text("state")
    assert opened.text("letter") == "·"
    page = opened.page
    page.wait_for_function("() => document.getElementById('fact-rate').innerText === '–'")
    assert set(page.locator("#legend-flex .number, #legend-angle .number").all_inner_texts()) == {"–"}
    again = start("emulate", "--link", str(tmp_path / "glove"))
    again.line()
    opened.waits_for_state("Reading the glove")
    assert opened.faults == []


def test_the_glove_is_told_from_the_page_and_its_answer_shown(wear: Wear, service: str, open_page: OpenPage) -> None:
    wear()
    opened = open_page(service)
    page = opened.page
    page.wait_for_selector("#yawzero:visible")
    page.focus("#yawzero")
    page.keyboard.press("Enter")
    waits(opened, "order-answer", "The glove has been told.")
    waits(opened, "remark", "The glove says: yaw is 0 here")
    assert page.evaluate("document.activeElement.id") == "yawzero"
    page.get_by_role("group", name="Frames a second").get_by_role("button", name="100 Hz").press("Enter")
    waits(opened, "remark", "10 ms between frames")
    page.wait_for_function("() => parseFloat(document.getElementById('fact-rate').innerText) > 90", timeout=30_000)
    page.click("#recal")
    waits(opened, "remark", "recalibrated")
    assert opened.faults == []


def test_a_glove_that_is_away_is_not_told_and_that_is_said(wear: Wear, service: str, open_page: OpenPage) -> None:
    glove, _ = wear()
    opened = open_page(service)
    opened.page.wait_for_selector("#recal:visible")
    glove.stop()
    opened.waits_for_state("Glove not connected")
    opened.page.click("#recal")
    waits(opened, "order-answer", "Not done: ")
    assert [fault for fault in opened.faults if "409" not in fault] == []  # the browser tells of the answer


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_all_of_it_a_phone_need_not_scroll_sideways(
    wear: Wear, service: str, open_page: OpenPage, scheme: str
) -> None:
    wear("--fault", "flex2=dropped", "--fault", "flex5=saturated", "--fault", "imu=repeating")
    opened = open_page(service, size=PHONE, color_scheme=scheme)
    waits(opened, "trouble", "flex 5 is at its limit")
    assert fits(opened)
