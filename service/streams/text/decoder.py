"""The decoder from windows to letters: one begin and one end for each letter signed, none for rest or transitions.

Pure: device time is an argument. A letter begins when the hand has been still for `hold_s` and the windows since then
agree on it. Logarithms of probabilities are pooled, so that one window against a letter weighs more than one for it.
A letter that moves has its begin and end when its movement has ended (`movement_decoder`). The vocabulary alone says
which letters move; where none does, letters are decoded as if there was only the first kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.protocol import DecoderOptions, Gesture
from service.streams.hold_tracker import SETTLE_MS
from service.streams.scored_window import ScoredWindow
from service.streams.text.movement_decoder import Movement, MovementDecoder
from service.streams.text.pooled_windows import PooledWindows

SURE: Final = 0.95
"""The confidence of a letter that no window contradicts. Errors affect whole letters: an unseen way of holding one is
wrong in every window alike, and in the stream benchmark this share of the letters without contradiction was right."""

ALONE_MS: Final = 1500.0
"""A letter begins alone when none was held for this long: it takes less from one letter of a word to the next."""

KEPT_BACK_MS: Final = 1000.0
"""A letter that was too doubtful to begin alone is written after all where another one begins within this time, in
another hold: then a word has begun (docs/reports/silence.md)."""


@dataclass(slots=True)
class _KeptBack:
    """A letter that is too doubtful to begin alone: when it would have begun, and when it was seen last."""

    letter: int
    begin_ms: float
    seen_ms: float
    confidence: float
    is_over: bool = False
    """The hand has moved on."""


class LetterDecoder:
    """The decoder of one stream; `labels` are the letters in the order of the probabilities, and `moving` says which of
    them move (none: empty).

    There are never two begins without an end between them, and a letter does not begin twice in one hold: neither when
    frames are missing inside it nor when the windows were undecided for a while.
    """

    def __init__(self, labels: Sequence[str], options: DecoderOptions, moving: Sequence[bool] = ()) -> None:
        self._labels = labels
        self._options = options
        self._moving = np.array(moving, bool)
        self._movements: MovementDecoder | None = None
        if self._moving.any():
            self._movements = MovementDecoder(self._moving, 1000 * options.hold_s, options.min_confidence / SURE)
        self._has_examples = False
        self._belongs_to_sign = False  # the shape that is held: it is the end of a moving sign
        self._newest_ms = -math.inf  # of the gestures so far
        self._still = PooledWindows(1000 * options.hold_s)
        self._letter: int | None = None
        self._confidence = 0.0
        self._seen_ms = 0.0
        self._moved = False  # since the letter was last recognised
        self._ended_here: int | None = None  # the letter that ended, while the hand has not moved since
        self._kept_back: _KeptBack | None = None

    def know_hand(self, has_examples: bool) -> None:
        """Note whether the wearer has shown the letters: they are surer then than what is none."""
        self._has_examples = has_examples

    def push(self, window: ScoredWindow) -> list[Gesture]:
        """Take the next window, in order of device time."""
        if self._movements is None:
            return self._push_held(window)
        seen = window.probabilities if window.of_movement is None else window.of_movement
        signed = self._movements.push(window.t_ms, seen, window.still_ms)
        of_movement = [] if signed is None else self._sign(signed, window)
        return of_movement + self._push_held(replace(window, probabilities=self._held_alone(window.probabilities)))

    @property
    def is_moving(self) -> bool:
        """Whether the hand makes a movement that may turn out to be a sign."""
        return self._movements is not None and self._movements.is_going_on

    def moves(self, label: str) -> bool:
        """Return whether a label is a sign that moves."""
        return bool(self._moving.any()) and bool(self._moving[list(self._labels).index(label)])

    def _push_held(self, window: ScoredWindow) -> list[Gesture]:
        if window.still_ms < SETTLE_MS:
            self._still.clear()
            ended = self._release(window.t_ms)
            self._moved, self._ended_here = True, None  # a letter that ends in a movement did not end in its hold
            if self._kept_back is not None:
                self._kept_back.is_over = True
            self._belongs_to_sign = False
            return ended
        self._still.push(window.t_ms, window.probabilities)
        letter, share = self._still.best()
        confidence = SURE * share
        if self._belongs_to_sign:
            return []
        if letter == self._letter:
            self._seen_ms, self._confidence, self._moved = window.t_ms, confidence, False
            return []
        ended = self._release(window.t_ms, another=letter != self._none)
        if self._letter is not None or window.still_ms < 1000 * self._options.hold_s:
            return ended
        return ended + self._begin(window.t_ms, letter, confidence)

    def break_off(self, t_ms: float) -> list[Gesture]:
        """End the letter, since frames are missing or none arrive. It does not begin again in the same hold."""
        self._still.clear()
        self._kept_back = None
        if self._movements is not None:
            self._movements.break_off()
        return self._end(t_ms)

    def forget(self, t_ms: float) -> list[Gesture]:
        """End the letter; what follows is unrelated."""
        ended = self.break_off(t_ms)
        self._ended_here, self._belongs_to_sign = None, False
        return ended

    @property
    def _none(self) -> int:
        return len(self._labels)

    def _held_alone(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities of a hand that is still: one that seems to move holds no letter."""
        held = probabilities.copy()
        held[self._none] += held[:-1][self._moving].sum()
        held[:-1][self._moving] = 0.0
        return held

    def _sign(self, signed: Movement, window: ScoredWindow) -> list[Gesture]:
        """Begin and end a moving sign: when it moved, but not before the gestures so far."""
        self._kept_back = None
        begin_ms = max(signed.begin_ms, self._newest_ms)
        ended = self._end(begin_ms)
        self._ended_here, self._belongs_to_sign = None, window.still_ms >= SETTLE_MS
        label, confidence = self._labels[signed.label], SURE * signed.probability
        self._newest_ms = max(begin_ms, signed.end_ms)
        begun = Gesture("begin", label, begin_ms, confidence)
        return [*ended, begun, Gesture("end", label, self._newest_ms, confidence)]

    def _begin(self, t_ms: float, letter: int, confidence: float) -> list[Gesture]:
        if letter in {self._none, self._ended_here}:
            return []
        if confidence < self._least(t_ms):
            self._keep_back(t_ms, letter, confidence)
            return []
        before = self._take_kept_back(t_ms)
        self._letter, self._confidence, self._ended_here = letter, confidence, None
        self._seen_ms, self._newest_ms, self._moved = t_ms, t_ms, False
        return [*before, Gesture("begin", self._labels[letter], t_ms, confidence)]

    def _keep_back(self, t_ms: float, letter: int, confidence: float) -> None:
        """Note a letter that would begin if it was not alone; of several shapes the newest."""
        if confidence < self._options.min_confidence:
            return
        kept = self._kept_back
        if kept is None or kept.is_over or kept.letter != letter:
            self._kept_back = _KeptBack(letter, t_ms, t_ms, confidence)
        else:
            kept.seen_ms, kept.confidence = t_ms, confidence

    def _take_kept_back(self, t_ms: float) -> list[Gesture]:
        """Return the letter that was kept back, if one that begins now shows that it began a word."""
        kept, self._kept_back = self._kept_back, None
        if kept is None or not kept.is_over or t_ms - kept.seen_ms > KEPT_BACK_MS:
            return []
        label = self._labels[kept.letter]
        begun = Gesture("begin", label, kept.begin_ms, kept.confidence)
        return [begun, Gesture("end", label, kept.seen_ms, kept.confidence)]

    def _least(self, t_ms: float) -> float:
        """Return the least confidence with which a letter begins."""
        least = self._options.min_confidence
        is_alone = self._has_examples and t_ms - self._newest_ms > ALONE_MS
        return max(least, self._options.alone_confidence) if is_alone else least

    def _release(self, t_ms: float, another: bool = False) -> list[Gesture]:
        """End the letter when the hand has been away from it for long enough: longer if `another` letter is recognised
        without movement."""
        away_s = self._options.switch_s if another and not self._moved else self._options.release_s
        return self._end(t_ms) if t_ms - self._seen_ms >= 1000 * away_s else []

    def _end(self, t_ms: float) -> list[Gesture]:
        if self._letter is None:
            return []
        ended = Gesture("end", self._labels[self._letter], t_ms, self._confidence)
        self._newest_ms = t_ms
        self._ended_here, self._letter = self._letter, None
        return [ended]
