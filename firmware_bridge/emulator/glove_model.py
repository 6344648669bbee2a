"""Model of a fingerspelling hand: a text becomes the readings of a glove over device time.

Pure: time is an argument. The same seed gives the same readings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import ANGLES, CHANNELS, FLEX
from scaleglove.letter_templates import LetterTemplates, neutral_shape, resting_shape
from scaleglove.resampling import Frame, interpolate, wrap_degrees
from scaleglove.spelling import REST, spelling_of
from scaleglove.trajectory import minimum_jerk

RESTING: Final = "rest"
"""The label of a hand that shows no letter."""

HOLD_S: Final = 1.6
"""Time that a letter is held, by default."""

MOVE_S: Final = 0.35
"""Time from one hand shape to the next, as of a slow signer."""

AFTER_S: Final = 0.7
"""Time that the hand keeps still after a sign that moves, which says that the sign is over."""

SHOWN_S: Final = 120.0
"""Time that a letter which was asked for is held, unless it is asked for again: after it nobody seems to wait."""

_STYLE: Final = np.array([6.0] * 5 + [3.0] * 3)
"""Standard deviation of how differently a letter is held each time that it is asked for, in counts and degrees: less
than between people, so that each is recognised."""

REST_S: Final = 1.5
"""Minimum time that the arm hangs down at a space: a shorter rest may be the pause between two letters."""

ADC_MAX: Final = 1023.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Reading of the glove: device time in ms, and float32[8] in the order of `scaleglove.channels.CHANNELS`.

    `missing`: number of readings lost before this one.
    """

    t_ms: float
    values: Frame
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """Segment of the script, in seconds of device time; `letter` is the held letter, None in movement and at rest."""

    start_s: float
    end_s: float
    begin: Frame
    end: Frame
    letter: str | None

    def shape_at(self, t_s: float) -> Frame:
        """Return the hand shape at a time without sensor noise, float32[8]."""
        fraction = (t_s - self.start_s) / (self.end_s - self.start_s)
        return interpolate(self.begin, self.end, fraction if self.letter else minimum_jerk(fraction))


