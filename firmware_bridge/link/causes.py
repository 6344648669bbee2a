"""What this machine knows about a serial port that does not work: who uses it, who owns it, what slows it down.

It reads /proc, /sys and /etc of Linux, as far as they are readable; elsewhere nothing is known. `root` is another file
system's root in tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MODEM_MANAGER: Final = "ModemManager"
_BRLTTY: Final = "brltty"

_BRAILLE_CHIPS: Final = {("1a86", "7523"), ("10c4", "ea60"), ("0403", "6001"), ("067b", "2303")}
"""USB chips of boards that braille displays have too, by vendor and product number, as brltty's udev rules list them
(brltty.app). brltty takes them over and their ports vanish."""

_MAX_PROCESSES: Final = 20_000
"""Processes that are looked at; a machine has fewer, and a damaged /proc must not stop the bridge."""

SLOW_LATENCY_MS: Final = 8
"""From here on the latency timer is named: FTDI's chips have 16 ms when they are plugged in."""


@dataclass(frozen=True, slots=True)
class Program:
    """Running program."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"

    @property
    def is_modem_manager(self) -> bool:
        """Whether it probes serial ports for modems."""
        return self.name == _MODEM_MANAGER

    @property
    def is_brltty(self) -> bool:
        """Whether it takes serial ports for braille displays."""
        return self.name == _BRLTTY


class Machine:
    """Machine whose file system begins at `root`."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def holder(self, port: str) -> Program | None:
        """Return a program that has the port open, other than this one; of other users only root sees them."""
        device = os.path.realpath(port)
        for process in self._processes():
            if process.name != str(os.getpid()) and device in _open_files(process):
                return _program(process)
        return None

    def modem_manager(self) -> Program | None:
        """Return ModemManager if it runs."""
        return self._running(_MODEM_MANAGER)

    def brltty(self) -> Program | None:
        """Return brltty if it runs and a USB chip that it takes is plugged in without a port."""
        return self._running(_BRLTTY) if self._has_taken_chip() else None

    def group(self, port: str) -> str | None:
        """Return the name of the group that owns a port, unless it is root's or unknown."""
        try:
            number = Path(port).stat().st_gid
            lines = (self._root / "etc/group").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return None
        for line in lines:
            name, *fields = line.split(":")
            if len(fields) >= 2 and fields[1] == str(number) and name != "root":
                return name
        return None

    def latency_timer(self, port: str) -> Path | None:
        """Return the setting of a port's latency timer if the port has one and it is slow."""
        path = self._root / "sys/class/tty" / Path(os.path.realpath(port)).name / "device/latency_timer"
        value = _text(path)
        return path if value.isdecimal() and int(value) >= SLOW_LATENCY_MS else None

    def _running(self, name: str) -> Program | None:
        return next((_program(process) for process in self._processes() if _text(process / "comm") == name), None)

    def _processes(self) -> Iterator[Path]:
        try:
            entries = os.scandir(self._root / "proc")
        except OSError:
            return
        with entries:
            for count, entry in enumerate(entries):
                if count >= _MAX_PROCESSES:
                    return
                if entry.name.isdecimal():
                    yield Path(entry.path)

    def _has_taken_chip(self) -> bool:
        try:
            devices = sorted((self._root / "sys/bus/usb/devices").iterdir())
        except OSError:
            return False
        return any(
            (_text(device / "idVendor"), _text(device / "idProduct")) in _BRAILLE_CHIPS
            and not any(device.glob("*/ttyUSB*"))
            for device in devices
        )


def _program(process: Path) -> Program:
    return Program(int(process.name), _text(process / "comm") or "a program")


def _open_files(process: Path) -> Iterator[str]:
    """Return the targets of a process's open files that may be read."""
    try:
        for entry in (process / "fd").iterdir():
            yield str(entry.readlink())
    except OSError:
        return  # another user's, or ended meanwhile


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
