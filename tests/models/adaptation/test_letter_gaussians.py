"""A Gaussian of each letter over what many people read for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.adaptation.front_end import FINGERS, LEAN, gravity
from models.adaptation.letter_gaussians import LetterGaussians
from models.adaptation.training_readings import TrainingReadings
from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact

LETTERS, PEOPLE = 8, 12
ARTEFACTS = Path(__file__).parents[3] / "models" / "artefacts"


def shapes_of(seed: int, people: int = PEOPLE) -> tuple[np.ndarray, list[int]]:
    """Return shapes float32[n, 8] of people who hold the same letters, each a little in their own way."""
    letters = np.random.default_rng(0).uniform([*[700] * 5, -60, -60, 0], [*[900] * 5, 60, 60, 0], (LETTERS, 8))
    own = np.random.default_rng(seed).normal(0, 8, (people, LETTERS, 8)) * ([1] * 7 + [0])
    return (letters + own).reshape(-1, 8).astype(np.float32), [*range(LETTERS)] * people


def encoded(shapes: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return an embedding float32[n, 40] of shapes that has their readings in it, as an encoded network's has."""
    angles = np.deg2rad(shapes[:, LEAN])
    told = np.column_stack(
        [shapes[:, :FINGERS] / 100, np.sin(angles), np.cos(angles), (shapes[:, :FINGERS] / 900) ** 2]
    )
    return (told @ np.random.default_rng(seed).normal(0, 1, (told.shape[1], 40))).astype(np.float32)


def fitted(seed: int = 0) -> LetterGaussians:
    shapes, labels = shapes_of(1)
    found = LetterGaussians.of(encoded(shapes, seed), TrainingReadings.of(shapes, labels), LETTERS + 1)
    assert found is not None
    return found


def test_letters_of_people_never_met_are_named() -> None:
    shapes, labels = shapes_of(2, 40)
    answers = fitted().probabilities(encoded(shapes))
    assert answers.shape == (len(shapes), LETTERS + 1)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)
    assert (answers.argmax(axis=1) == labels).mean() > 0.9
    assert not answers[:, LETTERS].any()  # of a letter that nobody showed there is nothing to say


def test_they_are_the_densities_of_a_plain_computation() -> None:
    training, labels = shapes_of(1)
    flex, marks = training[:, :FINGERS].astype(np.float64), np.array(labels)
    directions = gravity(training[:, LEAN]) * 1.5
    z = np.column_stack([(flex - flex.mean(axis=0)) / flex.std(axis=0), directions])
    means = np.stack([z[marks == letter].mean(axis=0) for letter in range(LETTERS)])
    within = np.cov((z - means[marks]).T, bias=True)
    scores = []
    for letter in range(LETTERS):
        own = np.cov(z[marks == letter].T, bias=True)
        covariance = 0.3 * own + 0.7 * within + 0.3 * np.trace(within) / 8 * np.eye(8)
        apart = z - means[letter]
        distances = np.einsum("ni,ij,nj->n", apart, np.linalg.inv(covariance), apart)
        scores.append(-0.5 * distances - 0.5 * np.linalg.slogdet(covariance)[1])
    likely = np.exp(np.stack(scores, axis=1) - np.max(scores, axis=0)[:, np.newaxis])
    wanted = likely / likely.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted().probabilities(encoded(training))[:, :LETTERS], wanted, atol=2e-3)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_however_the_embedding_has_the_readings_the_answer_is_the_same(seed: int) -> None:
    shapes, _ = shapes_of(2, 3)
    one, other = (fitted(each).probabilities(encoded(shapes, each)) for each in (0, seed))
    np.testing.assert_allclose(one, other, atol=5e-3)


def test_a_sensor_without_contact_in_training_is_no_matter() -> None:
    shapes, labels = shapes_of(1)
    embeddings, lost = encoded(shapes), shapes.copy()
    lost[::5, 1] = 0.0
    lost[[label == 2 for label in labels], 3] = 0.0  # nobody's had contact in this letter
    found = LetterGaussians.of(embeddings, TrainingReadings.of(lost, labels), LETTERS)
    assert found is not None
    assert (found.probabilities(embeddings).argmax(axis=1) == labels).mean() > 0.9


@pytest.mark.parametrize(
    "told",
    [
        lambda shapes: np.random.default_rng(0).normal(0, 1, (len(shapes), 200)).astype(np.float32),
        lambda shapes: np.zeros((len(shapes), 3), np.float32),
        lambda shapes: encoded(shapes * ([1, 1, 0, 1, 1, 1, 1, 1])),
        lambda shapes: np.sin(encoded(shapes)).astype(np.float32),
    ],
    ids=["noise", "nothing", "without a finger", "bent"],
)
def test_an_embedding_that_does_not_tell_what_was_read_has_none(told: Callable[[np.ndarray], np.ndarray]) -> None:
    shapes, labels = shapes_of(1)
    assert LetterGaussians.of(told(shapes), TrainingReadings.of(shapes, labels), LETTERS) is None


@pytest.mark.parametrize("kept", [LETTERS, 2 * LETTERS - 1, 3])
def test_letters_shown_in_one_way_have_none(kept: int) -> None:
    shapes, labels = shapes_of(1)
    training = TrainingReadings.of(shapes[:kept], labels[:kept])
    assert LetterGaussians.of(encoded(shapes[:kept]), training, LETTERS) is None


@pytest.mark.parametrize(
    ("name", "has"), [("American_INT8", True), ("American_Signs_INT8", False), ("MSCSGRU_ScaleAware_Encoded", False)]
)
def test_of_the_shipped_artefacts_those_of_letters_of_many_people_have_them(name: str, has: bool) -> None:
    """Signs that move gain nothing by them, nor do the letters of a few people beyond chance."""
    artefact = Artefact.load(ARTEFACTS / f"{name}.onnx")
    assert artefact.reference is not None
    assert (artefact.reference.gaussians is not None) == has
    kernel = accelerate(artefact, "auto")
    assert kernel.reference is artefact.reference
    if artefact.reference.gaussians is not None and artefact.readings is not None:
        windows = [np.tile(shape, (10, 1)) for shape in artefact.readings.shapes]
        of_artefact, of_kernel = (
            artefact.reference.gaussians.probabilities(model.run_windows(windows).embedding)
            for model in (artefact, kernel)
        )
        assert (of_artefact.argmax(axis=1) == artefact.readings.labels).mean() > 0.85
        np.testing.assert_allclose(of_artefact, of_kernel, atol=1e-3)
