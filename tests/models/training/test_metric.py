"""The metric against its equation and its purpose."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from models.training.metric import SHRINKAGE, fit_metric  # noqa: E402


def windows(seed: int, size: int, letters: int = 6, each: int = 15) -> tuple[object, object]:
    """Draw features of letters far from each other, which vary more in one direction than in another."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(rng.choice(24, letters, replace=False), each)
    spread = np.geomspace(10, 0.1, size)[:, np.newaxis] * np.linalg.qr(rng.standard_normal((size, size)))[0]
    features = 100 * rng.standard_normal((24, size))[labels] + rng.standard_normal((len(labels), size)) @ spread
    return torch.from_numpy(features.astype(np.float32)), torch.from_numpy(labels)


def mean_squared_distance(features: object, labels: object) -> float:
    """Return the mean squared distance of windows from the mean of their letter."""
    exact = features.double()
    within = torch.cat([exact[labels == letter] - exact[labels == letter].mean(dim=0) for letter in labels.unique()])
    return float(within.square().sum(dim=1).mean())


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_a_window_lies_at_a_mean_squared_distance_of_1_from_its_letter(seed: int, size: int) -> None:
    features, labels = windows(seed, size)
    metric = fit_metric(features, labels)
    assert (metric.shape, metric.dtype) == ((size, size), torch.float32)
    assert mean_squared_distance(features.double() @ metric.double(), labels) == pytest.approx(1, rel=1e-4)


def test_it_is_the_equation() -> None:
    features, labels = windows(3, 7)
    x, letters = features.double().numpy(), labels.numpy()
    within = np.concatenate([x[letters == letter] - x[letters == letter].mean(axis=0) for letter in np.unique(letters)])
    covariance = np.cov(within.T, bias=True)
    covariance += SHRINKAGE * np.trace(covariance) / 7 * np.eye(7)
    metric = fit_metric(features, labels).double().numpy()
    identity = metric @ metric.T @ covariance
    np.testing.assert_allclose(identity / identity[0, 0], np.eye(7), atol=1e-4)


def test_a_way_in_which_letters_vary_counts_less() -> None:
    rng = np.random.default_rng(0)
    features = rng.standard_normal((200, 4)).astype(np.float32) * np.array([10, 1, 1, 1], np.float32)
    metric = fit_metric(torch.from_numpy(features), torch.arange(200) % 5)
    weight = metric.square().sum(dim=1)  # of a step of one along each trait
    assert (weight[1:] > 5 * weight[0]).all()


@pytest.mark.parametrize("each", [1, 8])
def test_letters_that_do_not_vary_at_all_give_every_direction_the_same_weight(each: int) -> None:
    features = torch.eye(5).repeat(each, 1)
    metric = fit_metric(features, torch.arange(5).repeat(each))
    assert torch.isfinite(metric).all()
    torch.testing.assert_close(metric, metric[0, 0] * torch.eye(5))
    assert metric[0, 0] > 0
