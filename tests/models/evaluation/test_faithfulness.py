"""Occlusion and rank agreement, on networks with known answers."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from scipy.stats import spearmanr  # noqa: E402

from models.evaluation.faithfulness import (  # noqa: E402
    INFORMATION,
    LOG_ODDS,
    PROBABILITY,
    input_drive,
    occlusion,
    rank_correlation,
    top_agreement,
    window_means,
)
from models.networks.catalogue import NETWORKS  # noqa: E402
from models.networks.scale_aware import LEAST_EFFECT, RECENT_STEPS  # noqa: E402

SILENT = 1


def windows(frames: int = 60, count: int = 12) -> object:
    return torch.randn(count, frames, 8, generator=torch.Generator().manual_seed(3))


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest, settled) -> object:
    return settled(request.param)


def test_a_tower_that_nothing_listens_to_has_no_effect_and_no_importance(network) -> None:
    with torch.no_grad():
        if hasattr(network, "gru"):
            network.gru[0].W[:, SILENT] = 0
        else:
            network.gru_layer1.weight_ih_l0[:, 32 * SILENT : 32 * (SILENT + 1)] = 0
        importance = network.explain(windows())[1].numpy()
    effects = occlusion(network, windows())
    for effect in effects.values():
        assert effect[:, SILENT].max() < 1e-5
    for measure in (PROBABILITY, LOG_ODDS):
        assert effects[measure][:, [0, 2]].mean() > 20 * effects[measure][:, SILENT].max()
    # What is left of it in the share is the floor that keeps a still window defined.
    moved = occlusion(network, windows()[:, -2 * RECENT_STEPS :])[PROBABILITY]
    assert importance[:, SILENT].max() < 2 * LEAST_EFFECT / moved.sum(axis=1).min()
    assert input_drive(network, windows())[:, SILENT].max() == 0


def test_importance_is_the_occlusion_of_a_window_that_is_short_enough(network) -> None:
    x = windows(2 * RECENT_STEPS)
    moved = occlusion(network, x)[PROBABILITY] + LEAST_EFFECT
    with torch.no_grad():
        importance = network.explain(x)[1].numpy()
    np.testing.assert_allclose(importance, moved / moved.sum(axis=1, keepdims=True), atol=1e-5)


def test_effects_are_of_the_answers_with_and_without(settled) -> None:
    network, x = settled("MSCSGRU"), windows()
    with torch.no_grad():
        pooled, _, _ = network.encode(x, None)
        without = pooled.clone()
        without[:, :, :32] = network.pooled_mean[:32]
        p, q = (
            network.head(network.recur(states)[:, -1]).softmax(dim=1).double().numpy() for states in (pooled, without)
        )
    effects = occlusion(network, x)
    np.testing.assert_allclose(effects[PROBABILITY][:, 0], np.maximum(p - q, 0).sum(axis=1), atol=1e-5)
    np.testing.assert_allclose(effects[INFORMATION][:, 0], (p * np.log(p / q)).sum(axis=1), atol=1e-5)
    named = np.arange(len(p)), p.argmax(axis=1)
    np.testing.assert_allclose(
        effects[LOG_ODDS][:, 0], abs(np.log(p / (1 - p))[named] - np.log(q / (1 - q))[named]), atol=1e-4
    )


def test_padding_takes_no_part(settled) -> None:
    network, x = settled("MSCSGRU_ScaleAware"), windows()
    longer = torch.cat([x, torch.full((len(x), 9, 8), 7.0)], dim=1)
    padding = torch.arange(69).expand(len(x), -1) >= 60
    for alone, padded in zip(occlusion(network, x).values(), occlusion(network, longer, padding).values(), strict=True):
        np.testing.assert_allclose(alone, padded, atol=1e-5)
    np.testing.assert_allclose(window_means(network, x), window_means(network, longer, padding), atol=1e-5)


def test_what_a_tower_is_replaced_by_may_be_chosen_by_window(settled) -> None:
    network, x = settled("MSCSGRU_ScaleAware"), windows()
    chosen = window_means(network, x)
    together = occlusion(network, x, stand_in=chosen)[PROBABILITY]
    alone = np.concatenate([occlusion(network, x[[i]], stand_in=chosen[i])[PROBABILITY] for i in range(len(x))])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 6), min_size=1, max_size=20))
def test_rank_correlation_is_spearmans(figures: list[tuple[int, ...]]) -> None:
    one, other = np.split(np.array(figures, float), 2, axis=1)
    for ours, a, b in zip(rank_correlation(one, other), one, other, strict=True):
        ranked = np.ptp(a) > 0 and np.ptp(b) > 0
        assert ours == pytest.approx(spearmanr(a, b).statistic if ranked else 0.0, abs=1e-12)


def test_top_agreement_counts_windows() -> None:
    one = np.array([[3.0, 2, 1], [1, 2, 3], [0, 1, 0], [5, 4, 3]])
    other = np.array([[9.0, 0, 1], [3, 2, 1], [0, 7, 1], [5, 4, 3]])
    assert top_agreement(one, other) == 0.75
