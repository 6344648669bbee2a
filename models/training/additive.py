"""Fit of the additive classifier (`models.adaptation.additive`) to the embeddings of augmented training windows.

It is a multinomial logistic regression: the network stays as it is. Windows are drawn as for the network's training,
so that it meets other people's ranges, swapped channels and dropped sensors as the network did.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from models.adaptation.additive import AdditiveModel
from models.adaptation.few_shot import Embeddings
from models.data.dataset import Recording, WindowSampler
from models.training.recipe import Recipe

Embed = Callable[[Sequence[NDArray[np.float32]]], Embeddings]
"""From windows float32[n_i, 8] to their embeddings float32[n, m], by a network or an artefact."""

COPIES: Final = 3
"""Windows of each recording."""

_STRENGTH: Final = 0.075
"""Inverse of the weights' penalty. From a third to three times of it the accuracy on ranged people left out differs by
a point."""
_ROUNDS: Final = 500
_UNSHOWN: Final = -30.0
"""Bias of a letter without a recording, which is never named."""


def fit_additive(embed: Embed, recordings: Sequence[Recording], recipe: Recipe) -> AdditiveModel:
    """Fit the classifier to the recordings that a network was trained on by this recipe.

    The same recordings, recipe and embeddings give the same classifier. Windows are short, as after a letter has just
    been formed, and whole where the vocabulary has signs that move.
    """
    drawn = [*_draw(recordings, recipe)]
    windows, labels = [window for window, _ in drawn], np.array([label for _, label in drawn], np.int64)
    embeddings = embed(windows)
    shown = np.unique(labels)
    weights = np.zeros((embeddings.shape[1], len(recipe.vocabulary.labels)), np.float32)
    bias = np.full(len(recipe.vocabulary.labels), _UNSHOWN, np.float32)
    bias[shown] = 0.0
    if len(shown) > 1:
        regression = LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS)
        with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():  # one order of sums
            warnings.simplefilter("ignore", ConvergenceWarning)  # a fit that stops early is only smoother
            regression.fit(embeddings.astype(np.float64), labels)
        fitted = shown[-len(regression.coef_) :]  # of two letters the second alone has weights
        weights[:, fitted], bias[fitted] = regression.coef_.T, regression.intercept_
    return AdditiveModel(weights, bias)


def _draw(recordings: Sequence[Recording], recipe: Recipe) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Yield COPIES augmented windows float32[n_i, 8] of each recording, and its label."""
    amounts = replace(recipe.augmentation, full_window=float(any(recipe.vocabulary.moving)))
    sampler = WindowSampler(recordings, recipe.window_frames, recipe.min_frames, amounts, recipe.seed)
    for copy in range(COPIES):
        for index in range(len(recordings)):
            batch = sampler.batch([index], copy)
            yield batch.frames[0], int(batch.labels[0])
