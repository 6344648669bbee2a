"""The remarks of a device: words for people and, before them, values for programs. Pure.

    interval_ms=20; 20 ms between frames

docs/reference/link.md is the specification.
"""

from __future__ import annotations

import re
from typing import Final

from firmware_bridge.codec.events import Remark

_VALUE: Final = rb"[a-z][a-z0-9_]*=[A-Za-z0-9_.+-]+"
_MAX_VALUES: Final = 8
"""As many as the C decoder has room for (clients/c)."""

_WITH_VALUES: Final = re.compile(rb"(%b(?: %b){,%d})(?:;(.*))?" % (_VALUE, _VALUE, _MAX_VALUES - 1), re.DOTALL)

_BEFORE_0_2_0: Final = (
    (re.compile(rb"([0-9]{1,4}(?:\.[0-9]{1,3})?) ms between frames"), "interval_ms", None),
    (re.compile(rb"letters (on|only|off)"), "letters", None),
    (re.compile(rb"unknown command.*", re.DOTALL), "error", "unknown_command"),
    (re.compile(rb"interval takes.*", re.DOTALL), "error", "interval_out_of_range"),
)
"""The remarks of firmware before 0.2.0, which has words alone: the form, its key, and its value where it is fixed."""


def from_bytes(payload: bytes) -> Remark:
    """Return the remark of a `#` line (without the `#`) or of a packet.

    A head that breaks the grammar of values in any place is part of the words: a damaged remark has no values.
    """
    payload = payload.strip()
    found = _WITH_VALUES.fullmatch(payload)
    if found is not None and (values := _values(found[1])):
        return Remark(_text((found[2] or b"").strip() or found[1]), values)
    return Remark(_text(payload), _values_before_0_2_0(payload))


def to_text(words: str, **values: str) -> str:
    """Return the remark as a device writes it, its values first."""
    head = " ".join(f"{key}={value}" for key, value in values.items())
    return "; ".join(part for part in (head, words) if part)


def _values(head: bytes) -> dict[str, str]:
    """Return the values of a head; none when a key comes twice."""
    pairs = [value.partition("=") for value in head.decode("ascii").split(" ")]
    values = {key: value for key, _, value in pairs}
    return values if len(values) == len(pairs) else {}


def _values_before_0_2_0(payload: bytes) -> dict[str, str]:
    for form, key, value in _BEFORE_0_2_0:
        if (found := form.fullmatch(payload)) is not None:
            return {key: value or found[1].decode("ascii")}
    return {}


def _text(words: bytes) -> str:
    return words.decode(errors="replace").strip()
