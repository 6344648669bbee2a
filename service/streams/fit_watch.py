"""Watch over whether anything that the hand holds is a letter, so that a user hears what helps if not. Pure."""

from __future__ import annotations

from typing import Final

from scaleglove.protocol import GloveNotice, State
from service.streams.hold_tracker import SETTLE_MS

NOTHING_FITS_MS: Final = 10_000.0
"""Device time without a letter, and"""
NOTHING_FITS_SHAPES: Final = 4
"""shapes held in it, until it is said: a hand at rest holds one."""

CODE: Final = "nothing_fits"
_TEXT: Final = (
    "none of the shapes held is like a letter that the model knows: "
    "calibrate (scaleglove calibrate --wearer NAME, or the page's Calibrate), which takes some minutes"
)


class FitWatch:
    """The watch over one stream."""

    def __init__(self) -> None:
        self._since_ms: float | None = None
        self._shapes = 0
        self._is_held = False
        self._is_said = False

    def push(self, t_ms: float, state: State, still_ms: float) -> GloveNotice | None:
        """Take the state of the window at device time `t_ms`, and for how long the hand has been still; return a notice
        when nothing has fitted for long, and when something does again."""
        if state != "rejected":
            was_said, self._is_said = self._is_said, False
            self._since_ms, self._shapes, self._is_held = None, 0, False
            return GloveNotice(CODE, _TEXT, present=False) if was_said else None
        if self._since_ms is None or t_ms < self._since_ms:
            self._since_ms = t_ms
        is_held = still_ms >= SETTLE_MS
        self._shapes += is_held and not self._is_held
        self._is_held = is_held
        is_due = t_ms - self._since_ms >= NOTHING_FITS_MS and self._shapes >= NOTHING_FITS_SHAPES
        if self._is_said or not is_due:
            return None
        self._is_said = True
        return GloveNotice(CODE, _TEXT)
