"""Windows become letters: one begin and one end for each letter signed, and none for a hand that rests or moves on.

Pure: device time comes in. A letter begins when the hand has been still for `hold_s` and the windows since then agree
on it. What is pooled are logarithms of shares, so that one window that is against it weighs more than one that is for
it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.open_set import REJECT
from scaleglove.protocol import DecoderOptions, Gesture

SETTLE_MS: Final = 60.0
"""Still for less, the hand is moving: a smoothed frame or two say nothing yet."""

SURE: Final = 0.95
"""The confidence of a letter that no window speaks against. Errors come in whole letters: a way of holding one that was
never seen is wrong in every window alike, and in streams so much of what was believed without a doubt was right."""

_LEAST_SHARE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Seen:
    """One answered window: `shares` float64[25] of the letters and of none of them (they sum to 1), and for how long
    the hand has been where it is at device time `t_ms`."""

    t_ms: float
    shares: NDArray[np.float64]
    still_ms: float


class LetterDecoder:
    """Of one stream; `labels` are the letters in the order of the shares. There are never two begins without an end
    between them, and a letter does not begin twice in one hold: not where frames are missing in its midst, nor where
    the windows were in doubt about it for a while."""

    def __init__(self, labels: Sequence[str], options: DecoderOptions) -> None:
        self._labels = labels
        self._options = options
        self._still: deque[tuple[float, NDArray[np.float64]]] = deque()  # windows since the hand is still
        self._letter: int | None = None
        self._confidence = 0.0
        self._seen_ms = 0.0
        self._moved = False  # since the letter was seen
        self._ended_here: int | None = None  # while the hand has not moved since

    def push(self, seen: Seen) -> list[Gesture]:
        """Take the next window, in order of device time."""
        if seen.still_ms < SETTLE_MS:
            self._still.clear()
            ended = self._release(seen.t_ms)
            self._moved, self._ended_here = True, None  # a letter that ends on the way has not ended where it was held
            return ended
        self._remember(seen)
        letter, confidence = self._pooled()
        if letter == self._letter:
            self._seen_ms, self._confidence, self._moved = seen.t_ms, confidence, False
            return []
        ended = self._release(seen.t_ms, another=letter != REJECT)
        if self._letter is not None or seen.still_ms < 1000 * self._options.hold_s:
            return ended
        return ended + self._begin(seen.t_ms, letter, confidence)

    def break_off(self, t_ms: float) -> list[Gesture]:
        """Frames are missing, or none come: no letter holds. One that still does afterwards, the hand not having
        moved, is not begun again."""
        self._still.clear()
        return self._end(t_ms)

    def forget(self, t_ms: float) -> list[Gesture]:
        """What comes next has nothing to do with what came before."""
        ended = self.break_off(t_ms)
        self._ended_here = None
        return ended

    def _remember(self, seen: Seen) -> None:
        self._still.append((seen.t_ms, np.log(seen.shares + _LEAST_SHARE)))
        while seen.t_ms - self._still[0][0] > 1000 * self._options.hold_s:
            self._still.popleft()

    def _pooled(self) -> tuple[int, float]:
        """What the newest windows agree on, and with what confidence."""
        pooled = np.mean([shares for _, shares in self._still], axis=0)
        shares = np.exp(pooled - pooled.max())
        letter = int(shares.argmax())
        return letter, SURE * float(shares[letter] / shares.sum())

    def _begin(self, t_ms: float, letter: int, confidence: float) -> list[Gesture]:
        if letter == REJECT or confidence < self._options.min_confidence or letter == self._ended_here:
            return []
        self._letter, self._confidence, self._ended_here = letter, confidence, None
        self._seen_ms, self._moved = t_ms, False
        return [Gesture("begin", self._labels[letter], t_ms, confidence)]

    def _release(self, t_ms: float, another: bool = False) -> list[Gesture]:
        """The letter ends when the hand has been away from it for long enough: longer where `another` one is seen
        though it did not move."""
        away_s = self._options.switch_s if another and not self._moved else self._options.release_s
        return self._end(t_ms) if t_ms - self._seen_ms >= 1000 * away_s else []

    def _end(self, t_ms: float) -> list[Gesture]:
        if self._letter is None:
            return []
        ended = Gesture("end", self._labels[self._letter], t_ms, self._confidence)
        self._ended_here, self._letter = self._letter, None
        return [ended]
