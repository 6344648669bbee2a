"""Causes of a port that does not work, in made-up file systems."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from firmware_bridge.link.causes import Machine, Program
from firmware_bridge.link.errors import LinkCode, LinkError, open_error, taken_error

OTHER = os.getpid() + 1
"""Number of a process other than this one."""


class MadeUp:
    """Machine in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.machine = Machine(root)
        self.port = root / "dev/ttyUSB0"
        self.write("dev/ttyUSB0", "")

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def runs(self, pid: int, name: str, *files: Path) -> None:
        self.write(f"proc/{pid}/comm", f"{name}\n")
        folder = self.root / f"proc/{pid}/fd"
        folder.mkdir()
        for number, file in enumerate(files):
            (folder / str(number)).symlink_to(file)

    def plugged(self, socket: str, vid: str, pid: str, tty: str | None) -> None:
        self.write(f"sys/bus/usb/devices/{socket}/idVendor", f"{vid}\n")
        self.write(f"sys/bus/usb/devices/{socket}/idProduct", f"{pid}\n")
        if tty is not None:
            self.write(f"sys/bus/usb/devices/{socket}/{socket}:1.0/{tty}/port_number", "0\n")

    def error(self, number: int) -> LinkError:
        return open_error(str(self.port), OSError(number, "x"), [], self.machine)


@pytest.fixture
def made(tmp_path: Path) -> MadeUp:
    """Make a machine on which nothing runs."""
    return MadeUp(tmp_path)


def test_the_program_that_has_the_port_is_named(made: MadeUp) -> None:
    made.runs(7, "bash", Path("/dev/null"))
    made.runs(OTHER, "arduino-ide", Path("/dev/null"), made.port)
    assert made.machine.holder(str(made.port)) == Program(OTHER, "arduino-ide")
    error = made.error(errno.EBUSY)
    assert error.code is LinkCode.PORT_BUSY
    assert f"in use by arduino-ide (process {OTHER}): close it there" in str(error)


def test_this_program_is_not_the_one_that_has_the_port(made: MadeUp) -> None:
    made.runs(os.getpid(), "scaleglove", made.port)
    assert made.machine.holder(str(made.port)) is None


def test_without_anything_to_read_the_error_is_the_plain_one(tmp_path: Path) -> None:
    error = open_error("/dev/ttyUSB0", OSError(errno.EBUSY, "x"), [], Machine(tmp_path / "nothing"))
    assert "in use by another program" in str(error)
    assert error.code is LinkCode.PORT_BUSY


@pytest.mark.parametrize(("seen", "says"), [(True, "is probing it"), (False, "may be probing it")])
def test_modem_manager_is_named_if_it_has_the_port_or_may_have_it(made: MadeUp, seen: bool, says: str) -> None:
    made.runs(600, "ModemManager", *([made.port] if seen else []))
    error = made.error(errno.EBUSY)
    assert error.code is LinkCode.MODEM_MANAGER
    assert f"ModemManager (process 600) {says}" in str(error)
    assert "systemctl disable --now ModemManager" in str(error)


def test_modem_manager_is_not_blamed_for_a_port_that_another_program_has(made: MadeUp) -> None:
    made.runs(600, "ModemManager")
    made.runs(700, "screen", made.port)
    assert made.error(errno.EBUSY).code is LinkCode.PORT_BUSY


def test_brltty_is_named_if_it_has_the_port(made: MadeUp) -> None:
    made.runs(5, "brltty", made.port)
    assert made.error(errno.EBUSY).code is LinkCode.BRLTTY


@pytest.mark.parametrize(
    ("chip", "tty", "runs", "named"),
    [
        (("1a86", "7523"), None, True, True),
        (("1a86", "7523"), "ttyUSB0", True, False),
        (("1a86", "7523"), None, False, False),
        (("2341", "0043"), None, True, False),
    ],
)
def test_brltty_is_named_if_it_has_taken_the_chip_of_a_glove(
    made: MadeUp, chip: tuple[str, str], tty: str | None, runs: bool, named: bool
) -> None:
    made.plugged("1-2", *chip, tty)
    if runs:
        made.runs(5, "brltty")
    taken = taken_error(made.machine)
    assert (taken is not None) == named
    missing = made.error(errno.ENOENT)
    assert missing.code is (LinkCode.BRLTTY if named else LinkCode.PORT_MISSING)
    assert ("sudo apt remove brltty" in str(missing)) == named


def test_the_group_of_the_port_and_the_command_are_named(made: MadeUp) -> None:
    made.write("etc/group", f"root:x:0:\nuucp:x:{made.port.stat().st_gid}:\n".replace("root:x:0:\n", "tty:x:99999:\n"))
    error = made.error(errno.EACCES)
    assert error.code is LinkCode.PERMISSION_DENIED
    assert "it belongs to the group uucp: sudo usermod -aG uucp $USER" in str(error)


@pytest.mark.parametrize("lines", ["", "nonsense\n:::\n", "root:x:{gid}:\n"])
def test_where_the_group_is_unknown_the_usual_ones_are_named(made: MadeUp, lines: str) -> None:
    made.write("etc/group", lines.format(gid=made.port.stat().st_gid))
    assert "often dialout or uucp" in str(made.error(errno.EACCES))


@pytest.mark.parametrize(("text", "slow"), [("16\n", True), ("8\n", True), ("1\n", False), ("?\n", False)])
def test_a_slow_latency_timer_is_found_by_the_name_of_the_port(made: MadeUp, text: str, slow: bool) -> None:
    timer = made.write("sys/class/tty/ttyUSB0/device/latency_timer", text)
    assert made.machine.latency_timer("/dev/ttyUSB0") == (timer if slow else None)
    assert made.machine.latency_timer("/dev/ttyACM0") is None
