"""Guided calibration on made recordings, whose embeddings are made too: nothing depends on a training."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.cases import cases, drawn
from benchmarks.streams.guided import (
    COUNTS,
    METHODS,
    Wearer,
    calibrate,
    guided,
    mean_of,
    next_recording,
)
from models.adaptation.example_selection import ExampleSelector
from models.adaptation.open_set import OpenSetReference
from models.data.dataset import Recording
from models.runtime.artefact import Outputs
from scaleglove.letters import LETTERS
from scaleglove.scales import SCALES
from service.inference.engine import Model
from tests.made_letters import BENDS, COLLECTIONS, made_letters

RECORDINGS = made_letters(episodes=12)
SHOWN = drawn(cases(RECORDINGS)[-1], RECORDINGS, "guided", 0)
RESTS = np.full((2, 30), -9, np.float32)


def embeddings_of(recordings: list[Recording], noise: float) -> np.ndarray:
    """Return an embedding near the letter's centre, or one that says little of the letter where the noise is large."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 3, (len(LETTERS), RESTS.shape[1]))
    clean = np.stack([centres[each.label] for each in recordings])
    return (clean + rng.normal(0, noise, clean.shape)).astype(np.float32)


def test_another_style_is_given_as_long_as_there_is_one() -> None:
    shown: list[int] = []
    for _ in range(4):
        index = next_recording(RECORDINGS, range(len(RECORDINGS)), 3, shown, other_style=True)
        assert index is not None
        shown.append(index)
    assert all(RECORDINGS[index].label == 3 for index in shown)
    assert len(set(shown)) == 4
    assert {RECORDINGS[index].bend for index in shown[:3]} == set(BENDS)


def test_the_first_recording_in_order_is_given_where_the_style_does_not_matter() -> None:
    order = [index for index, each in enumerate(RECORDINGS) if each.label == 3][::-1]
    shown: list[int] = []
    for _ in order:
        index = next_recording(RECORDINGS, order, 3, shown, other_style=False)
        assert index is not None
        shown.append(index)
    assert shown == order
    assert next_recording(RECORDINGS, order, 3, shown, other_style=False) is None


def test_a_guided_session_ends_when_the_selector_has_enough() -> None:
    embeddings = embeddings_of(SHOWN, noise=0.01)
    selector = ExampleSelector(OpenSetReference.of(embeddings, [each.label for each in SHOWN], len(LETTERS)))
    session = guided(SHOWN, embeddings, RESTS, selector)
    assert not session.used_up
    assert len(session.taken) == len(set(session.taken)) == 24 + 12
    assert {SHOWN[index].label for index in session.taken[:24]} == set(range(24))


def test_a_guided_session_ends_where_the_recordings_of_a_letter_are_used_up() -> None:
    """Embeddings that say nothing of the letter keep the selector asking, and there is one recording of each."""
    few = [next(each for each in SHOWN if each.label == label) for label in range(24)]
    embeddings = embeddings_of(few, noise=100.0)
    selector = ExampleSelector(OpenSetReference.of(embeddings, [each.label for each in few], len(LETTERS)))
    session = guided(few, embeddings, RESTS, selector)
    assert session.used_up
    assert sorted(session.taken) == list(range(24))


class MadeModel:
    """A model that knows each recording by its samples."""

    def __init__(self, recordings: list[Recording], noise: float) -> None:
        embeddings = embeddings_of(recordings, noise)
        self.reference = OpenSetReference.of(embeddings, [each.label for each in recordings], len(LETTERS))
        self._embeddings = {id(each.samples): row for each, row in zip(recordings, embeddings, strict=True)}

    def run_windows(self, windows: list[np.ndarray]) -> Outputs:
        rows = np.stack([self._embeddings[id(window)] for window in windows])
        probabilities = np.full((len(rows), len(LETTERS)), 1 / len(LETTERS), np.float32)
        return Outputs(probabilities, np.ones((len(rows), len(SCALES)), np.float32), rows)


def wearer_of(recordings: list[Recording]) -> Wearer:
    return Wearer(recordings, cast(Model, MadeModel(recordings, noise=0.5)))


COLLECTION = [each for each in RECORDINGS if each.collection == COLLECTIONS[0]]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_reaches_the_largest_count_where_there_are_recordings(method: str) -> None:
    accuracies = calibrate(wearer_of(COLLECTION), method, seed=0)
    assert len(accuracies) == len(COUNTS)
    assert not np.isnan(accuracies).any()
    assert accuracies[-1] > 90


@pytest.mark.parametrize("method", METHODS)
def test_a_session_ends_where_the_recordings_are_used_up(method: str) -> None:
    only = next(each for each in COLLECTION if each.label == 0)
    accuracies = calibrate(wearer_of([each for each in COLLECTION if each.label or each is only]), method, seed=0)
    assert len(accuracies) == len(COUNTS)
    assert np.isnan(accuracies[-1])
    assert np.isnan(mean_of([accuracies, [50.0] * len(COUNTS)])[-1])
