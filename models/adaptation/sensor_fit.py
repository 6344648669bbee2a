"""Fit of a glove's front end: to labelled examples, or to the range of held shapes without labels. Pure numpy.

The model's `TrainingReadings` say what its own glove read for each letter. Examples of the same letters on another
glove give the front end by robust regression of their means on those; without labels the range of each finger over the
shapes held gives gain and offset, and signs and conventions of axes are those under which the shapes are densest among
the training's. Of a training of many people gain and offset are then fitted to the letters that the shapes probably
are.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.contact import LEAST_SPREAD, range_of, still_fingers, without_drop_outs
from models.adaptation.divider import full_scale_of, straightened
from models.adaptation.front_end import (
    FINGERS,
    LEAN,
    NO_CONTACT,
    Floats,
    FrontEnd,
    gravity,
    median_frame,
)
from models.adaptation.likely_letters import fit_to_likely_letters
from models.adaptation.shape_likelihood import direction_likelihoods, flex_likelihoods
from models.adaptation.training_readings import TrainingReadings, front_end_by_readings, mean_of_known
from scaleglove.channels import FLEX

LETTERS_TO_FIT: Final = 8
"""Examples of fewer letters do not determine a front end; what is known otherwise is better."""


_ROUNDS: Final = 10
SURE: Final = 0.25
"""Mean log-density by which other signs or axes must lead the glove's own."""
_LEAST_DENSITY: Final = 1e-12


def fit_to_examples(shapes: NDArray[np.float32], labels: Sequence[int], training: TrainingReadings) -> FrontEnd | None:
    """Fit a front end to examples: `shapes` float32[n, 8], the median frame of each, and its letter.

    Returns None for fewer than LETTERS_TO_FIT letters. A finger whose readings say nothing keeps gain 1 and offset 0;
    one that reads the same whatever is held is dead.
    """
    marks = np.array(labels, np.int64)
    letters = np.unique(marks[marks >= 0])
    if len(letters) < LETTERS_TO_FIT:
        return None
    flex, bounds = without_drop_outs(shapes[:, FLEX].astype(np.float64), training.ends)
    bounds[still_fingers(flex)] = NO_CONTACT
    directions = gravity(shapes[:, LEAN])
    own_flex = np.stack([mean_of_known(flex[marks == letter]) for letter in letters])
    own_directions = np.stack([mean_of_known(directions[marks == letter]) for letter in letters])
    to_flex, to_directions = training.means(letters)
    gain, offset = np.ones(FINGERS), np.zeros(FINGERS)
    for finger in range(FINGERS):
        known = ~np.isnan(own_flex[:, finger]) & ~np.isnan(to_flex[:, finger])
        line = _fit_line(own_flex[known, finger], to_flex[known, finger])
        if line is not None:
            gain[finger], offset[finger] = line
    turned = ~np.isnan(own_directions).any(axis=1) & ~np.isnan(to_directions).any(axis=1)
    enough = turned.sum() >= LETTERS_TO_FIT
    rotation = fit_rotation(own_directions[turned], to_directions[turned]) if enough else np.eye(3)
    return FrontEnd(gain, offset, rotation, bounds, training.neutral)


def fit_range(flex: Floats, training: TrainingReadings) -> tuple[Floats, Floats]:
    """Return the positive gain and the offset, float64[5] each, with which the range of each finger over shapes
    float64[n, 5] becomes the training's. A finger that does not move is put into the middle of it."""
    ends = [range_of(column[~np.isnan(column)]) for column in flex.T]
    low, high = np.array(ends).T
    moves = high - low > LEAST_SPREAD
    gain = (training.high - training.low) / np.where(moves, high - low, 1.0)
    offset = np.where(moves, training.low - gain * low, (training.low + training.high) / 2 - gain * low)
    return gain, offset


