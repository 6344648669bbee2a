"""What distances between embeddings mean: the ways in which one letter varies are made small, the others large.

    C = covariance of the traits within a letter,   C' = C + SHRINKAGE * (trace C / n) I,   M M' = s C'^-1

with s such that a training window lies at a mean squared distance of 1 from the mean of its letter. This is
within-class covariance normalisation (Hatch et al., Within-Class Covariance Normalization for SVM-based Speaker
Recognition, 2006), shrunk because a letter was seen in a few ways of holding it only.
"""

from __future__ import annotations

import torch
from torch import Tensor

SHRINKAGE = 0.3
"""One example per letter was best recognised from 0.1 to 1, with little between them."""


def fit_metric(traits: Tensor, letters: Tensor) -> Tensor:
    """M float[n, n] from the traits float[windows, n] of training windows and their letters int[windows]."""
    of_letter = torch.nn.functional.one_hot(letters).to(torch.float64)
    exact = traits.to(torch.float64)
    means = (of_letter.T @ exact) / of_letter.sum(dim=0).clamp(min=1).unsqueeze(1)
    within = exact - means[letters]
    covariance = within.T @ within / len(within)
    size = len(covariance)
    # Traits that never move within a letter leave the trace at zero; then every direction counts alike.
    floor = (SHRINKAGE * covariance.trace() / size).clamp(min=1e-9)
    metric = torch.linalg.cholesky(torch.linalg.inv(covariance + floor * torch.eye(size, dtype=torch.float64)))
    spread = (within @ metric).square().sum(dim=1).mean().clamp(min=1e-9)
    scaled: Tensor = (metric / spread.sqrt()).to(traits.dtype)
    return scaled
