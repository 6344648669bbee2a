"""Errors of ports and of the link: one sentence that names the port and says what to do, and a stable code."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import serial

from firmware_bridge.link.causes import Machine
from firmware_bridge.link.port_names import natural_key
from scaleglove.errors import ScaleGloveError

if sys.platform == "win32":
    PORT_ERRORS: Final[tuple[type[Exception], ...]] = (serial.SerialException, OSError)
else:
    import termios

    # pyserial does not wrap this one when a device is unplugged while it is being opened.
    PORT_ERRORS: Final[tuple[type[Exception], ...]] = (serial.SerialException, OSError, termios.error)


class LinkCode(StrEnum):
    """Stable code for the link's state or a command that was not written: `code` of the messages `link` and `commanded`
    (docs/reference/codes.md)."""

    LISTENING = "listening"
    NO_PORT = "no_port"
    NO_GLOVE = "no_glove"
    NO_PEER = "no_peer"
    SEVERAL_GLOVES = "several_gloves"
    MOVED = "moved"
    NO_FRAME = "no_frame"
    SILENT = "silent"
    UNREADABLE = "unreadable"
    BAUD_SEARCHED = "baud_searched"
    BAUD_FOUND = "baud_found"
    BAUD_DOUBTFUL = "baud_doubtful"
    LATENCY_TIMER = "latency_timer"
    INVALID_PORT = "invalid_port"
    PORT_MISSING = "port_missing"
    PORT_BUSY = "port_busy"
    MODEM_MANAGER = "modem_manager"
    BRLTTY = "brltty"
    PERMISSION_DENIED = "permission_denied"
    NOT_A_PORT = "not_a_port"
    CANNOT_OPEN = "cannot_open"
    UNPLUGGED = "unplugged"
    CLOSED = "connection_closed"
    REPLACED = "glove_replaced"
    PORT_FAILED = "port_failed"
    LINK_LOST = "link_lost"
    NOT_READING = "not_reading"
    INVALID_COMMAND = "invalid_command"


class LinkError(ScaleGloveError):
    """Serial port that cannot be opened or does not take a command; the text names it, `code` is stable."""

    def __init__(self, detail: str, code: LinkCode = LinkCode.PORT_FAILED) -> None:
        super().__init__(detail)
        self.code = code


class PortNameError(LinkError):
    """Port name that is not valid on any machine."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, LinkCode.INVALID_PORT)


class LinkLostError(LinkError):
    """Open port that was lost: unplugged, or the other side closed the connection."""


def open_error(name: str, error: Exception, existing: Sequence[str], machine: Machine) -> LinkError:
    """Return the error for a port that could not be opened; `existing` are the ports of this machine."""
    number = _number(error)
    # Windows lets only one program open a port and reports the second one's failure as a denied access, of which
    # pyserial keeps only the text.
    if number in {errno.EAGAIN, errno.EBUSY} or "PermissionError(13" in str(error):
        return _busy_error(name, machine)
    if number == errno.EACCES:
        return _permission_error(name, machine)
    if number in {errno.ENOENT, errno.ENXIO, errno.ENODEV}:
        detail = (
            f"there is no serial port {name}; available ports: {', '.join(sorted(existing, key=natural_key)) or 'none'}"
        )
        return taken_error(machine) or LinkError(detail, LinkCode.PORT_MISSING)
    if number in {errno.ENOTTY, errno.EISDIR}:
        return LinkError(f"{name} is not a serial port", LinkCode.NOT_A_PORT)
    return LinkError(f"cannot open the serial port {name}: {error}", LinkCode.CANNOT_OPEN)


def taken_error(machine: Machine) -> LinkError | None:
    """Return the error for a board without a port because brltty has taken it."""
    brltty = machine.brltty()
    if brltty is None:
        return None
    return LinkError(
        f"a USB serial chip is plugged in, but {brltty} has taken it for a braille display; without one: "
        "sudo apt remove brltty, then plug the glove in again",
        LinkCode.BRLTTY,
    )


def _busy_error(name: str, machine: Machine) -> LinkError:
    """Return the error for a port in use; of other users' programs only root sees which one it is."""
    holder = machine.holder(name)
    suspect = machine.modem_manager() if holder is None else holder
    if suspect is not None and suspect.is_modem_manager:
        says = "is probing" if holder is not None else "may be probing"
        return LinkError(
            f"the serial port {name} is in use: {suspect} {says} it for a modem, for up to a minute after it was "
            "plugged in; if it stays: sudo systemctl disable --now ModemManager",
            LinkCode.MODEM_MANAGER,
        )
    if holder is not None and holder.is_brltty:
        return LinkError(
            f"the serial port {name} is in use: {holder} takes it for a braille display; without one: "
            "sudo apt remove brltty, then plug the glove in again",
            LinkCode.BRLTTY,
        )
    user = "another program" if holder is None else str(holder)
    return LinkError(
        f"the serial port {name} is in use by {user}: close it there (a serial monitor, another bridge)",
        LinkCode.PORT_BUSY,
    )


def _permission_error(name: str, machine: Machine) -> LinkError:
    group = machine.group(name)
    cure = "on Linux, join the group that owns it (often dialout or uucp)"
    if group is not None:
        cure = f"it belongs to the group {group}: sudo usermod -aG {group} $USER, then log in again"
    return LinkError(f"no permission to open the serial port {name}: {cure}", LinkCode.PERMISSION_DENIED)


def lost_error(name: str, error: Exception) -> LinkLostError:
    """Return the error for an open port that was lost."""
    # pyserial's own error has no number.
    unplugged = _number(error) in {errno.EIO, errno.ENXIO, errno.ENODEV} or "returned no data" in str(error)
    if unplugged:
        return LinkLostError(f"the serial port {name} is lost: it was unplugged", LinkCode.UNPLUGGED)
    return LinkLostError(f"the serial port {name} is lost: {error}")


def _number(error: BaseException) -> int | None:
    """Return an error's system number; pyserial often keeps it only in the error that its own error replaces."""
    for cause in (error, error.__context__):
        number = cause.args[0] if cause is not None and cause.args else None
        if isinstance(number, int):
            return number
    return None
