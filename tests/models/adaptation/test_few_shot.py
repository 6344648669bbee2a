"""Calibration on numbers alone, without a network."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.adaptation.few_shot import TransductiveCalibration, squared_distances

LETTERS, SIZE = 24, 5
SOME = st.integers(1, 8)
SEEDS = st.integers(0, 100_000)


def embeddings(rows: int, width: float = 2.0**127) -> st.SearchStrategy[NDArray[np.float32]]:
    """Any numbers, however large; or within `width`."""
    return arrays(np.float32, (rows, SIZE), elements=st.floats(-width, width, width=32))


def probabilities(rng: np.random.Generator, rows: int) -> NDArray[np.float32]:
    """Doubtful and certain rows, some of them zero for most letters."""
    drawn = rng.dirichlet(np.full(LETTERS, 0.05), rows)
    drawn[rng.random(rows) < 0.3] = np.eye(LETTERS)[rng.integers(LETTERS)]
    return drawn.astype(np.float32)


@given(st.data(), SEEDS, SOME)
def test_answers_are_probabilities_whatever_the_numbers(data: st.DataObject, seed: int, asked: int) -> None:
    windows, p = data.draw(embeddings(asked)), probabilities(np.random.default_rng(seed), asked)
    answers = TransductiveCalibration.of(p, windows).answer(p, windows)
    assert (answers.shape, answers.dtype) == ((asked, LETTERS), np.float32)
    assert (answers >= 0).all()
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)


def clusters(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Draw embeddings of six letters equally far apart, 20 windows each, their letters, and the probabilities of a
    model that classifies every fifth as another of them."""
    letters = np.repeat(rng.permutation(LETTERS)[:6], 20)
    centres = np.repeat(4 * np.linalg.qr(rng.standard_normal((12, 12)))[0][:6], 20, axis=0)
    windows = (centres + rng.standard_normal((120, 12)) / 12**0.5).astype(np.float32)
    named = letters.copy()
    named[::5] = np.roll(letters, 20)[::5]
    p = np.full((120, LETTERS), 0.4 / (LETTERS - 1))
    p[np.arange(120), named] = 0.6
    return windows, letters, p.astype(np.float32)


@given(SEEDS)
def test_self_calibration_puts_right_what_its_neighbours_know_better(seed: int) -> None:
    windows, letters, p = clusters(np.random.default_rng(seed))
    assert (p.argmax(axis=1) == letters).mean() == 0.8
    calibrated = TransductiveCalibration.of(p, windows)
    answers = calibrated.answer(p, windows)
    there = np.unique(letters)
    means = np.stack([windows[letters == letter].mean(axis=0) for letter in there])
    assert np.diag(squared_distances(calibrated.centres[there], means)).max() < 0.5
    np.testing.assert_array_equal(there[answers[:, there].argmax(axis=1)], letters)
    # The common centre of letters that nobody signed may drift to a few windows at the edge of a cluster.
    assert (answers.argmax(axis=1) == letters).mean() > 0.9


@given(SEEDS)
def test_self_calibration_is_the_same_each_time_and_whatever_the_order_of_windows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    windows, _, p = clusters(rng)
    centres = TransductiveCalibration.of(p, windows).centres
    np.testing.assert_array_equal(TransductiveCalibration.of(p, windows).centres, centres)
    order = rng.permutation(len(p))
    np.testing.assert_allclose(TransductiveCalibration.of(p[order], windows[order]).centres, centres, atol=1e-6)


@given(SEEDS)
def test_distances_are_those_of_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(4, SIZE)).astype(np.float32), rng.normal(size=(3, SIZE)).astype(np.float32)
    expected = ((a[:, np.newaxis].astype(np.float64) - b) ** 2).sum(axis=2)
    np.testing.assert_allclose(squared_distances(a, b), expected, atol=1e-12)


def test_nothing_to_calibrate_with_is_reported() -> None:
    with pytest.raises(ValueError, match="self-calibration needs at least one window"):
        TransductiveCalibration.of(np.zeros((0, LETTERS), np.float32), np.zeros((0, SIZE), np.float32))


def test_a_service_can_calibrate_without_what_training_needs() -> None:
    code = "import sys, models.adaptation.few_shot; print({'torch', 'sklearn', 'scipy', 'onnx'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
