"""Metric of embeddings: directions in which one letter varies are scaled down, the others up.

    C = covariance of the features within a letter,   C' = C + SHRINKAGE * (trace C / n) I,   M M' = s C'^-1

with s such that the mean squared distance of a training window from the mean of its letter is 1. This is within-class
covariance normalisation (Hatch et al., Within-Class Covariance Normalization for SVM-based Speaker Recognition, 2006),
shrunk because a letter was recorded in a few ways of holding it only.
"""

from __future__ import annotations

import torch
from torch import Tensor

SHRINKAGE = 0.3
"""With one example per letter, accuracy is best and nearly constant from 0.1 to 1."""


def fit_metric(features: Tensor, letters: Tensor) -> Tensor:
    """Return M float[n, n] from the features float[windows, n] of training windows and their letters int[windows]."""
    of_letter = torch.nn.functional.one_hot(letters).to(torch.float64)
    exact = features.to(torch.float64)
    means = (of_letter.T @ exact) / of_letter.sum(dim=0).clamp(min=1).unsqueeze(1)
    within = exact - means[letters]
    covariance = within.T @ within / len(within)
    size = len(covariance)
    # The trace is zero for features that are constant within a letter; all directions then count alike.
    floor = (SHRINKAGE * covariance.trace() / size).clamp(min=1e-9)
    metric = torch.linalg.cholesky(torch.linalg.inv(covariance + floor * torch.eye(size, dtype=torch.float64)))
    spread = (within @ metric).square().sum(dim=1).mean().clamp(min=1e-9)
    scaled: Tensor = (metric / spread.sqrt()).to(features.dtype)
    return scaled