def front_end_for(
    windows: Sequence[NDArray[np.float32]],
    labels: Sequence[int],
    training: TrainingReadings | None,
    of_glove: FrontEnd | None = None,
) -> FrontEnd:
    """Return the front end for a user's examples: windows float32[n_i, 8] and the letter of each, negative for none.

    It is fitted to the examples' letters; for too few letters it is the glove's, if that is known, or one fitted to
    their range, where that explains them far better than the readings as they are. Otherwise it is that of the
    training's own unit or of none, by what all windows read.
    """
    letters = [index for index, label in enumerate(labels) if label >= 0]
    otherwise = of_glove or front_end_by_readings(windows, training)
    if training is None or len(letters) < _LEAST_SHAPES:
        return otherwise
    shapes = np.stack([median_frame(windows[index]) for index in letters])
    fitted = fit_to_examples(shapes, [labels[index] for index in letters], training)
    if fitted is not None:
        return fitted
    if of_glove is not None:
        return of_glove
    ranged = range_shapes(seen_through(otherwise, shapes), training)
    return ranged.front_end.after(otherwise) if ranged.gained >= FAR_BETTER else otherwise


def seen_through(front_end: FrontEnd, shapes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return shapes float32[n, 8] as a front end shows them, NaN where the glove has no such sensor: there is nothing
    to range."""
    return np.where(np.isnan(shapes), shapes, front_end.apply(shapes))


FAR_BETTER: Final = 0.5
"""Gain of a range of few shapes that is no chance: hands of the training data gained up to 0.24."""

_LEAST_SHAPES: Final = 3


@dataclass(frozen=True, slots=True)
class Ranged:
    """A front end from the shapes that were held, without labels.

    `reversed_fingers` and `turned` say which signs and axes differ from the training glove's. `gained` is the
    mean log-density of a shape under the training's shapes with the front end, less that without one. `full_scale` is
    the converter's, None where the readings are no converter's.
    """

    front_end: FrontEnd
    reversed_fingers: tuple[int, ...]
    turned: bool
    gained: float
    full_scale: float | None = None


Judge = Callable[[NDArray[np.float32]], float]
"""How well a model knows shapes float32[n, 8] as the training's glove would read them; more is better."""


def range_shapes(
    shapes: NDArray[np.float32],
    training: TrainingReadings,
    judge: Judge | None = None,
    full_scale: float | None = None,
) -> Ranged:
    """Fit a front end to held shapes float32[n, 8] without labels.

    Of all signs and all conventions of axes (48 signed permutations) those are taken under which the shapes are densest
    among the training's, each if it leads the glove's own by SURE. Of axes that the densest do not lead by that much
    `judge` takes those that the model knows best. `full_scale` is the converter's, if it is stated. What many people
    read for a letter says more than the ends of a range (`models.adaptation.likely_letters`); of two or three people it
    is theirs alone.
    """
    flex, bounds = without_drop_outs(shapes[:, FLEX].astype(np.float64), training.ends)
    gain, offset = fit_range(flex, training)
    still = still_fingers(flex)
    flex[:, still] = np.nan  # what a dead sensor reads says nothing about how well the others fit
    forward = flex * gain + offset
    middle = training.low + training.high
    by_sign = [flex_likelihoods(forward, training), flex_likelihoods(middle - forward, training)]
    by_signs = np.stack([
        np.prod([by_sign[sign][finger] for finger, sign in enumerate(signs)], axis=0) for signs in _SIGNS
    ])  # fmt: skip
    by_axes = direction_likelihoods(gravity(shapes[:, LEAN]) @ _AXES.transpose(0, 2, 1), training)
    densities = _log_density(by_signs, by_axes)
    signs, axes = _surest(densities)
    flipped = np.array(_SIGNS[signs], bool)
    front_end = FrontEnd(
        np.where(flipped, -gain, gain),
        np.where(flipped, middle - offset, offset),
        _AXES[axes],
        np.where(still[:, np.newaxis], NO_CONTACT, bounds),
        training.neutral,
    )
    if full_scale is None or np.nanmax(flex, initial=0.0) > full_scale:  # unknown, or stated and wrong
        full_scale = full_scale_of(flex)
    if full_scale is not None and training.is_in_counts:
        front_end = straightened(front_end, _moving(flex), full_scale, training.low, training.high)
    if judge is not None and axes:
        axes = _best_known(densities[signs], front_end, shapes, judge)
        front_end = replace(front_end, rotation=_AXES[axes])
    if training.of_many and not front_end.slope.any():
        directions = gravity(shapes[:, LEAN]) @ front_end.rotation.T
        front_end = fit_to_likely_letters(front_end, flex, directions, training)
    as_is = np.prod(flex_likelihoods(flex, training), axis=0)[np.newaxis]
    gained = float(densities[signs, axes] - _log_density(as_is, by_axes[:1])[0, 0])
    return Ranged(front_end, tuple(np.flatnonzero(flipped).tolist()), bool(axes), gained, full_scale)


def _best_known(densities: Floats, front_end: FrontEnd, shapes: NDArray[np.float32], judge: Judge) -> int:
    """Return the axes under which the model knows the shapes best, of those but the glove's own that the densest, by
    densities float64[axes], do not lead by SURE."""
    alike = [axes for axes in range(1, len(_AXES)) if densities[1:].max() - densities[axes] < SURE]
    if len(alike) == 1:
        return alike[0]
    return max(alike, key=lambda axes: judge(replace(front_end, rotation=_AXES[axes]).apply(shapes)))


def _moving(flex: Floats) -> NDArray[np.bool_]:
    """Return which fingers bool[5] have a range over shapes float64[n, 5]."""
    ranges = [np.ptp(range_of(column[~np.isnan(column)])) for column in flex.T]
    return np.array(ranges) > LEAST_SPREAD


def _log_density(by_signs: Floats, by_axes: Floats) -> Floats:
    """Return the mean log-density float64[signs, axes] of shapes with likelihoods [signs, n, m] and [axes, n, m]."""
    sums = np.matmul(by_signs.transpose(1, 0, 2), by_axes.transpose(1, 2, 0)) / by_signs.shape[2]
    density: Floats = np.log(sums + _LEAST_DENSITY).mean(axis=0)
    return density


def _surest(densities: Floats) -> tuple[int, int]:
    """Return the signs and the axes, indices into densities float64[signs, axes], that lead the glove's own by SURE.

    Each lead is measured with the other choice as it is: reversed fingers lead by so much that any axes would pass
    with them.
    """
    by_axes = densities.max(axis=0)
    axes = int(by_axes.argmax())
    axes = axes if by_axes[axes] - by_axes[0] >= SURE else 0
    by_signs = densities[:, axes]
    signs = 0
    # All sensors of a glove are usually wired alike, so one that differs from the others leads them too.
    for other in (_ALL_REVERSED, int(by_signs.argmax())):
        signs = other if by_signs[other] - by_signs[signs] >= SURE else signs
    return signs, axes


def _signed_permutations() -> Floats:
    """Return the 48 matrices that permute and negate axes, the identity first."""
    matrices = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            matrix = np.zeros((3, 3))
            matrix[range(3), order] = signs
            matrices.append(matrix)
    return np.stack(matrices)


_AXES: Final = _signed_permutations()
_SIGNS: Final = tuple(itertools.product((0, 1), repeat=FINGERS))
_ALL_REVERSED: Final = len(_SIGNS) - 1


def _fit_line(own: Floats, wanted: Floats) -> tuple[float, float] | None:
    """Return gain and offset from `own` to `wanted` float64[k]: the ratio of their spreads with the sign of their
    correlation, robustly reweighted; None where `own` does not vary."""
    if len(own) < LETTERS_TO_FIT:
        return None
    weights = np.ones(len(own))
    gain = offset = 0.0
    for _ in range(_ROUNDS):
        total = weights.sum()
        mean, to_mean = (weights @ own) / total, (weights @ wanted) / total
        variance, to_variance = weights @ (own - mean) ** 2 / total, weights @ (wanted - to_mean) ** 2 / total
        if variance <= LEAST_SPREAD**2:
            return None
        covariance = weights @ ((own - mean) * (wanted - to_mean)) / total
        gain = float(np.copysign(np.sqrt(to_variance / variance), covariance))
        offset = float(to_mean - gain * mean)
        error = gain * own + offset - wanted
        weights = _weights(np.abs(error))
    return gain, offset


def fit_rotation(own: Floats, wanted: Floats) -> Floats:
    """Return the orthogonal matrix (Procrustes) from directions `own` to `wanted` float64[k, 3], robustly weighted."""
    weights = np.ones(len(own))
    rotation = np.eye(3)
    for _ in range(_ROUNDS):
        left, _, right = np.linalg.svd(wanted.T @ (weights[:, np.newaxis] * own))
        rotation = left @ right
        weights = _weights(np.linalg.norm(own @ rotation.T - wanted, axis=1))
    return rotation


def _weights(error: Floats) -> Floats:
    spread = max(float(np.median(error)) * 1.4826, LEAST_SPREAD)
    return 1 / (1 + np.square(error / (2 * spread)))
