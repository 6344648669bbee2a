"""Names of serial ports on Linux, macOS and Windows; one port may have several. Pure but for symbolic links."""

from __future__ import annotations

import os
import re
from typing import Final

_WINDOWS_PREFIX: Final = "\\\\.\\"
r"""Prefix of a device's full name on Windows: `\\.\COM12`."""

_COM: Final = re.compile(r"COM[0-9]+", re.IGNORECASE)
_DIAL_IN_DEVICE: Final = "/dev/tty."
_CALL_OUT_DEVICE: Final = "/dev/cu."
_DISTRACTIONS: Final = re.compile(r"/dev/(?:cu|tty)\.(?:Bluetooth-Incoming-Port|debug-console|wlan-debug)")


def same_port(path: str) -> str:
    r"""Return one name for all names of a port: a link's target, `/dev/cu.X` for `/dev/tty.X`, `COM12` for
    `\\.\com12`."""
    name = path.removeprefix(_WINDOWS_PREFIX)
    if _COM.fullmatch(name):
        return name.upper()
    real = os.path.realpath(path)
    if real.startswith(_DIAL_IN_DEVICE):
        return _CALL_OUT_DEVICE + real.removeprefix(_DIAL_IN_DEVICE)
    return real


def device_name(path: str, platform: str) -> str:
    """Return the name to open: macOS lets a program wait at `/dev/tty.X` for a modem's carrier, at `/dev/cu.X` not."""
    if platform == "darwin" and path.startswith(_DIAL_IN_DEVICE):
        return _CALL_OUT_DEVICE + path.removeprefix(_DIAL_IN_DEVICE)
    return path


def is_distraction(path: str) -> bool:
    """Return whether this is one of the ports that every Mac lists and no glove is at."""
    return _DISTRACTIONS.fullmatch(path) is not None


def natural_key(path: str) -> list[tuple[int, str]]:
    """Return a sort key that compares digits as numbers."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path)]
