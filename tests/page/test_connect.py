"""Tests of a glove that the page reads itself: a real pseudo-terminal behind a stand-in for the browser's port."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from firmware_bridge.codec.glove_reader import GloveReader
from scaleglove.hangul.spelling import letters
from tests.end_to_end.conftest import Part
from tests.page.conftest import PHONE, Opened, OpenPage, Start, streams, wait_until
from tests.page.serial_cable import Cable, plugged, script

PlugIn = Callable[..., Part]

UNSUPPORTED = "delete Navigator.prototype.serial"
INSECURE = "Object.defineProperty(window, 'isSecureContext', { value: false })"


@pytest.fixture
def terminal(tmp_path: Path) -> Path:
    """Return the path of the glove's pseudo-terminal."""
    return tmp_path / "glove"


@pytest.fixture
def plug_in(start: Start, terminal: Path) -> PlugIn:
    """Return a function that starts an emulated glove with these options at the pseudo-terminal."""

    def begin(*options: str) -> Part:
        glove = start("emulate", "--link", str(terminal), *(options or ("--text", "안", "--hold-s", "1")))
        glove.line()
        return glove

    return begin


@pytest.fixture
def cable(terminal: Path) -> Iterator[Cable]:
    """Yield the cable from the pseudo-terminal to the page."""
    with plugged(terminal) as cable:
        yield cable


@pytest.fixture
def connected(service: str, open_page: OpenPage, cable: Cable) -> Callable[..., Opened]:
    """Return a function that opens a page and connects the glove in it."""

    def connect(language: str = "en") -> Opened:
        opened = open_page(service, script=script(cable.address), cable=cable.address, locale=language)
        opened.page.locator("#connect-start").click()
        return opened

    return connect


def test_letters_and_commands_take_the_whole_way(plug_in: PlugIn, connected: Callable[..., Opened]) -> None:
    plug_in()
    opened = connected()
    page = opened.page
    opened.wait_for_state("Reading the glove")
    page.wait_for_function(
        "text => document.querySelector('[data-testid=line]').textContent.includes(text)", arg="".join(letters("안"))
    )
    expect(page.locator("#fact-link")).to_have_text("no losses")
    expect(page.locator("#fact-clock")).to_be_visible()
    page.locator("#yawzero").click()
    opened.wait_for_text("command-result", "Sent to the glove")
    expect(page.get_by_test_id("remark")).not_to_be_empty()
    page.get_by_role("button", name="Disconnect the glove").click()
    expect(page.get_by_role("button", name="Connect a glove")).to_be_enabled()
    opened.wait_for_state(re.compile("No glove yet|Glove disconnected"))
    assert opened.faults == []


def test_a_glove_that_was_disconnected_can_be_connected_again(
    plug_in: PlugIn, connected: Callable[..., Opened], service: str
) -> None:
    plug_in()
    opened = connected()
    opened.wait_for_state("Reading the glove")
    opened.page.get_by_role("button", name="Disconnect the glove").click()
    wait_until(lambda: not streams(service))
    opened.page.get_by_role("button", name="Connect a glove").click()
    opened.wait_for_state("Reading the glove")
    assert opened.faults == []


class Flips:
    """A bit flipped in every 700th byte."""

    def __init__(self) -> None:
        self._carried = 0

    def __call__(self, data: bytes) -> bytes:
        worn = bytearray(data)
        for at in range(-self._carried % 700, len(worn), 700):
            worn[at] ^= 0x10
        self._carried += len(worn)
        return bytes(worn)


