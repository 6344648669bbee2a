"""What the training's glove read, and the front ends that need no fit: of counts, and of the unit that it gave. Pure
numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.contact import HIGH, LOW
from models.adaptation.front_end import ANY_READING, DROPPED, FINGERS, LEAN, Floats, FrontEnd, gravity, lean
from scaleglove.channels import CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.vocabulary import Pose


@dataclass(frozen=True, eq=False)
class TrainingReadings:
    """What the glove of the training data read: one row for each letter and way of holding it.

    `labels` int64[n], indices of the model's labels; `flex` float64[n, 5], NaN where the sensor had no contact;
    `directions` float64[n, 3], of gravity; `poses`: the label that is held in each pose of a glove's check, if any;
    `unit`: the gain and the offset that made counts of what the glove gave; `of_many`: they are of many people, in the
    common range.
    """

    labels: NDArray[np.int64]
    flex: Floats
    directions: Floats
    poses: Mapping[Pose, int] = field(default_factory=dict)
    unit: tuple[float, float] = (1.0, 0.0)
    of_many: bool = False

    @classmethod
    def of(cls, shapes: NDArray[np.float32], labels: Sequence[int], poses: Mapping[Pose, int] | None = None) -> Self:
        """Make it of held shapes float32[n, 8] in raw units, and the letter of each."""
        flex = shapes[:, FLEX].astype(np.float64)
        flex[flex < DROPPED_FLEX_BELOW] = np.nan
        return cls(np.array(labels, np.int64), flex, gravity(shapes[:, LEAN]), poses or {})

    @cached_property
    def low(self) -> Floats:
        """The low end of each finger's range, float64[5]."""
        return np.asarray(np.nanpercentile(self.flex, LOW, axis=0))

    @cached_property
    def high(self) -> Floats:
        """The high end of each finger's range, float64[5]."""
        return np.asarray(np.nanpercentile(self.flex, HIGH, axis=0))

    @property
    def ends(self) -> Floats:
        """Both ends of each finger's range, float64[2, 5]."""
        return np.stack([self.low, self.high])

    @cached_property
    def neutral(self) -> Floats:
        """Pitch and roll of the mean direction, and a yaw of 0: float64[3]."""
        return np.append(lean(self.directions.mean(axis=0)), 0.0)

    @property
    def shapes(self) -> NDArray[np.float32]:
        """The shapes float32[n, 8] in counts and degrees; a sensor without contact reads DROPPED, and yaw is 0."""
        shapes = np.zeros((len(self.labels), len(CHANNELS)), np.float32)
        shapes[:, FLEX] = np.where(np.isnan(self.flex), DROPPED, self.flex)
        shapes[:, LEAN] = lean(self.directions)
        return shapes

    @property
    def is_in_counts(self) -> bool:
        """Whether the training's glove gave counts."""
        return self.unit == TrainingReadings.unit

    @cached_property
    def as_counts(self) -> FrontEnd:
        """The front end of a glove that gives counts; what it does not have says nothing."""
        return FrontEnd(neutral=self.neutral)

    @cached_property
    def as_own_unit(self) -> FrontEnd:
        """The front end of the training's own glove."""
        if self.is_in_counts:
            return self.as_counts
        gain, offset = (np.full(FINGERS, value) for value in self.unit)
        contact = np.tile([-ANY_READING, ANY_READING], (FINGERS, 1))
        return replace(self.as_counts, gain=gain, offset=offset, contact=contact)

    def beyond(self, medians: Floats) -> Floats:
        """Return how far medians float64[5] of the fingers lie outside the range of each, in ranges; 0 within it, NaN
        for a finger that is missing."""
        outside = np.maximum(self.low - medians, medians - self.high)
        return np.asarray(np.maximum(outside, 0.0) / (self.high - self.low))

    def directions_of(self, poses: Sequence[Pose]) -> Floats:
        """Return the mean direction float64[k, 3] of the labels held in these poses, NaN for one without."""
        nothing = -1
        _, directions = self.means(np.array([self.poses.get(pose, nothing) for pose in poses], np.int64))
        return directions

    def means(self, labels: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return the mean flex float64[k, 5] and direction float64[k, 3] of letters, NaN for one without a row."""
        flex, directions = np.full((len(labels), FINGERS), np.nan), np.full((len(labels), 3), np.nan)
        for row, label in enumerate(labels):
            mine = self.labels == label
            if mine.any():
                flex[row] = mean_of_known(self.flex[mine])
                directions[row] = self.directions[mine].mean(axis=0)
        return flex, directions


def plain_front_end(training: TrainingReadings | None) -> FrontEnd:
    """Return the front end of a glove whose readings are used as they are; what it does not have says nothing."""
    return FrontEnd() if training is None else training.as_counts


def own_front_end(training: TrainingReadings | None) -> FrontEnd:
    """Return the front end of the training's own glove: one in another unit than counts is brought to them."""
    return FrontEnd() if training is None else training.as_own_unit


def front_end_by_readings(windows: Sequence[NDArray[np.float32]], training: TrainingReadings | None) -> FrontEnd:
    """Return the front end of a glove of which nothing is known but these readings: windows float32[n_i, 8], each of
    one shape.

    Where the training's glove read in another unit than counts it is that unit, unless most fingers are nearer to the
    training's ranges as they are; otherwise the readings stay as they are.
    """
    plain = plain_front_end(training)
    if training is None or training.is_in_counts or not windows:
        return plain
    gain, offset = training.unit
    shapes = np.stack([medians(window[:, FLEX].astype(np.float64)) for window in windows])
    apart = [
        medians(np.stack([training.beyond(shape) for shape in seen]).reshape(-1, 1))[0]
        for seen in (gain * shapes + offset, shapes)
    ]
    return plain if apart[1] < apart[0] else own_front_end(training)


def in_counts(window: NDArray[np.float32], training: TrainingReadings | None) -> NDArray[np.float32]:
    """Return a window float32[n, 8] of a glove of which nothing is known as `front_end_by_readings` shows it."""
    return front_end_by_readings([window], training).apply(window)


def medians(values: Floats) -> Floats:
    """Return the median float64[k] of each column of float64[n, k] without its NaN; NaN where there is nothing else."""
    if len(values) and not np.isnan(values).any():  # as most are, and a request has thousands
        return np.asarray(np.median(values, axis=0))
    known = [column[~np.isnan(column)] for column in values.T]
    return np.array([np.median(column) if len(column) else np.nan for column in known])


def mean_of_known(values: Floats) -> Floats:
    """Return the mean over rows without NaN, NaN where there is no other."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    mean: Floats = np.where(count, np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)
    return mean
