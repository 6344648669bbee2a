"""Ranging of a user from shapes without labels, as a stream and `scaleglove predict --ranged` do it: by a front end
under which the shapes have the range of the training's.

Of few people a classifier learns their readings as they are. Of many there is a common range, which a network learns by
itself and any other family is fitted in; a user is brought there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from models.adaptation.front_end import median_frame
from models.adaptation.sensor_fit import range_shapes
from models.adaptation.training_readings import TrainingReadings
from models.data.dataset import Recording, are_many_people, common_ranges
from models.export.measure_prototypes import readings_of

FRONT_END: Final = "front end by the range of the shapes"
COMMON_RANGE: Final = "front end by the letters that the shapes probably are, in the common range of many people"


@dataclass(frozen=True)
class Ranging:
    """How users are ranged after one training set: `method` in words, and `train`, the training set in the range that
    users are brought to."""

    method: str
    train: Sequence[Recording]
    _readings: TrainingReadings

    @classmethod
    def of(cls, train: Sequence[Recording]) -> Self:
        """Return the ranging after a training on these recordings."""
        if not are_many_people(train):
            return cls(FRONT_END, train, readings_of(train, of_many=False))
        in_common, _ = common_ranges(train)
        return cls(COMMON_RANGE, in_common, readings_of(in_common, of_many=True))

    def ranged(self, shapes: Sequence[Recording], test: Sequence[Recording]) -> list[Recording]:
        """Return `test` as it is seen when the user is ranged by `shapes`."""
        medians = np.stack([median_frame(recording.samples) for recording in shapes])
        seen = range_shapes(medians, self._readings).front_end.apply
        return [replace(recording, samples=seen(recording.samples)) for recording in test]
