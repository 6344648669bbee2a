"""A shape while it is held: what its windows say of the letters, and whether it lasts as long as a letter. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.streams.hold_tracker import CHANGED_WINDOWS
from service.streams.scored_window import MIN_PROBABILITY, ScoredWindow
from service.streams.shape_memory import LEAST_MS
from service.streams.words.pace import SHORTEST_MS

Logarithms = NDArray[np.float64]


@dataclass(slots=True, eq=False)
class PresentHold:
    """A shape that is held from `begin_ms` on: the mean of the logarithms of its windows but the first, which still
    holds the end of the movement, and the label that is written for it, if one is. What lasts longer than `longest_ms`
    is a rest."""

    begin_ms: float
    end_ms: float
    longest_ms: float
    label: int | None = None
    _mean: Logarithms | None = None
    _windows: int = 0
    _newest: deque[tuple[float, Logarithms]] = field(default_factory=lambda: deque(maxlen=CHANGED_WINDOWS - 1))

    @classmethod
    def at(cls, window: ScoredWindow, longest_ms: float) -> PresentHold:
        """Return the hold of which a window is the first that counts."""
        held = cls(window.t_ms - window.still_ms, window.t_ms, longest_ms)
        held.add(window)
        return held

    def add(self, window: ScoredWindow) -> None:
        """Take the next window."""
        self._add(window.t_ms, np.log(window.probabilities + MIN_PROBABILITY))

    def _add(self, t_ms: float, logarithms: Logarithms) -> None:
        if self._mean is None or self._windows == 1:
            self._mean = logarithms
        else:
            self._mean = self._mean + (logarithms - self._mean) / self._windows
        self._windows += 1
        self._newest.append((t_ms, logarithms))
        self.end_ms = t_ms

    def split(self) -> PresentHold | None:
        """Return the hold of another shape, which the newest windows show together with the one that comes next, and
        keep those before; None: there are none before."""
        count, newest = self._windows - 1, list(self._newest)
        if count <= len(newest) or self._mean is None:
            return None
        others = count - len(newest)
        self._mean = (count * self._mean - np.sum([logarithms for _, logarithms in newest], axis=0)) / others
        self._windows = others + 1
        other = PresentHold(newest[0][0], newest[0][0], self.longest_ms)
        for t_ms, logarithms in newest:
            other._add(t_ms, logarithms)
        self.end_ms = other.begin_ms
        self._newest.clear()
        return other

    @property
    def lasted_ms(self) -> float:
        """How long the shape is held so far."""
        return self.end_ms - self.begin_ms

    @property
    def is_halt(self) -> bool:
        """Whether it was too short for a shape: a halt within a movement."""
        return self.lasted_ms < LEAST_MS

    @property
    def is_long(self) -> bool:
        """Whether it lasts longer than a letter."""
        return self.lasted_ms > self.longest_ms

    @property
    def is_rest(self) -> bool:
        """Whether it lasts longer than a letter, or shows none more likely than any."""
        return self.is_long or int(self.logarithms.argmax()) == len(self.logarithms) - 1

    @property
    def is_like_a_letter(self) -> bool:
        """Whether it lasts as long as a letter, and may be one."""
        return self.lasted_ms >= SHORTEST_MS and not self.is_rest

    @property
    def logarithms(self) -> Logarithms:
        assert self._mean is not None  # every hold is made with a window
        return self._mean
