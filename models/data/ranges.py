"""Ranges of the flex sensors, collection by collection: the common unit that a network learns in, and the range that
each person's sensors have in it. Pure.

A network learns from 10-bit counts. Recordings in another unit are brought to counts by one line for all fingers and
people (`Unit`). What is then left of a person is where their sensors begin and end: a mean and a deviation of each
finger over the shapes they hold (`Range`). Of a few people a network learns these by heart. Of many it can be shown
what it will meet: every hand with the ranges of the others, and with a common one, which is what ranging gives to a
hand that has been seen for a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import FLEX
from scaleglove.recordings import Episode

Floats = NDArray[np.float64]

MANY_PEOPLE: Final = 8
"""Collections from which on a training gives each hand the ranges of others: of two or three people the ranges between
theirs are no likelier than any other."""

_TEN_BITS: Final = (100.0, 1126.0)
"""Readings of a glove in counts lie between these, but for one in a hundred at either end."""
_MIDDLE: Final = 800.0
_WIDTH: Final = 300.0
"""What the readings of the public recordings span, in counts, and the middle of it."""
_LEAST_DEVIATION: Final = 1.0
"""Counts. A finger that does not move has no range."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Unit of a glove's flex sensors: counts = gain * reading + offset."""

    gain: float = 1.0
    offset: float = 0.0

    @classmethod
    def of(cls, episodes: Sequence[Episode]) -> Unit:
        """Return the unit of recordings: COUNTS where they are in counts.

        The gain is a power of two and the offset a multiple of 100, so that some people more or fewer change neither.
        """
        flex = [episode.values[:, FLEX] for episode in episodes if not episode.missing]
        if not flex:
            return COUNTS
        readings = np.concatenate(flex)
        low, high = (
            (float(end) for end in np.percentile(readings[readings != 0], [1, 99])) if readings.any() else (0, 0)
        )
        if high <= low or (_TEN_BITS[0] <= low and high <= _TEN_BITS[1]):
            return COUNTS
        gain = 2.0 ** round(np.log2(_WIDTH / (high - low)))
        return cls(gain, round((_MIDDLE - gain * (low + high) / 2) / 100) * 100.0)

    def apply(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return frames float32[n, 8] with the flex sensors in counts."""
        if self == COUNTS:
            return frames
        counted = frames.copy()
        counted[:, FLEX] = self.gain * counted[:, FLEX] + self.offset
        return counted


COUNTS: Final = Unit()


@dataclass(frozen=True, slots=True)
class Range:
    """Mean and standard deviation of each finger over the shapes of one person, float64[5] each, in counts."""

    mean: Floats
    deviation: Floats

    @classmethod
    def of(cls, recordings: Sequence[NDArray[np.float32]]) -> Range:
        """Return the range of recordings float32[n_i, 8], by the median of each."""
        shapes = np.stack([np.median(frames[:, FLEX], axis=0) for frames in recordings]).astype(np.float64)
        return cls(shapes.mean(axis=0), np.maximum(shapes.std(axis=0), _LEAST_DEVIATION))

    def to(self, other: Range, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return frames float32[n, 8] of a person of this range as one of the other range would give them."""
        moved = frames.copy()
        gain = other.deviation / self.deviation
        moved[:, FLEX] = gain * frames[:, FLEX] + (other.mean - gain * self.mean)
        return moved

    def between(self, other: Range, share: float) -> Range:
        """Return the range that is `share` of the way to the other."""
        mean = self.mean + share * (other.mean - self.mean)
        return Range(mean, self.deviation + share * (other.deviation - self.deviation))


@dataclass(frozen=True, slots=True)
class Ranges:
    """The range of each collection, and the mean of them."""

    of_collections: Mapping[str, Range]
    common: Range

    @classmethod
    def of(cls, samples: Sequence[NDArray[np.float32]], collections: Sequence[str]) -> Ranges:
        """Return the ranges of recordings float32[n_i, 8], by the collection of each."""
        by_collection: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
        for frames, collection in zip(samples, collections, strict=True):
            by_collection[collection].append(frames)
        found = {name: Range.of(mine) for name, mine in sorted(by_collection.items())}
        mean = np.mean([each.mean for each in found.values()], axis=0)
        deviation = np.mean([each.deviation for each in found.values()], axis=0)
        return cls(found, Range(mean, deviation))

    def to_common(self, frames: NDArray[np.float32], collection: str) -> NDArray[np.float32]:
        """Return frames float32[n, 8] of a collection in the common range."""
        return self.of_collections[collection].to(self.common, frames)

    def as_another(self, frames: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """Return frames float32[n, 8] in the common range as a person would give them whose range lies between those of
        two others, drawn at random."""
        ranges = list(self.of_collections.values())
        one, other = (ranges[int(rng.integers(len(ranges)))] for _ in range(2))
        return self.common.to(one.between(other, float(rng.random())), frames)
