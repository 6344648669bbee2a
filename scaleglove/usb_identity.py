"""Identity of a glove's board on USB: `vendor:product:serial number`, such as `10c4:ea60:0F3A21`, as text. Pure.

Not every board has a serial number of its own: a CH340 mostly has none, and is then `1a86:7523`.
"""

from __future__ import annotations

import re
from typing import Final

MAX_USB: Final = 140
"""Characters of an identity: two numbers of four digits, and a serial number of at most 126 (USB 2.0, 9.6.7)."""

USB_PATTERN: Final = r"^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:[^\x00-\x1f\x7f]+)?$"

_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")
_NUMBERS: Final = len("10c4:ea60")


def usb_identity(vid: int, pid: int, serial_number: str | None) -> str:
    """Return the identity of a board; without a serial number, or with an empty one, that of its kind."""
    number = _UNPRINTABLE.sub("", serial_number or "").strip()
    kind = f"{vid:04x}:{pid:04x}"
    return canonical(f"{kind}:{number}")[:MAX_USB] if number else kind


def canonical(usb: str) -> str:
    """Return the one spelling of an identity: Windows gives serial numbers in capitals, other systems as they are."""
    return usb[:_NUMBERS].lower() + "".join(map(_capital, usb[_NUMBERS:]))


def _capital(letter: str) -> str:
    """Return the capital letter, if it is one: that of ß would make the number longer."""
    capital = letter.upper()
    return capital if len(capital) == 1 else letter


def serial_number_of(usb: str) -> str | None:
    """Return the serial number of an identity; None if the board has none."""
    return usb[_NUMBERS + 1 :] or None
