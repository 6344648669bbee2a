"""What can be wrong with a port, each as one sentence that names the port and says what to do."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import Final

import serial

from scaleglove.errors import ScaleGloveError

if sys.platform == "win32":
    PORT_ERRORS: Final[tuple[type[Exception], ...]] = (serial.SerialException, OSError)
else:
    import termios

    # pyserial lets this one through when a device is pulled out while it is being opened.
    PORT_ERRORS: Final[tuple[type[Exception], ...]] = (serial.SerialException, OSError, termios.error)


class LinkError(ScaleGloveError):
    """A serial port that cannot be opened or does not take a command; the text names it."""


class PortNameError(LinkError):
    """A text that names no port on any machine."""


class LinkLostError(LinkError):
    """A port that worked and does not any more: unplugged, or its far end has gone."""


def not_opened(name: str, error: Exception, there: Sequence[str]) -> LinkError:
    """Why the port could not be opened; `there` are the ports of this machine."""
    number = _number(error)
    # Windows allows one program to open a port, and calls the second one's failure a denied access.
    if number in {errno.EAGAIN, errno.EBUSY} or "PermissionError(13" in str(error):
        return LinkError(
            f"the serial port {name} is in use by another program: close it there (a serial monitor, another bridge)"
        )
    if number == errno.EACCES:
        return LinkError(
            f"no permission to open the serial port {name}: on Linux, join the group that owns it (often dialout)"
        )
    if number in {errno.ENOENT, errno.ENXIO, errno.ENODEV}:
        return LinkError(f"there is no serial port {name}; ports here: {', '.join(sorted(there)) or 'none'}")
    if number in {errno.ENOTTY, errno.EISDIR}:
        return LinkError(f"{name} is not a serial port")
    return LinkError(f"cannot open the serial port {name}: {error}")


def lost(name: str, error: Exception) -> LinkLostError:
    """How an open port went."""
    pulled = _number(error) in {errno.EIO, errno.ENXIO, errno.ENODEV} or "returned no data" in str(error)
    return LinkLostError(f"the serial port {name} has gone: {'unplugged' if pulled else error}")


def _number(error: BaseException) -> int | None:
    """The system's number of an error; pyserial often keeps it only in the error that its own one replaces."""
    for cause in (error, error.__context__):
        number = cause.args[0] if cause is not None and cause.args else None
        if isinstance(number, int):
            return number
    return None
