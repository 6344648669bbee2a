"""What can be wrong with a port, each as one sentence that names the port and says what to do."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import serial

from scaleglove.errors import ScaleGloveError

if sys.platform == "win32":
    PORT_ERRORS: Final[tuple[type[Exception], ...]] = (serial.SerialException, OSError)
else:
    import termios

    # pyserial lets this one through when a device is pulled out while it is being opened.
    PORT_ERRORS: Final[tuple[type[Exception], ...]] = (serial.SerialException, OSError, termios.error)


class LinkCode(StrEnum):
    """Why the link is as it is, or a command was not written: `code` of `link` and `commanded`,
    docs/reference/codes.md."""

    LISTENING = "listening"
    NO_PORT = "no_port"
    NO_GLOVE = "no_glove"
    SEVERAL_GLOVES = "several_gloves"
    MOVED = "moved"
    NO_FRAME = "no_frame"
    SILENT = "silent"
    UNREADABLE = "unreadable"
    INVALID_PORT = "invalid_port"
    PORT_MISSING = "port_missing"
    PORT_BUSY = "port_busy"
    PERMISSION_DENIED = "permission_denied"
    NOT_A_PORT = "not_a_port"
    CANNOT_OPEN = "cannot_open"
    UNPLUGGED = "unplugged"
    CLOSED = "connection_closed"
    PORT_FAILED = "port_failed"
    LINK_LOST = "link_lost"
    NOT_READING = "not_reading"
    INVALID_COMMAND = "invalid_command"


class LinkError(ScaleGloveError):
    """A serial port that cannot be opened or does not take a command; the text names it, `code` is stable."""

    def __init__(self, detail: str, code: LinkCode = LinkCode.PORT_FAILED) -> None:
        super().__init__(detail)
        self.code = code


class PortNameError(LinkError):
    """A text that names no port on any machine."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, LinkCode.INVALID_PORT)


class LinkLostError(LinkError):
    """A port that worked and does not any more: unplugged, or its far end has gone."""


def not_opened(name: str, error: Exception, there: Sequence[str]) -> LinkError:
    """Why the port could not be opened; `there` are the ports of this machine."""
    number = _number(error)
    # Windows allows one program to open a port, and calls the second one's failure a denied access. Of that pyserial
    # keeps nothing but the text.
    if number in {errno.EAGAIN, errno.EBUSY} or "PermissionError(13" in str(error):
        return LinkError(
            f"the serial port {name} is in use by another program: close it there (a serial monitor, another bridge)",
            LinkCode.PORT_BUSY,
        )
    if number == errno.EACCES:
        return LinkError(
            f"no permission to open the serial port {name}: on Linux, join the group that owns it (often dialout)",
            LinkCode.PERMISSION_DENIED,
        )
    if number in {errno.ENOENT, errno.ENXIO, errno.ENODEV}:
        detail = f"there is no serial port {name}; ports here: {', '.join(sorted(there)) or 'none'}"
        return LinkError(detail, LinkCode.PORT_MISSING)
    if number in {errno.ENOTTY, errno.EISDIR}:
        return LinkError(f"{name} is not a serial port", LinkCode.NOT_A_PORT)
    return LinkError(f"cannot open the serial port {name}: {error}", LinkCode.CANNOT_OPEN)


def lost(name: str, error: Exception) -> LinkLostError:
    """How an open port went."""
    # The second is pyserial's own, which has no number.
    pulled = _number(error) in {errno.EIO, errno.ENXIO, errno.ENODEV} or "returned no data" in str(error)
    if pulled:
        return LinkLostError(f"the serial port {name} has gone: unplugged", LinkCode.UNPLUGGED)
    return LinkLostError(f"the serial port {name} has gone: {error}")


def _number(error: BaseException) -> int | None:
    """The system's number of an error; pyserial often keeps it only in the error that its own one replaces."""
    for cause in (error, error.__context__):
        number = cause.args[0] if cause is not None and cause.args else None
        if isinstance(number, int):
            return number
    return None
