"""Names of ports on Linux, macOS and Windows, with made-up listers."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import replace

import pytest

from firmware_bridge.link.causes import Machine
from firmware_bridge.link.errors import LinkCode, open_error
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.port_names import device_name, is_distraction, natural_key, same_port
from firmware_bridge.link.ports import UsbPort, by_likelihood, find_again, port_at

CU = UsbPort("/dev/cu.usbserial-110", 0x1A86, 0x7523, None, "20-1.1")
TTY = UsbPort("/dev/tty.usbserial-110", 0x1A86, 0x7523, None, "20-1.1")
COM12 = UsbPort("COM12", 0x2341, 0x0043, "7583", "1-1")
COM9 = UsbPort("COM9", 0x2341, 0x0043, "7584", "1-2")


@pytest.mark.parametrize("name", ["COM12", "com12", r"\\.\COM12", r"\\.\com12"])
def test_a_windows_port_is_known_by_each_of_its_names(name: str) -> None:
    assert same_port(name) == "COM12"
    assert port_at(name, [COM9, COM12]) == COM12


def test_com10_comes_after_com9() -> None:
    assert by_likelihood([COM12, COM9]) == [COM9, COM12]
    assert sorted(["COM10", "COM9", "/dev/ttyACM2"], key=natural_key)[-2:] == ["COM9", "COM10"]


@pytest.mark.parametrize("listed", [[CU], [TTY, CU], [CU, TTY]])
def test_a_mac_lists_a_port_once_and_by_the_name_to_open(listed: list[UsbPort]) -> None:
    assert by_likelihood(listed) == [CU]
    assert port_at("/dev/tty.usbserial-110", listed) in listed


def test_a_mac_opens_the_name_that_does_not_wait_for_a_carrier() -> None:
    assert device_name("/dev/tty.usbmodem1", "darwin") == "/dev/cu.usbmodem1"
    assert device_name("/dev/cu.usbmodem1", "darwin") == "/dev/cu.usbmodem1"
    assert device_name("/dev/tty.usbmodem1", "linux") == "/dev/tty.usbmodem1"
    assert device_name(r"\\.\COM12", "win32") == r"\\.\COM12"


def test_a_replugged_glove_is_found_under_its_new_name() -> None:
    glove = replace(CU, serial_number="7")
    moved = replace(glove, path="/dev/cu.usbserial-2230", location="20-2.2")
    assert find_again(glove, by_likelihood([moved])) == moved
    assert find_again(COM12, [UsbPort("COM3", 0x2341, 0x0043, "7583", "2-4"), COM9]) is not None


@pytest.mark.parametrize("name", ["/dev/cu.Bluetooth-Incoming-Port", "/dev/tty.debug-console", "/dev/cu.wlan-debug"])
def test_ports_that_every_mac_has_are_not_offered(name: str) -> None:
    assert is_distraction(name)
    assert not is_distraction(CU.path)


def test_messages_name_the_ports_as_the_user_knows_them() -> None:
    missing = open_error("COM7", OSError(errno.ENOENT, "x"), ["COM12", "COM9"], Machine())
    assert str(missing) == "there is no serial port COM7; available ports: COM9, COM12"
    windows = open_error(
        "COM12",
        OSError("could not open port 'COM12': PermissionError(13, 'Access is denied.', None, 5)"),
        [],
        Machine(),
    )
    assert windows.code is LinkCode.PORT_BUSY
    assert "COM12 is in use by another program" in str(windows)


@pytest.mark.parametrize("name", ["COM12", r"\\.\COM12", "/dev/cu.usbserial-110", "/dev/tty.usbserial-110"])
async def test_every_name_is_a_valid_port(name: str) -> None:
    async with GloveLink(name) as link:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(link.read(), 0.05)
        assert link.status.port == name
