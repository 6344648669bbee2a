"""Ranging of a user from shapes without labels, as those who fit a classifier know how.

Of few people a network learns their readings as they are; a user is ranged as `scaleglove predict --ranged` does it, by
a front end under which the shapes have the range of the training's. Of many people there is a common range, which a
network learns by itself and any other family is fitted in; a user's mean and deviation are brought there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.front_end import median_frame
from models.adaptation.sensor_fit import range_shapes
from models.adaptation.training_readings import TrainingReadings
from models.data.dataset import Recording, are_many_people, common_ranges
from models.data.ranges import Range, Ranges
from models.evaluation.classifier import Windows
from models.export.measure_prototypes import measure_shapes

FRONT_END: Final = "front end by the range of the shapes"
COMMON_RANGE: Final = "mean and deviation, to the common range of many people"

Seen = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""From frames float32[n, 8] of a user to those that the training's people would give."""


@dataclass(frozen=True)
class Ranging:
    """How users are ranged after one training set: `method` in words, and `train`, the training set in the range that
    users are brought to."""

    method: str
    train: Sequence[Recording]
    _fit: Callable[[Windows], Seen]

    @classmethod
    def of(cls, train: Sequence[Recording]) -> Self:
        """Return the ranging after a training on these recordings."""
        if are_many_people(train):
            in_common, ranges = common_ranges(train)
            return cls(COMMON_RANGE, in_common, lambda shapes: _to_common(ranges, shapes))
        readings = TrainingReadings.of(*measure_shapes(train))
        return cls(FRONT_END, train, lambda shapes: _by_front_end(readings, shapes))

    def ranged(self, shapes: Sequence[Recording], test: Sequence[Recording]) -> list[Recording]:
        """Return `test` as it is seen when the user is ranged by `shapes`."""
        seen = self._fit([recording.samples for recording in shapes])
        return [replace(recording, samples=seen(recording.samples)) for recording in test]


def _to_common(ranges: Ranges, shapes: Windows) -> Seen:
    own = Range.of(shapes)
    return lambda frames: own.to(ranges.common, frames)


def _by_front_end(readings: TrainingReadings, shapes: Windows) -> Seen:
    return range_shapes(np.stack([median_frame(frames) for frames in shapes]), readings).front_end.apply
