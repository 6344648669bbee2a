"""The decoder from windows to letters: one begin and one end for each letter signed, none for rest or transitions.

Pure: device time is an argument. A letter begins when the hand has been still for `hold_s` and the windows since then
agree on it. Logarithms of probabilities are pooled, so that one window against a letter weighs more than one for it.
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
"""A hand that has been still for less is moving: one or two smoothed frames are no evidence yet."""

SURE: Final = 0.95
"""The confidence of a letter that no window contradicts. Errors affect whole letters: an unseen way of holding one is
wrong in every window alike, and in the stream benchmark this share of the letters without contradiction was right."""

_MIN_PROBABILITY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class ScoredWindow:
    """An answered window: `probabilities` float64[25] of the letters and of none of them (sum 1), and for how long the
    hand has been still at device time `t_ms`."""

    t_ms: float
    probabilities: NDArray[np.float64]
    still_ms: float


class LetterDecoder:
    """The decoder of one stream; `labels` are the letters in the order of the probabilities.

    There are never two begins without an end between them, and a letter does not begin twice in one hold: neither when
    frames are missing inside it nor when the windows were undecided for a while.
    """

    def __init__(self, labels: Sequence[str], options: DecoderOptions) -> None:
        self._labels = labels
        self._options = options
        self._still: deque[tuple[float, NDArray[np.float64]]] = deque()  # windows since the hand became still
        self._letter: int | None = None
        self._confidence = 0.0
        self._seen_ms = 0.0
        self._moved = False  # since the letter was last recognised
        self._ended_here: int | None = None  # the letter that ended, while the hand has not moved since

    def push(self, window: ScoredWindow) -> list[Gesture]:
        """Take the next window, in order of device time."""
        if window.still_ms < SETTLE_MS:
            self._still.clear()
            ended = self._release(window.t_ms)
            self._moved, self._ended_here = True, None  # a letter that ends in a movement did not end in its hold
            return ended
        self._remember(window)
        letter, confidence = self._pooled()
        if letter == self._letter:
            self._seen_ms, self._confidence, self._moved = window.t_ms, confidence, False
            return []
        ended = self._release(window.t_ms, another=letter != REJECT)
        if self._letter is not None or window.still_ms < 1000 * self._options.hold_s:
            return ended
        return ended + self._begin(window.t_ms, letter, confidence)

    def break_off(self, t_ms: float) -> list[Gesture]:
        """End the letter, since frames are missing or none arrive. It does not begin again in the same hold."""
        self._still.clear()
        return self._end(t_ms)

    def forget(self, t_ms: float) -> list[Gesture]:
        """End the letter; what follows is unrelated."""
        ended = self.break_off(t_ms)
        self._ended_here = None
        return ended

    def _remember(self, window: ScoredWindow) -> None:
        self._still.append((window.t_ms, np.log(window.probabilities + _MIN_PROBABILITY)))
        while window.t_ms - self._still[0][0] > 1000 * self._options.hold_s:
            self._still.popleft()

    def _pooled(self) -> tuple[int, float]:
        """Return the letter that the newest windows agree on, and its confidence."""
        pooled = np.mean([logarithms for _, logarithms in self._still], axis=0)
        likely = np.exp(pooled - pooled.max())
        letter = int(likely.argmax())
        return letter, SURE * float(likely[letter] / likely.sum())

    def _begin(self, t_ms: float, letter: int, confidence: float) -> list[Gesture]:
        if letter == REJECT or confidence < self._options.min_confidence or letter == self._ended_here:
            return []
        self._letter, self._confidence, self._ended_here = letter, confidence, None
        self._seen_ms, self._moved = t_ms, False
        return [Gesture("begin", self._labels[letter], t_ms, confidence)]

    def _release(self, t_ms: float, another: bool = False) -> list[Gesture]:
        """End the letter when the hand has been away from it for long enough: longer if `another` letter is recognised
        without movement."""
        away_s = self._options.switch_s if another and not self._moved else self._options.release_s
        return self._end(t_ms) if t_ms - self._seen_ms >= 1000 * away_s else []

    def _end(self, t_ms: float) -> list[Gesture]:
        if self._letter is None:
            return []
        ended = Gesture("end", self._labels[self._letter], t_ms, self._confidence)
        self._ended_here, self._letter = self._letter, None
        return [ended]
