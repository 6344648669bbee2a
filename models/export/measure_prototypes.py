"""Measurement of what a model says of the recordings that it was trained on: prototypes and training readings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from models.adaptation.front_end import DROPPED, FINGERS, LEAN, gravity, lean
from models.adaptation.model_reference import Way
from models.adaptation.training_readings import TrainingReadings
from models.data.dataset import Recording, are_many_people
from scaleglove.channels import CHANNELS, DROPPED_FLEX_BELOW

CENTRES: Final = 6
"""Prototypes of one letter where there are many people: a file with those of each person would be twice as large."""


def prototypes_of(
    embeddings: Sequence[NDArray[np.float32]], recordings: Sequence[Recording]
) -> tuple[NDArray[np.float32], list[int], tuple[Way, ...]]:
    """Return the mean embedding float32[n, m] of each letter's recordings by collection and bend type, its letter, and
    the collection, which stands for a person, and the bend type. Of many people they are the centres of those means
    (k-means), and nobody's.

    Args:
        embeddings: float32[m] of each recording.
        recordings: that a network was trained on, as it knows them.
    """
    groups = _groups(recordings)
    means = [np.mean([embeddings[index] for index in members], axis=0) for members in groups.values()]
    letters = [label for label, _, _ in groups]
    if not are_many_people(recordings):
        return np.array(means, np.float32), letters, tuple(Way(person, way) for _, person, way in groups)
    of_letter: dict[int, list[NDArray[np.float32]]] = defaultdict(list)
    for label, mean in zip(letters, means, strict=True):
        of_letter[label].append(mean)
    found = [(centre, label) for label, of_one in of_letter.items() for centre in _centres(of_one)]
    return np.array([centre for centre, _ in found], np.float32), [label for _, label in found], ()


def _centres(means: Sequence[NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
    distinct = np.unique(np.stack(means), axis=0)
    if len(distinct) <= CENTRES:
        return list(distinct)
    return list(KMeans(CENTRES, n_init=4, random_state=0).fit(distinct).cluster_centers_)


def measure_shapes(recordings: Sequence[Recording]) -> tuple[NDArray[np.float32], list[int]]:
    """Return the shape float32[n, 8] of each letter's recordings by collection and bend type, and its letter.

    A shape is the median of the recordings' median readings, with a flex sensor's readings without contact left out (0
    where there are no others), and the mean direction of gravity. Yaw has no fixed zero; it is 0.
    """
    medians = np.stack([np.median(recording.samples, axis=0) for recording in recordings]).astype(np.float64)
    groups = _groups(recordings)
    shapes = [_shape_of(medians[members]) for members in groups.values()]
    return np.array(shapes, np.float32), [group[0] for group in groups]


def readings_of(recordings: Sequence[Recording], *, of_many: bool) -> TrainingReadings:
    """Return the readings that an artefact has which was trained on recordings; `of_many`: of many people, in whose
    common range these are."""
    unit = recordings[0].unit
    readings = TrainingReadings.of(*measure_shapes(recordings))
    return replace(readings, unit=(unit.gain, unit.offset), of_many=of_many)


def _groups(recordings: Sequence[Recording]) -> dict[tuple[int, str, str], list[int]]:
    """Return the indices of the recordings of each letter, collection and bend type, in a stable order."""
    found: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for index, recording in enumerate(recordings):
        found[recording.label, recording.collection, recording.bend].append(index)
    return {group: found[group] for group in sorted(found)}


def _shape_of(medians: NDArray[np.float64]) -> NDArray[np.float64]:
    shape = np.zeros(len(CHANNELS))
    for finger in range(FINGERS):
        touching = medians[medians[:, finger] >= DROPPED_FLEX_BELOW, finger]
        shape[finger] = np.median(touching) if len(touching) else DROPPED
    shape[LEAN] = lean(gravity(medians[:, LEAN]).mean(axis=0))
    return shape
