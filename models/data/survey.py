"""Survey of recordings: what is unusual about each collection, beside the model's own glove.

Pure. Nothing is decided here: a collection on another scale is read as it is, and said to be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import ANGLES, CHANNELS, FLEX
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS
from scaleglove.recordings import Episode

_Readings = NDArray[np.float64]

NoticeCode = Literal[
    "angles_in_radians",
    "angles_still",
    "missing_sensors",
    "rate_low",
    "scale_12_bit",
    "scale_16_bit",
    "scale_other",
    "scale_unit",
    "sensor_at_rail",
    "sensor_reversed",
    "sensor_still",
    "sensors_alike",
]

MIN_RATE_HZ: Final = 20.0
"""A hand takes 0.16 s and more from one letter to the next: at this rate three frames show it."""

_TEN_BITS: Final = 1023.0
_TWELVE_BITS: Final = 4095.0
_SIXTEEN_BITS: Final = 65535.0
_LOW_FLEX: Final = 300.0
"""Highest reading of a 10-bit glove whose sensors are the other way round, or of another divider: in the public
recordings sensors with contact read 318 and more."""

_SCALES: Final[Sequence[tuple[float, tuple[NoticeCode, str] | None]]] = (
    (1.05, ("scale_unit", "readings from 0 to 1")),
    (5.2, ("scale_other", "volts")),
    (105, ("scale_other", "percent or degrees")),
    (_LOW_FLEX, ("scale_other", "sensors the other way round, or another divider")),
    (1.1 * _TEN_BITS, None),
    (1.03 * _TWELVE_BITS, ("scale_12_bit", "a converter of 12 bits")),
    (1.03 * _SIXTEEN_BITS, ("scale_16_bit", "a converter of up to 16 bits")),
    (np.inf, ("scale_other", "they are no counts of a converter")),
)
"""What readings up to this are: code and likeliest cause, None for the model's own."""

_AT_RAIL: Final = 0.05
_STILL: Final = 0.1
"""Share of the other sensors' movement between letters. In the public recordings the least is 0.6."""

_ALIKE: Final = 0.98
"""Correlation of two sensors' readings over letters. In the public recordings the highest is 0.82."""

_ALIKE_WITHIN: Final = 0.95
"""The same over the episodes of one label, less its mean: of few labels two fingers may bend together in all. In the
public recordings the highest is 0.88."""

_REVERSED: Final = -0.5
"""Correlation with the readings of the model's glove over letters. In the public recordings the lowest is +0.15."""

