"""Faithfulness of a prediction's scale importance: its agreement with occlusion, the effect of a missing tower.

A tower is left out by replacing its 32 pooled outputs, at every step of the window, by a constant: their mean over
training (comprehensiveness as in DeYoung et al., ERASER, 2020), or the tower's mean in another window.
`network.explain` uses the newest steps alone; here it is the whole window. Pure functions of networks and windows.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor

from models.networks.scale_aware import (
    FILTERS,
    MSCSGRU,
    Network,
    ScaleAwareGRU,
    others_kept,
)
from scaleglove.scales import SCALES

Figures = NDArray[np.float64]

PROBABILITY, INFORMATION, LOG_ODDS = "probability moved", "information lost", "log-odds moved"


def occlusion(
    network: Network, x: Tensor, x_padding: Tensor | None = None, stand_in: Tensor | None = None
) -> dict[str, Figures]:
    """Measure the effect of leaving out each tower.

    Returns float[N, scales] by name of the measure, none negative:

    - PROBABILITY: total variation, 1/2 sum over letters |p - q|, in 0..1;
    - INFORMATION: Kullback-Leibler divergence of q from p, in nats;
    - LOG_ODDS: absolute change of log(p_c / (1 - p_c)) of the predicted letter c.

    Args:
        network: in evaluation mode.
        x: float[N, T, input_size], normalised.
        x_padding: as `network.forward` takes it.
        stand_in: replaces a tower, float[scales * FILTERS], or float[N, scales * FILTERS] by window. None: the mean
            over training.
    """
    constant = network.pooled_mean if stand_in is None else stand_in.unsqueeze(-2)
    with torch.inference_mode():
        pooled, lengths, skip = network.encode(x, x_padding)

        def logits(features: Tensor) -> Tensor:
            return network.classify(network.last_valid(network.recur(features), lengths), skip)

        whole = logits(pooled)
        effects = [_effects(whole, logits(torch.where(kept, pooled, constant))) for kept in others_kept()]
    return {name: torch.stack([effect[name] for effect in effects], dim=1).double().numpy() for name in effects[0]}


def window_means(network: Network, x: Tensor, x_padding: Tensor | None = None) -> Tensor:
    """Return the mean pooled outputs of each window, float[N, scales * FILTERS]: stand-ins for other windows."""
    with torch.inference_mode():
        pooled, lengths, _ = network.encode(x, x_padding)
        return pooled.sum(dim=1) / lengths.unsqueeze(1)


def input_drive(network: Network, x: Tensor, x_padding: Tensor | None = None) -> Figures:
    """Return the importance of the first artefacts, for comparison, float[N, scales], rows that sum to 1: the root
    mean square of |W_k t_k|, with W_k the first recurrent layer's input weights of all gates."""
    with torch.inference_mode():
        pooled, _, _ = network.encode(x, x_padding)
        by_scale = pooled.reshape(*pooled.shape[:2], len(SCALES), FILTERS)
        drive = torch.einsum("ntsi,sji->ntsj", by_scale, _first_layer_weights(network)).square().sum(dim=(1, 3)).sqrt()
        return np.asarray((drive / drive.sum(dim=1, keepdim=True).clamp(min=1e-12)).double().numpy())


def rank_correlation(one: Figures, other: Figures) -> Figures:
    """Return Spearman's rank correlation of the scales in each window, float[N], from float[N, scales] twice; ties
    share their rank, and a window in which all scales of one side tie counts 0."""
    ranks = [rankdata(figures, axis=1) - (figures.shape[1] + 1) / 2 for figures in (one, other)]
    size = np.sqrt((ranks[0] ** 2).sum(axis=1) * (ranks[1] ** 2).sum(axis=1))
    return np.asarray((ranks[0] * ranks[1]).sum(axis=1) / np.where(size > 0, size, 1.0))


def top_agreement(one: Figures, other: Figures) -> float:
    """Return the share of windows, 0..1, in which both rank the same scale first; one in three by chance."""
    return float((one.argmax(axis=1) == other.argmax(axis=1)).mean())


def _effects(whole: Tensor, without: Tensor) -> dict[str, Tensor]:
    p, q = whole.log_softmax(dim=1), without.log_softmax(dim=1)
    predicted = whole.argmax(dim=1, keepdim=True)
    return {
        PROBABILITY: (p.exp() - q.exp()).abs().sum(dim=1) / 2,
        INFORMATION: (p.exp() * (p - q)).sum(dim=1).clamp(min=0),  # rounding may leave it just below zero
        LOG_ODDS: (_log_odds(whole, predicted) - _log_odds(without, predicted)).abs(),
    }


def _log_odds(logits: Tensor, letter: Tensor) -> Tensor:
    """Return the log-odds of a letter; exact also where its probability rounds to 1."""
    others = logits.scatter(1, letter, -torch.inf).logsumexp(dim=1)
    return logits.gather(1, letter).squeeze(1) - others


def _first_layer_weights(network: Network) -> Tensor:
    """Return the input weights float[scales, gates * hidden, FILTERS] of the first recurrent layer."""
    if isinstance(network, MSCSGRU):
        weights = cast(Tensor, network.gru_layer1.weight_ih_l0)
        return weights.reshape(-1, len(SCALES), FILTERS).transpose(0, 1)
    return cast(ScaleAwareGRU, network.gru[0]).W.transpose(0, 1).flatten(1, 2)
