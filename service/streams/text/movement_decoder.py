"""The decoder of signs that move: from windows to one movement for each sign, none for transitions between signs.

Pure: device time is an argument. A movement goes on from the first window in which the hand moves until it has been
still for `hold_s`; shorter halts are turning points. Transitions are movements too. What makes a movement a sign is

- that a window of it shows the sign far better than rejection does, with `min_confidence`;
- that several windows agreed on it: in a transition, no sign is the best one for long;
- that the movement came to rest, or that its windows have shown the sign less and less and no other one instead: then
  the hand went on to the next sign without a rest. A sign that begins like another is so named by its end.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.streams.hold_tracker import SETTLE_MS

EVIDENCE: Final = 10.0
"""Least logarithm of the odds of a sign against rejection. With the exponent of `models.adaptation.open_set` it is a
distance from the nearest example of about half of that between signs. Chosen, as all constants here, on streams of
people other than those of docs/reports/sign-stream-benchmark.md."""
FAINT: Final = 6.0
"""The same for a sign that a window does not show any more, and for one that might take the place of another."""
AGREEING_MS: Final = 400.0
"""Device time that the windows which agree on a sign cover."""
FADED_MS: Final = 200.0
"""Device time since the window that showed the sign best, where the hand does not rest."""
FADED: Final = 2.0
"""By how much the logarithm of the odds has fallen by then."""

_LEAST: Final = 1e-300
"""Keeps logarithms finite where nothing is ever rejected."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A moving sign that has ended: `label` index, device times, and the probability of the label."""

    label: int
    begin_ms: float
    end_ms: float
    probability: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    movement: Movement
    log_odds: float


class MovementDecoder:
    """The movements of one stream. `moving` bool[n] says which of the n labels move."""

    def __init__(self, moving: NDArray[np.bool_], hold_ms: float, least_probability: float) -> None:
        self._moving = moving
        self._hold_ms = hold_ms
        self._least_probability = least_probability
        self.is_going_on = False
        """The hand has moved, and has not rested since."""
        self._begins: dict[int, float] = {}
        self._agreeing_ms: defaultdict[int, float] = defaultdict(float)
        self._newest_ms: float | None = None
        self._best: _Candidate | None = None
        self._signed: int | None = None  # the sign that ended last, while windows still show it

    def push(self, t_ms: float, probabilities: NDArray[np.float64], still_ms: float) -> Movement | None:
        """Take the next window, with probabilities float64[n + 1] of the labels and of none of them; return the moving
        sign that ends with it."""
        if still_ms < SETTLE_MS and not self.is_going_on:
            self.break_off()
            self.is_going_on = True
        log_probabilities = np.log(probabilities + _LEAST)
        log_odds = np.where(self._moving, log_probabilities[:-1] - log_probabilities[-1], -np.inf)
        if self._signed is not None and log_odds[self._signed] < FAINT:
            self._signed = None
        if not self.is_going_on:
            return None
        self._consider(t_ms, int(probabilities.argmax()), probabilities, log_odds)
        rests = still_ms >= self._hold_ms
        ended = self._ended(t_ms, log_odds, still_ms if rests else None)
        self.is_going_on = not rests
        return ended

    def break_off(self) -> None:
        """Forget the movement, since frames are missing or another one begins."""
        self.is_going_on = False
        self._begins.clear()
        self._agreeing_ms.clear()
        self._newest_ms, self._best = None, None

    def _consider(
        self, t_ms: float, label: int, probabilities: NDArray[np.float64], log_odds: NDArray[np.float64]
    ) -> None:
        """Note what a window of the movement shows best; it may be the best window of its sign."""
        if label == len(self._moving) or not self._moving[label]:
            self._newest_ms = t_ms
            return
        begin_ms = self._begins.setdefault(label, t_ms)
        self._agreeing_ms[label] += 0 if self._newest_ms is None else t_ms - self._newest_ms
        self._newest_ms = t_ms
        probability, odds = float(probabilities[label]), float(log_odds[label])
        if label == self._signed or odds < EVIDENCE or probability < self._least_probability:
            return
        if self._agreeing_ms[label] < AGREEING_MS:
            return
        if self._best is None or label != self._best.movement.label or odds >= self._best.log_odds:
            self._best = _Candidate(Movement(label, begin_ms, t_ms, probability), odds)

    def _ended(self, t_ms: float, log_odds: NDArray[np.float64], rests_ms: float | None) -> Movement | None:
        """Return the best sign of the movement if it has ended: with the hand at rest, for `rests_ms`, or faded."""
        if self._best is None or (rests_ms is None and not self._has_faded(self._best, t_ms, log_odds)):
            return None
        best, self._best = self._best.movement, None
        self._signed = best.label
        end_ms = best.end_ms if rests_ms is None else t_ms - rests_ms
        return Movement(best.label, min(best.begin_ms, end_ms), end_ms, best.probability)

    def _has_faded(self, best: _Candidate, t_ms: float, log_odds: NDArray[np.float64]) -> bool:
        sign = best.movement
        if t_ms - sign.end_ms < FADED_MS or log_odds[sign.label] >= best.log_odds - FADED:
            return False
        other = int(log_odds.argmax())
        return other in {sign.label, self._signed} or bool(log_odds[other] < FAINT)
