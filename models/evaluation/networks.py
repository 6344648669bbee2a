"""The networks as contenders: fitted by the recipe, asked for the newest window, calibrated on their embedding."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.batch import pad
from models.contract import LETTERS
from models.dataset import Recording
from models.evaluation.contender import Windows
from models.network import Network
from models.normaliser import Normaliser
from models.training import Recipe, fit

_BATCH = 256
_SHARPNESS = 10.0
"""Of the softmax over cosines: the usual figure of cosine classifiers, not fitted here."""


@dataclass(frozen=True)
class NetworkFamily:
    """One recipe; the seed of each fit replaces the recipe's."""

    recipe: Recipe

    @property
    def name(self) -> str:
        return self.recipe.model

    @property
    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in self.recipe.as_dict().items() if name != "seed"}

    def fit(self, train: Sequence[Recording], seed: int, progress: bool) -> FittedNetwork:
        network, normaliser = fit(train, replace(self.recipe, seed=seed), progress)
        return FittedNetwork(Embedder(network, normaliser, self.recipe.window_frames))


class Embedder:
    """A network's embedding of the newest frames of raw windows."""

    def __init__(self, network: Network, normaliser: Normaliser, window_frames: int) -> None:
        self.network, self.normaliser = network, normaliser
        self._window_frames = window_frames
        self._known: dict[bytes, Tensor] = {}

    def embed(self, windows: Windows) -> Tensor:
        """float[n, hidden]."""
        newest = [window[-self._window_frames :] for window in windows]
        with torch.inference_mode():
            return torch.cat([self._batch(newest[start : start + _BATCH]) for start in range(0, len(newest), _BATCH)])

    def embed_once(self, windows: Windows) -> Tensor:
        """As `embed`; each window goes through the network once only, however often it is asked for: every draw of
        the few-shot protocol tests nearly the same windows."""
        keys = [hashlib.blake2b(window.tobytes(), digest_size=16).digest() for window in windows]
        new = {key: window for key, window in zip(keys, windows, strict=True) if key not in self._known}
        if new:
            self._known.update(zip(new, self.embed(list(new.values())), strict=True))
        return torch.stack([self._known[key] for key in keys])

    def _batch(self, windows: Windows) -> Tensor:
        frames, lengths = pad(windows)
        padding = np.arange(frames.shape[1]) >= lengths[:, np.newaxis]
        return self.network.embed(torch.from_numpy(self.normaliser.apply(frames)), torch.from_numpy(padding))


class FittedNetwork:
    """A network with its normaliser, and, once examples were shown, the mean embedding of each letter among them."""

    def __init__(self, embedder: Embedder, prototypes: Prototypes | None = None) -> None:
        self.embedder, self.prototypes = embedder, prototypes

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        with torch.inference_mode():
            embeddings = self.embedder.embed_once(windows)
            plain = self.embedder.network.head(embeddings).softmax(dim=1)
            answers: Tensor = self.prototypes.answer(embeddings, plain) if self.prototypes else plain
            return np.asarray(answers.numpy())

    def with_examples(self, examples: Sequence[Recording]) -> FittedNetwork:
        embeddings = self.embedder.embed([example.samples for example in examples])
        letters = torch.tensor([example.label for example in examples])
        return FittedNetwork(self.embedder, Prototypes.fit(embeddings, letters))

    def with_unlabelled(self, frames: Windows) -> None:
        return None


@dataclass(frozen=True)
class Prototypes:
    """Nearest class mean by cosine (Snell et al., Prototypical Networks for Few-shot Learning, 2017, with the cosine of
    Chen et al., A Closer Look at Few-shot Classification, 2019). `means` float[24, hidden] of length 1; `seen`
    bool[24]: letters with an example. A letter without one keeps the network's own probability."""

    means: Tensor
    seen: Tensor

    @classmethod
    def fit(cls, embeddings: Tensor, letters: Tensor) -> Prototypes:
        """From embeddings float[n, hidden] of the examples and their letters int64[n]."""
        sums = torch.zeros(len(LETTERS), embeddings.shape[1]).index_add_(0, letters, embeddings)
        return cls(torch.nn.functional.normalize(sums, dim=1), torch.bincount(letters, minlength=len(LETTERS)) > 0)

    def answer(self, embeddings: Tensor, plain: Tensor) -> Tensor:
        """Probabilities float[n, 24] of embeddings float[n, hidden], where the network alone says `plain`."""
        cosines = torch.nn.functional.normalize(embeddings, dim=1) @ self.means.T
        near = (_SHARPNESS * cosines).masked_fill(~self.seen, -torch.inf).softmax(dim=1)
        return torch.where(self.seen, near * (plain * self.seen).sum(dim=1, keepdim=True), plain)
