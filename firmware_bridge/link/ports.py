"""USB serial ports of this machine: which are likely gloves, and which is a replugged glove. Pure but `usb_ports`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from serial.tools import list_ports

from firmware_bridge.link.port_names import natural_key, same_port
from scaleglove.usb_identity import usb_identity

_FTDI: Final = 0x0403

BOARDS: Final[dict[tuple[int, int | None], str]] = {
    (_FTDI, None): "FTDI",
    (0x0483, 0x5740): "STM32",
    (0x0483, None): "ST-LINK",
    (0x067B, None): "Prolific PL2303",
    (0x0D28, 0x0204): "Arm DAPLink",
    (0x10C4, None): "Silicon Labs CP210x",
    (0x1366, None): "SEGGER J-Link",
    (0x16C0, 0x0483): "Teensy",
    (0x1915, None): "Nordic nRF",
    (0x1A86, None): "WCH CH340",
    (0x1B4F, None): "SparkFun",
    (0x2341, None): "Arduino",
    (0x239A, None): "Adafruit",
    (0x2886, None): "Seeed",
    (0x2A03, None): "Arduino",
    (0x2E8A, None): "Raspberry Pi",
    (0x303A, None): "Espressif",
}
"""Makers of common boards and serial chips of gloves, by USB vendor and product number (None: any).

From the public list of USB numbers (http://www.linux-usb.org/usb.ids). Many makers share 16C0 and 0D28.
"""


@dataclass(frozen=True, slots=True)
class UsbPort:
    """USB serial port: its current path, and the properties that stay when it is replugged."""

    path: str
    vid: int
    pid: int
    serial_number: str | None = None
    location: str | None = None
    """USB socket, in the system's numbering of hubs and sockets."""

    @property
    def board(self) -> str | None:
        """Maker of the board or serial chip, if it is a common one."""
        return BOARDS.get((self.vid, self.pid)) or BOARDS.get((self.vid, None))

    @property
    def identity(self) -> str:
        """Identity of the board, `scaleglove.usb_identity`."""
        return usb_identity(self.vid, self.pid, self.serial_number)

    def __str__(self) -> str:
        return f"{self.path} ({self.board or f'USB {self.vid:04x}:{self.pid:04x}'})"


Lister = Callable[[], Sequence[UsbPort]]
"""Function that lists the ports; it may block."""


def usb_ports() -> list[UsbPort]:
    """Return the current USB serial ports; a glove on another kind of port has to be named."""
    return [
        UsbPort(info.device, info.vid, info.pid, own_serial_number(info.vid, info.serial_number), info.location)
        for info in list_ports.comports()
        if info.vid is not None and info.pid is not None
    ]


def own_serial_number(vid: int, serial_number: str | None, platform: str = sys.platform) -> str | None:
    """Return the serial number that the board itself has: the driver of FTDI's chips on Windows adds the letter of the
    channel."""
    if serial_number is None or platform != "win32" or vid != _FTDI:
        return serial_number
    return serial_number.removesuffix("A")


def by_likelihood(ports: Sequence[UsbPort]) -> list[UsbPort]:
    """Sort common boards first, then by path, /dev/ttyACM2 before /dev/ttyACM10; of a port that is listed under two
    names, as on macOS, take the one to open."""
    once = {same_port(port.path): port for port in sorted(ports, key=lambda port: port.path, reverse=True)}
    return sorted(once.values(), key=lambda port: (port.board is None, natural_key(port.path)))


def port_at(path: str, ports: Sequence[UsbPort]) -> UsbPort | None:
    """Return the port that `path` names, by any of its names: a symbolic link such as those in /dev/serial/by-id,
    `/dev/tty.X` for `/dev/cu.X`, `com12` for `COM12`."""
    name = same_port(path)
    return next((port for port in ports if same_port(port.path) == name), None)


def find_again(glove: UsbPort, ports: Sequence[UsbPort]) -> UsbPort | None:
    """Return the current port of `glove`, or None if it is not plugged in.

    The serial number identifies a board that has one. Many cheap boards have none or all the same: then it is the one
    in the same socket. Where the sockets are not known it is the only board of its kind; one without a serial number in
    another socket may be its neighbour.
    """
    alike = [port for port in ports if is_alike(port, glove)]
    here = [port for port in alike if port.location is not None and port.location == glove.location]
    if here or len(alike) != 1:
        return here[0] if here else None
    is_placed = glove.location is not None and alike[0].location is not None
    return None if is_placed and not glove.serial_number else alike[0]


def is_alike(one: UsbPort, other: UsbPort) -> bool:
    """Return whether two ports are of boards that nothing but their socket tells apart."""
    return (one.vid, one.pid, one.serial_number) == (other.vid, other.pid, other.serial_number)
