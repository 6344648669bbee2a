"""The metric of a user's examples: along what varies within a letter distances count less."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.user_metric import PRIOR, fit_user_metric

WIDTH = 6


def examples(rng: np.random.Generator, letters: int, each: int, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return examples float32[letters * each, WIDTH] that vary by `spread` within a letter, and their letters."""
    labels = np.repeat(np.arange(letters), each)
    centres = rng.normal(0, 3, (letters, WIDTH))
    return (centres[labels] + rng.normal(0, spread, (len(labels), WIDTH))).astype(np.float32), labels


def test_without_a_repeated_letter_distances_stay() -> None:
    embeddings, labels = examples(np.random.default_rng(0), 8, 1, np.ones(WIDTH))
    np.testing.assert_array_equal(fit_user_metric(embeddings, labels), np.eye(WIDTH))
    resting = np.concatenate([embeddings, embeddings[:3]])
    np.testing.assert_array_equal(fit_user_metric(resting, [*labels, -1, -1, -1]), np.eye(WIDTH))


@pytest.mark.parametrize("varied", range(WIDTH))
def test_a_direction_that_varies_within_letters_counts_least(varied: int) -> None:
    spread = np.full(WIDTH, 0.2)
    spread[varied] = 3.0
    metric = fit_user_metric(*examples(np.random.default_rng(1), 10, 8, spread))
    lengths = np.square(np.eye(WIDTH) @ metric).sum(axis=1)
    assert lengths.argmin() == varied
    assert lengths[varied] < 0.3 * np.delete(lengths, varied).min()


@given(st.integers(0, 99), st.integers(2, 6))
def test_it_is_the_inverse_of_the_posterior_covariance_whatever_the_order(seed: int, each: int) -> None:
    rng = np.random.default_rng(seed)
    embeddings, labels = examples(rng, 5, each, np.full(WIDTH, 0.5))
    metric = fit_user_metric(embeddings, labels).astype(np.float64)
    around = embeddings - np.stack([embeddings[labels == letter].mean(axis=0) for letter in labels])
    repeats = len(labels) - 5
    covariance = (PRIOR * np.eye(WIDTH) + around.T @ around) / (PRIOR * WIDTH + repeats)
    np.testing.assert_allclose(metric @ metric.T * WIDTH, np.linalg.inv(covariance), rtol=1e-3, atol=1e-4)
    order = rng.permutation(len(labels))
    np.testing.assert_allclose(fit_user_metric(embeddings[order], labels[order]), metric, atol=1e-4)
