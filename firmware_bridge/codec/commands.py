"""The commands to a glove, as lines of ASCII: the same in both formats. docs/reference/link.md has the answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal

from scaleglove.errors import ScaleGloveError

MIN_INTERVAL_MS: Final = 1.0
MAX_INTERVAL_MS: Final = 1000.0

Format = Literal["text", "binary"]

Letters = Literal["on", "only", "off"]
"""Whether a glove sends the letters that it recognises itself: beside its frames, in their place, or not."""

HEADER: Final = "header"
RECALIBRATE: Final = "recal"
ZERO_YAW: Final = "yawzero"
LABELS: Final = "labels"
"""Asks which labels the letters of the glove's network, and the hand of an emulated one, have."""
SHOW: Final = "show"
REST: Final = "rest"
"""What `show` takes beside letters: the arm hanging down, and to go on as before."""
OFF: Final = "off"


class CommandError(ScaleGloveError):
    """A command that no glove knows; the text says how to write it."""


def interval(ms: float) -> str:
    """Return the command that sets the time between frames, to a thousandth of a millisecond.

    Raises:
        CommandError: `ms` is not from 1 to 1000.
    """
    if not MIN_INTERVAL_MS <= ms <= MAX_INTERVAL_MS:
        raise CommandError(f"interval must be {MIN_INTERVAL_MS:g} to {MAX_INTERVAL_MS:g} milliseconds, not {ms:g}")
    return f"interval,{milliseconds(ms)}"


def milliseconds(ms: float) -> str:
    """Format `ms` to a thousandth without trailing zeros, as in commands and remarks."""
    return f"{ms:.3f}".rstrip("0").rstrip(".")


def set_format(wanted: Format) -> str:
    """Return the command that sets the format."""
    return f"format,{wanted}"


def set_letters(wanted: Letters) -> str:
    """Return the command that switches the glove's own letters."""
    return f"letters,{wanted}"


def show(label: str | None, labels: Sequence[str]) -> str:
    """Return the command that lets the hand in an emulated glove show one of its `labels` or `rest`; None: go on as
    before.

    Raises:
        CommandError: it is neither.
    """
    if label is None or label == REST:
        return f"{SHOW},{label or OFF}"
    if label not in labels:
        raise CommandError(f"{label[:40]!r} is neither one of the labels of the glove's hand nor {REST}")
    return f"{SHOW},{labels.index(label)}"


def command_line(
    name: str, interval_ms: float | None = None, letter: str | None = None, labels: Sequence[str] = ()
) -> str:
    """Return the line of the command `name`: `interval` (with its milliseconds), `show` (with its letter, one of the
    `labels` of the glove's hand), `recal`, `yawzero` or `header`.

    Raises:
        CommandError: it is none of these, or its argument is missing or not allowed.
    """
    if letter is not None and name != SHOW:
        raise CommandError(f"{name} takes no letter: only show does")
    if name == "interval":
        return interval(math.nan if interval_ms is None else interval_ms)
    if name not in {HEADER, RECALIBRATE, ZERO_YAW, SHOW}:
        raise CommandError(f"unknown command {name[:40]!r}; use interval, recal, yawzero, show or header")
    if interval_ms is not None:
        raise CommandError(f"{name} takes no milliseconds: only interval does")
    return show(letter, labels) if name == SHOW else name
