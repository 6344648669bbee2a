"""Which USB port may be a glove's, and which is the same glove again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serial.tools import list_ports

from firmware_bridge.link.ports import UsbPort, by_likelihood, find_again, own_serial_number, port_at, usb_ports

UNO = UsbPort("/dev/ttyACM0", 0x2341, 0x0043, "7583", "1-1")
CH340 = UsbPort("/dev/ttyUSB0", 0x1A86, 0x7523, None, "1-2")
PRINTER = UsbPort("/dev/ttyUSB1", 0x04B8, 0x0202, "P1", "1-3")

ports = st.builds(
    UsbPort,
    st.from_regex(r"/dev/tty(ACM|USB)[0-9]{1,2}", fullmatch=True),
    st.sampled_from([0x2341, 0x1A86, 0x04B8]),
    st.just(0x0043),
    st.sampled_from([None, "", "0001", "7583"]),
    st.sampled_from([None, "1-1", "1-2", "1-2.1"]),
)
machines = st.lists(ports, unique_by=(lambda port: port.path, lambda port: port.location or port.path), max_size=6)


@pytest.mark.parametrize(
    ("vid", "pid", "board"),
    [
        (0x2341, 0x0043, "Arduino"),
        (0x303A, 0x1001, "Espressif"),
        (0x10C4, 0xEA60, "Silicon Labs CP210x"),
        (0x1A86, 0x7523, "WCH CH340"),
        (0x0403, 0x6001, "FTDI"),
        (0x0483, 0x5740, "STM32"),
        (0x0483, 0x374B, "ST-LINK"),
        (0x239A, 0x800B, "Adafruit"),
        (0x2E8A, 0x000A, "Raspberry Pi"),
        (0x16C0, 0x0483, "Teensy"),
        (0x16C0, 0x05DC, None),
        (0x04B8, 0x0202, None),
    ],
)
def test_common_boards_are_known_by_name(vid: int, pid: int, board: str | None) -> None:
    port = UsbPort("/dev/ttyACM0", vid, pid)
    assert port.board == board
    assert str(port) == f"/dev/ttyACM0 ({board or f'USB {vid:04x}:{pid:04x}'})"


def test_known_boards_come_first_and_ten_after_nine() -> None:
    tenth, ninth = replace(UNO, path="/dev/ttyACM10"), replace(UNO, path="/dev/ttyACM9")
    unknown = replace(PRINTER, path="/dev/ttyACM0")
    assert by_likelihood([unknown, tenth, CH340, ninth]) == [ninth, tenth, CH340, unknown]


def test_a_port_is_known_by_any_of_its_names(tmp_path: Path) -> None:
    device, link = tmp_path / "ttyACM0", tmp_path / "glove"
    device.touch()
    link.symlink_to(device)
    port = replace(UNO, path=str(device))
    assert port_at(str(link), [PRINTER, port]) == port
    assert port_at(str(tmp_path / "other"), [PRINTER, port]) is None


def test_the_serial_number_finds_a_glove_at_any_path_and_in_any_socket() -> None:
    moved = replace(UNO, path="/dev/ttyACM1", location="2-4")
    other = replace(UNO, serial_number="9999")
    assert find_again(UNO, [other, PRINTER, moved]) == moved
    assert find_again(UNO, [other, PRINTER]) is None


def test_without_a_serial_number_it_is_the_one_in_the_same_socket_or_where_that_is_unknown_the_only_one() -> None:
    same_socket = replace(CH340, path="/dev/ttyUSB5")
    elsewhere = replace(CH340, path="/dev/ttyUSB6", location="2-4")
    assert find_again(CH340, [elsewhere, same_socket]) == same_socket
    assert find_again(CH340, [elsewhere, PRINTER]) is None  # it may be another one
    placeless = replace(CH340, location=None)
    assert find_again(placeless, [elsewhere, PRINTER]) == elsewhere
    assert find_again(CH340, [placeless, PRINTER]) == placeless
    assert find_again(placeless, [elsewhere, same_socket]) is None
    assert find_again(CH340, [elsewhere, replace(elsewhere, path="/dev/ttyUSB7", location="2-5")]) is None


@given(machines)
def test_a_port_that_has_not_moved_is_found_again(there: list[UsbPort]) -> None:
    for port in there:
        if port.location is not None:
            assert find_again(port, there) == port


@given(machines, ports)
def test_never_a_port_of_another_kind_or_number_is_the_same(there: list[UsbPort], glove: UsbPort) -> None:
    again = find_again(glove, there)
    if again is not None:
        assert (again.vid, again.pid, again.serial_number) == (glove.vid, glove.pid, glove.serial_number)


def test_the_list_of_ports_is_pyserials_without_those_that_are_not_usb(monkeypatch: pytest.MonkeyPatch) -> None:
    uno = SimpleNamespace(device="/dev/ttyACM0", vid=0x2341, pid=0x0043, serial_number="7583", location="1-1")
    onboard = SimpleNamespace(device="/dev/ttyS0", vid=None, pid=None, serial_number=None, location=None)
    monkeypatch.setattr(list_ports, "comports", lambda: [onboard, uno])
    assert usb_ports() == [UNO]


def test_the_identity_is_that_of_the_board_and_not_of_the_port() -> None:
    assert UNO.identity == replace(UNO, path="/dev/ttyACM9", location="2-4").identity == "2341:0043:7583"
    assert replace(CH340, serial_number=None).identity == "1a86:7523"


@pytest.mark.parametrize(
    ("vid", "given", "platform", "own"),
    [
        (0x0403, "A6008ISPA", "win32", "A6008ISP"),
        (0x0403, "A6008isP", "linux", "A6008isP"),
        (0x10C4, "00A", "win32", "00A"),
        (0x0403, None, "win32", None),
    ],
)
def test_the_letter_that_a_driver_adds_is_not_the_boards(
    vid: int, given: str | None, platform: str, own: str | None
) -> None:
    assert own_serial_number(vid, given, platform) == own
