"""What a model's windows say of the letters that a person held: recorded letters in place of a word's. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.decision import log_scores
from models.adaptation.few_shot import softmax
from models.data.dataset import Recording
from service.inference.engine import Model
from service.streams.scored_window import MIN_PROBABILITY
from service.streams.words.signed_letter import SignedLetter

WINDOW: Final = 20
"""Frames of a window, as soon after a letter began as the decoder knows it."""
WINDOWS: Final = 3
"""Windows that are pooled for a hold."""


class HeldLetters:
    """Holds of one person: log scores float64[n, labels + 1], and the letters int64[n] that were held."""

    def __init__(self, scores: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
        self._scores = scores
        self._of = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}

    @classmethod
    def of(cls, model: Model, recordings: Sequence[Recording]) -> Self:
        """Return what a model says of a person's recordings."""
        return cls(_pooled(model, recordings), np.array([recording.label for recording in recordings]))

    def draw(self, label: int, rng: np.random.Generator) -> SignedLetter:
        """Return a hold of a letter, with the letter that is written for it."""
        holds = self._of[label]
        scores = self._scores[holds[rng.integers(len(holds))]]
        return SignedLetter(scores, int(scores[:-1].argmax()))

    def right(self) -> float:
        """Return the share of the holds for which the letter that was held is written."""
        written = self._scores[:, :-1].argmax(axis=1)
        return float(np.mean(np.concatenate([written[holds] == label for label, holds in self._of.items()])))


def _pooled(model: Model, recordings: Sequence[Recording]) -> NDArray[np.float64]:
    """Return log scores float64[n, labels + 1] of recordings, the mean over windows that lie one after another in the
    middle of each."""
    windows = [window for recording in recordings for window in _windows(recording.samples)]
    outputs = model.run_windows(windows)
    scores = log_scores(model.reference, outputs.probabilities, outputs.embedding)
    logarithms = np.log(softmax(scores) + MIN_PROBABILITY)
    pooled: NDArray[np.float64] = logarithms.reshape(len(recordings), WINDOWS, -1).mean(axis=1)
    return pooled


def _windows(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return windows of a recording; a short one has fewer that differ."""
    size = min(WINDOW, len(samples))
    begins = np.linspace(0, len(samples) - size, WINDOWS + 2)[1:-1].astype(int)
    return [samples[begin : begin + size] for begin in begins]
