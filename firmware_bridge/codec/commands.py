"""The commands that a glove obeys, as lines of ASCII: the same in both formats. docs/link.md has the answers."""

from __future__ import annotations

import math
from typing import Final, Literal

from scaleglove.errors import ScaleGloveError

MIN_INTERVAL_MS: Final = 1.0
MAX_INTERVAL_MS: Final = 1000.0

Format = Literal["text", "binary"]

Letters = Literal["on", "only", "off"]
"""Whether a glove says the letters that it recognises itself: beside its frames, in their place, or not."""

HEADER: Final = "header"
RECALIBRATE: Final = "recal"
ZERO_YAW: Final = "yawzero"


class CommandError(ScaleGloveError):
    """A command that no glove obeys; the text says what it should be."""


def interval(ms: float) -> str:
    """Set the time between frames, to a thousandth of a millisecond.

    Raises:
        CommandError: not from 1 to 1000 ms.
    """
    if not MIN_INTERVAL_MS <= ms <= MAX_INTERVAL_MS:
        raise CommandError(f"interval takes {MIN_INTERVAL_MS:g} to {MAX_INTERVAL_MS:g} milliseconds, not {ms:g}")
    return f"interval,{f'{ms:.3f}'.rstrip('0').rstrip('.')}"


def set_format(wanted: Format) -> str:
    """Ask for one of the two formats."""
    return f"format,{wanted}"


def say_letters(wanted: Letters) -> str:
    """Ask for the glove's own letters, or no longer for them."""
    return f"letters,{wanted}"


def command_line(name: str, interval_ms: float | None = None) -> str:
    """The line of the command `name`: `interval` (with its milliseconds), `recal`, `yawzero` or `header`.

    Raises:
        CommandError: it is none of these, or its argument is missing or not wanted.
    """
    if name == "interval":
        return interval(math.nan if interval_ms is None else interval_ms)
    if name not in {HEADER, RECALIBRATE, ZERO_YAW}:
        raise CommandError(f"{name[:40]!r} is no command of a glove; there are: interval, recal, yawzero, header")
    if interval_ms is not None:
        raise CommandError(f"{name} takes no milliseconds")
    return name