@pytest.mark.parametrize("form", ["text", "binary"])
def test_what_the_cable_loses_is_counted_as_the_bridge_counts_it(
    plug_in: PlugIn, connected: Callable[..., Opened], cable: Cable, form: str
) -> None:
    cable.wear = Flips()
    glove = plug_in("--format", form, "--lose", "0.1")
    opened = connected()
    expect(opened.page.locator("#fact-link")).to_have_text(re.compile(r"[1-9]\d+ missing, [1-9]\d* damaged"))
    glove.stop()
    opened.wait_for_state("the glove is unplugged")
    decoder = GloveReader()
    decoder.feed(bytes(cable.carried))
    *_, report = (message for message in opened.received if message["type"] == "link")
    counts = decoder.counts
    assert (report["frames"], report["missing"], report["repeated"], report["damaged"]) == (
        counts.frames, counts.missing, counts.repeated, counts.damaged.total(),
    )  # fmt: skip
    assert report["unsent"] == 0
    assert opened.faults == []


def test_a_pulled_cable_is_said_and_the_port_is_opened_again_by_itself(
    plug_in: PlugIn, connected: Callable[..., Opened], service: str
) -> None:
    glove = plug_in()
    opened = connected()
    opened.wait_for_state("Reading the glove")
    (stream,) = streams(service)
    glove.stop()
    opened.wait_for_state("Glove not connected, trying again: the glove is unplugged")
    assert opened.text("letter") == "·"
    plug_in()
    opened.page.evaluate("navigator.serial.plugIn()")
    opened.wait_for_state("Reading the glove")
    assert [each["stream"] for each in streams(service)] == [stream["stream"]]
    assert opened.faults == []


def test_a_port_that_was_granted_is_opened_when_the_page_is_loaded_again(
    plug_in: PlugIn, connected: Callable[..., Opened], service: str, cable: Cable
) -> None:
    plug_in()
    opened = connected()
    opened.wait_for_state("Reading the glove")
    opened.page.add_init_script(script(cable.address, is_granted=True))
    opened.page.reload()
    opened.wait_for_state("Reading the glove")
    opened.page.get_by_role("button", name="Disconnect the glove").click()
    wait_until(lambda: not streams(service))
    opened.page.reload()
    expect(opened.page.get_by_role("button", name="Connect a glove")).to_be_enabled()
    assert streams(service) == []
    # A page that is left while it connects has the browser say so.
    assert [fault for fault in opened.faults if "before the connection is established" not in fault] == []


def test_a_wearer_who_is_refused_is_forgotten_so_that_the_glove_can_be_read(
    plug_in: PlugIn, service: str, open_page: OpenPage, cable: Cable
) -> None:
    plug_in()
    remembered = "localStorage.setItem('scaleglove.wearer', JSON.stringify('ada'));"
    opened = open_page(service, script=remembered + script(cable.address), cable=cable.address)
    opened.page.locator("#connect-start").click()
    expect(opened.page.locator("#connect-failed")).to_contain_text("The profile “ada” cannot be used.")
    opened.page.locator("#connect-start").click()
    opened.wait_for_state("Reading the glove")
    assert opened.faults == []


@pytest.mark.parametrize(
    ("obstacle", "language", "sentence"),
    [
        (UNSUPPORTED, "en", "This browser cannot read a glove. Open this page in Chrome or Edge on a computer"),
        (UNSUPPORTED, "ko", "이 브라우저는 장갑을 읽을 수 없어요"),
        (INSECURE, "en", "at an address with https or at localhost"),
        (INSECURE, "ko", "https 주소나 localhost에서만"),
    ],
)
def test_where_a_browser_cannot_the_page_says_why_and_what_to_do(
    service: str, open_page: OpenPage, obstacle: str, language: str, sentence: str
) -> None:
    opened = open_page(service, size=PHONE, script=obstacle, locale=language)
    opened.wait_for_text("connect-obstacle", sentence)
    expect(opened.page.locator("#connect-start")).to_be_hidden()
    assert "scaleglove bridge --port" in opened.page.locator("#help-commands").inner_text()
    assert opened.fits()
    assert opened.faults == []


def test_the_service_allows_the_browser_s_own_ports(service: str, open_page: OpenPage) -> None:
    opened = open_page(service)
    assert opened.page.evaluate("'serial' in navigator")
    assert opened.page.evaluate("navigator.serial.getPorts()") == []
    assert opened.page.evaluate("document.featurePolicy?.allowsFeature('serial') ?? true")
