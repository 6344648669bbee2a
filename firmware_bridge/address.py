"""Addresses on the command line."""

from __future__ import annotations

from typing import Final

from scaleglove.errors import ScaleGloveError

_MAX_PORT: Final = 65535


class AddressError(ScaleGloveError):
    """Text that is not an address."""


def parse_address(text: str) -> tuple[str, int]:
    """Split `HOST:PORT` into its parts; an IPv6 host is written in brackets.

    Raises:
        AddressError: the text is not an address.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > _MAX_PORT:
        raise AddressError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:7000, with PORT from 0 to {_MAX_PORT}")
    return host, int(port)