class GloveModel:
    """Model of a hand that spells `text` repeatedly, with a space in between, or once; it starts in the neutral shape.

    Each letter is held for `hold_s` seconds, and a sign that moves is followed by AFTER_S of stillness; at a space the
    arm hangs down for as long as a letter is held, or for REST_S if that is longer. Between two equal letters the hand
    opens, because they would look like one. The text is spelled in the language of the table's vocabulary.

    Raises:
        scaleglove.signed_text.SpellingError: the text cannot be spelled.
    """

    def __init__(
        self, text: str, table: LetterTemplates, *, hold_s: float = HOLD_S, once: bool = False, seed: int = 0
    ) -> None:
        self._stops = _stops(spelling_of(table.vocabulary).labels(text), once)
        self._table = table
        self._neutral = neutral_shape(table)
        self._resting = resting_shape(table)
        self._hold_s = hold_s
        self._once = once
        self._random = np.random.default_rng(seed)
        self._paths = {label: np.array(each.path, np.float32) for label, each in table.letters.items() if each.path}
        self._spreads = {label: each.spread for label, each in table.letters.items() if not each.path}
        self._quiet = np.median([*self._spreads.values()] or [(0.0,) * len(CHANNELS)], axis=0)
        self._shown: str | None = None
        self._segments = self._script(0.0, self._neutral)
        self._segment: Segment | None = next(self._segments)
        self._t_ms: float | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the hand knows, in the order of their vocabulary."""
        return tuple(self._table.letters)

    @property
    def segment(self) -> Segment | None:
        """Current segment, or None at the end of the script."""
        return self._segment

    def read(self, interval_ms: float) -> Reading | None:
        """Return the reading `interval_ms` after the last one, or None at the end of the script."""
        self._t_ms = 0.0 if self._t_ms is None else self._t_ms + interval_ms
        t_s = self._t_ms / 1000.0
        while self._segment is not None and self._segment.end_s <= t_s:
            self._segment = next(self._segments, None)
        if self._segment is None:
            return None
        return Reading(float(round(self._t_ms)), self._sense(self._segment, t_s))

    def _sense(self, segment: Segment, t_s: float) -> Frame:
        """Return a reading in the board's resolution: whole ADC counts, hundredths of a degree."""
        spread = self._spreads.get(segment.letter or "", self._quiet)
        noisy = segment.shape_at(t_s) + self._random.normal(0.0, spread)
        values = noisy.astype(np.float32)
        values[FLEX] = np.clip(np.rint(values[FLEX]), 0.0, ADC_MAX)
        values[ANGLES] = np.round(wrap_degrees(values[ANGLES]), 2)
        return values

    def show(self, label: str | None) -> None:
        """Hold a letter, or the arm at `rest`, from now on for SHOWN_S, each time a little differently; then, or with
        None, spell the text again. The label that is held already is held for longer."""
        t_s = (self._t_ms or 0.0) / 1000.0
        present = self._segment
        if present is None or (label is None and self._shown is None):
            return
        shape = present.shape_at(t_s)
        if label is None:
            self._shown = None
            self._segments = self._script(t_s, shape)
        else:
            goal = present.end if label == self._shown and label not in self._paths else self._styled(label)
            self._shown = label
            self._segments = self._showing(t_s, shape, goal)
        self._segment = next(self._segments)

    def _showing(self, t_s: float, shape: Frame, goal: Frame) -> Iterator[Segment]:
        letter = None if self._shown == RESTING else self._shown
        end_s = t_s + SHOWN_S
        while t_s < end_s:
            yield Segment(t_s, t_s + MOVE_S, shape, goal, None)
            t_s, shape = t_s + MOVE_S, goal
            still = iter([Segment(t_s, t_s + SHOWN_S, goal, goal, letter)])
            for segment in self._movement(letter, t_s, goal) if letter in self._paths else still:
                yield segment
                t_s, shape = segment.end_s, segment.end
        self._shown = None
        yield from self._script(t_s, shape)

    def _styled(self, label: str) -> Frame:
        shape = self._resting if label == RESTING else self._mean(label)
        styled: Frame = (shape + self._random.normal(0.0, _STYLE)).astype(np.float32)
        styled[ANGLES] = wrap_degrees(styled[ANGLES])
        return styled

    def _script(self, t_s: float, shape: Frame) -> Iterator[Segment]:
        while True:
            for stop in self._stops:
                goal = self._goal(stop)
                yield Segment(t_s, t_s + MOVE_S, shape, goal, None)
                t_s += MOVE_S
                shape = goal
                if stop.held:
                    for segment in self._hold(stop.letter, t_s, goal):
                        yield segment
                        t_s, shape = segment.end_s, segment.end
            if self._once:
                return

    def _hold(self, letter: str | None, t_s: float, goal: Frame) -> Iterator[Segment]:
        """Yield the segments of a letter or a rest that begins with the shape `goal`."""
        if letter in self._paths:
            yield from self._movement(letter, t_s, goal)
            return
        held_s = self._hold_s if letter else max(self._hold_s, REST_S)
        yield Segment(t_s, t_s + held_s, goal, self._drifted(goal, letter), letter)

    def _movement(self, letter: str, t_s: float, goal: Frame) -> Iterator[Segment]:
        """Yield the segments of a sign that moves and begins with the shape `goal`, and the stillness after it."""
        shapes = self._paths[letter] + (goal - self._paths[letter][0])
        seconds = self._table.letters[letter].seconds / (len(shapes) - 1)
        for begin, end in pairwise(shapes):
            yield Segment(t_s, t_s + seconds, begin, end, letter)
            t_s += seconds
        yield Segment(t_s, t_s + AFTER_S, shapes[-1], shapes[-1], letter)

    def _goal(self, stop: _Stop) -> Frame:
        if stop.letter is not None:
            return self._mean(stop.letter)
        return self._resting if stop.held else self._neutral

    def _mean(self, letter: str) -> Frame:
        """Return the hand shape that a letter is, or begins with."""
        figures = self._table.letters[letter]
        return np.array(figures.path[0] if figures.path else figures.mean, np.float32)

    def _drifted(self, shape: Frame, letter: str | None) -> Frame:
        """Return the hand shape at the end of a hold that began with `shape`."""
        if letter is None:
            return shape
        rate: NDArray[np.float64] = self._random.normal(0.0, self._table.letters[letter].drift)
        drifted: Frame = (shape + rate * self._hold_s).astype(np.float32)
        drifted[ANGLES] = wrap_degrees(drifted[ANGLES])
        return drifted


@dataclass(frozen=True, slots=True)
class _Stop:
    """Hand shape in the script: a letter, or the hand at rest (None)."""

    letter: str | None
    held: bool = True


def _stops(labels: list[str], once: bool) -> list[_Stop]:
    """Return the hand shapes of one pass; when the text repeats, its first letter follows its last one."""
    signed = labels or [REST]
    if not once and REST not in {signed[0], signed[-1]}:
        signed.append(REST)
    stops: list[_Stop] = []
    for before, letter in zip([signed[-1], *signed], signed, strict=False):
        if letter == before == REST:
            continue
        if letter == before:
            stops.append(_Stop(None, held=False))
        stops.append(_Stop(None if letter == REST else letter))
    return stops or [_Stop(None)]