_LEAST_FRAMES: Final = 10
_LEAST_EPISODES: Final = 10
_LEAST_LABELS: Final = 3
_LEAST_LETTERS: Final = 8


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that is unusual about a collection: a code (docs/reference/codes.md), a sentence, the channel that it
    concerns, and what was measured."""

    code: NoticeCode
    collection: str
    text: str
    channel: str | None = None
    values: dict[str, float | str] = field(default_factory=dict)


def survey(episodes: Iterable[Episode]) -> list[Notice]:
    """Return what is unusual about the episodes, collection by collection."""
    collections: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        collections[episode.collection].append(episode)
    return [notice for name, found in collections.items() for notice in _Collection(name, found).notices()]


class _Collection:
    """The readings of one collection: frames float32[n, 8], and the medians of its episodes float64[m, 8]."""

    def __init__(self, name: str, episodes: Sequence[Episode]) -> None:
        self._name = name
        self._frames = np.concatenate([episode.values for episode in episodes]).astype(np.float64)
        self._medians = np.array([np.median(episode.values, axis=0) for episode in episodes], np.float64)
        self._letters = [episode.label if episode.label in LETTERS else "" for episode in episodes]
        self._label_of = np.array([episode.label for episode in episodes], np.str_)
        self._labels = len(set(self._label_of) - {""})
        steps = [np.diff(episode.t_ms) for episode in episodes if len(episode.t_ms) > 1]
        self._step_ms = float(np.median(np.concatenate(steps))) if steps else None
        self._missing = np.array([np.isnan(column).all() for column in self._frames.T], np.bool_)

    def notices(self) -> Iterator[Notice]:
        yield from self._missing_sensors()
        yield from self._scale()
        yield from self._rails()
        yield from self._still()
        yield from self._alike()
        yield from self._reversed()
        yield from self._angles()
        yield from self._rate()

    def _notice(self, code: NoticeCode, text: str, channel: str | None = None, **values: float | str) -> Notice:
        rounded = {name: round(value, 3) if isinstance(value, float) else value for name, value in values.items()}
        return Notice(code, self._name, text, channel, rounded)

    def _missing_sensors(self) -> Iterator[Notice]:
        missing = [channel for channel, is_missing in zip(CHANNELS, self._missing, strict=True) if is_missing]
        if missing:
            text = f"there are no readings of {', '.join(missing)}"
            yield self._notice("missing_sensors", text, channels=" ".join(missing))

    def _scale(self) -> Iterator[Notice]:
        flex = self._frames[:, FLEX]
        flex = flex[~np.isnan(flex) & (flex != 0)]  # a sensor that lost contact says nothing of the scale
        if not flex.size:
            return
        low, high = (float(value) for value in np.percentile(flex, [1, 99]))
        found = _scale_of(low, high)
        if found is not None:
            code, likely = found
            text = f"flex readings from {low:.4g} to {high:.4g} are not those of the model's 10 bits: {likely}"
            yield self._notice(code, text, low=low, high=high, likely=likely)

    def _rails(self) -> Iterator[Notice]:
        full = _full_scale(self._frames[:, FLEX])
        for index, channel in enumerate(CHANNELS[FLEX]):
            column = self._frames[:, index]
            for end in (0.0, full):
                share = float(np.mean(column == end if end == 0 else column >= end))
                if share >= _AT_RAIL:
                    text = f"{channel} reads {end:g}, the end of its range, in {share:.0%} of the frames"
                    yield self._notice("sensor_at_rail", text, channel, rail=end, share=share)

    def _still(self) -> Iterator[Notice]:
        moved = self._moved()
        for index, channel in enumerate(CHANNELS[FLEX]):
            column = self._frames[:, index]
            others = np.delete(moved, index) if moved is not None else None
            is_constant = len(column) >= _LEAST_FRAMES and bool((column == column[0]).all())
            hardly = others is not None and moved is not None and moved[index] < _STILL * float(np.nanmedian(others))
            if is_constant or hardly:
                yield self._notice("sensor_still", f"{channel} never moves: look at its wire", channel)

    def _alike(self) -> Iterator[Notice]:
        moved = self._moved()
        within = self._within_labels()
        for one, other in combinations(range(len(CHANNELS[FLEX])), 2):
            first, second = self._frames[:, one], self._frames[:, other]
            is_same = len(first) >= _LEAST_FRAMES and np.ptp(first) > 0 and bool((first == second).all())
            follows = moved is not None and _correlation(self._medians[:, one], self._medians[:, other]) > _ALIKE
            if within is not None:
                follows &= _correlation(within[:, one], within[:, other]) > _ALIKE_WITHIN
            if is_same or follows:
                names = f"{CHANNELS[one]} and {CHANNELS[other]}"
                text = f"{names} read alike: one of them may be wired twice"
                yield self._notice("sensors_alike", text, CHANNELS[other], other=CHANNELS[one])

    def _reversed(self) -> Iterator[Notice]:
        """Yield the sensors whose readings fall over the letters where those of the model's glove rise."""
        letters = sorted({letter for letter in self._letters if letter})
        if len(letters) < _LEAST_LETTERS:
            return
        templates = load_templates().letters
        ours = np.array([np.median(self._of(letter), axis=0) for letter in letters])
        theirs = np.array([templates[letter].mean for letter in letters])
        for index, channel in enumerate(CHANNELS[FLEX]):
            if _correlation(ours[:, index], theirs[:, index]) < _REVERSED:
                text = f"{channel} falls where the model's glove rises: its sensor is the other way round"
                yield self._notice("sensor_reversed", text, channel)

    def _angles(self) -> Iterator[Notice]:
        angles = self._frames[:, ANGLES]
        if self._missing[ANGLES].any() or len(angles) < _LEAST_FRAMES:
            return
        if (angles == angles[0]).all():
            yield self._notice("angles_still", "pitch, roll and yaw never change: the motion sensor may have failed")
        elif self._labels >= _LEAST_LABELS and np.abs(angles).max() <= np.pi:
            yield self._notice("angles_in_radians", "pitch, roll and yaw stay within 3.14: they may be in radians")

    def _rate(self) -> Iterator[Notice]:
        if self._step_ms is not None and self._step_ms > 1000.0 / MIN_RATE_HZ:
            rate_hz = 1000.0 / self._step_ms
            text = f"{rate_hz:.3g} frames a second; at least {MIN_RATE_HZ:g} are needed"
            yield self._notice("rate_low", text, rate_hz=rate_hz, needed_hz=MIN_RATE_HZ)

    def _moved(self) -> _Readings | None:
        """Return how far each flex sensor moves between episodes, None with too few of them to tell."""
        if len(self._medians) < _LEAST_EPISODES or self._labels < _LEAST_LABELS:
            return None
        low, high = np.percentile(self._medians[:, FLEX], [5, 95], axis=0)
        moved: _Readings = high - low
        return moved

    def _within_labels(self) -> _Readings | None:
        """Return the medians less the mean of their label's, float64[m, 8]; None where hardly a label has several."""
        if len(self._medians) < self._labels + _LEAST_EPISODES:
            return None
        within = self._medians.copy()
        for label in np.unique(self._label_of):
            within[self._label_of == label] -= within[self._label_of == label].mean(axis=0)
        return within

    def _of(self, letter: str) -> _Readings:
        return self._medians[[index for index, one in enumerate(self._letters) if one == letter]]


def _scale_of(low: float, high: float) -> tuple[NoticeCode, str] | None:
    """Return code and likeliest cause of flex readings between these; None for those of 10 bits."""
    if low < 0:
        return "scale_other", "they are no counts of a converter"
    return next(said for most, said in _SCALES if high <= most)


def _full_scale(flex: _Readings) -> float:
    """Return the highest reading that the converter has: 1, 10 bits or 12 bits."""
    highest = float(np.nanmax(flex)) if not np.isnan(flex).all() else _TEN_BITS
    return next((full for full in (1.0, _TEN_BITS, _TWELVE_BITS) if highest <= full), np.inf)


def _correlation(first: _Readings, second: _Readings) -> float:
    """Return the correlation of two rows of numbers, 0 where one of them is constant or missing."""
    if np.isnan(first).any() or np.isnan(second).any() or np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
