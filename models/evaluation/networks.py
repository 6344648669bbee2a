"""Networks as classifiers of the benchmark: fitted by their recipe, run on the newest window, calibrated as in the
service."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.adaptation.few_shot import NearestExample, TransductiveCalibration
from models.data.dataset import Recording
from models.evaluation.classifier import Windows
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import Network
from models.runtime.contract import pad
from models.training.training import Recipe, fit, one_thread

_BATCH = 256

Answer = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class NetworkFamily:
    """Networks of one recipe; the seed of a fit replaces the recipe's."""

    recipe: Recipe

    @property
    def name(self) -> str:
        return self.recipe.model

    @property
    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in self.recipe.as_dict().items() if name != "seed"}

    def fit(self, train: Sequence[Recording], seed: int, progress: bool) -> FittedNetwork:
        network, normaliser = fit(train, replace(self.recipe, seed=seed), progress)
        return FittedNetwork(Recogniser(network, normaliser, self.recipe.window_frames))


class Recogniser:
    """Runs a network on the newest frames of raw windows."""

    def __init__(self, network: Network, normaliser: Normaliser, window_frames: int) -> None:
        self.network, self.normaliser = network, normaliser
        self._window_frames = window_frames
        self._known: dict[bytes, Answer] = {}

    def recognise(self, windows: Windows) -> Answer:
        """Return probabilities float32[n, 24] and embeddings float32[n, m].

        Each window goes through the network once only: all support sets of the few-shot protocol test nearly the same
        windows.
        """
        newest = [window[-self._window_frames :] for window in windows]
        keys = [hashlib.blake2b(window.tobytes(), digest_size=16).digest() for window in newest]
        new = {key: window for key, window in zip(keys, newest, strict=True) if key not in self._known}
        for start in range(0, len(new), _BATCH):
            part = dict(islice(new.items(), start, start + _BATCH))
            self._known.update(zip(part, zip(*self._batch(list(part.values())), strict=True), strict=True))
        probabilities, embeddings = zip(*(self._known[key] for key in keys), strict=True)
        return np.stack(probabilities), np.stack(embeddings)

    def _batch(self, windows: Windows) -> Answer:
        frames, lengths = pad(windows)
        padding = np.arange(frames.shape[1]) >= lengths[:, np.newaxis]
        with torch.inference_mode(), one_thread():
            answers = self.network.recognise(torch.from_numpy(self.normaliser.apply(frames)), torch.from_numpy(padding))
        probabilities, embeddings = (answer.numpy() for answer in answers)
        return probabilities, embeddings


class FittedNetwork:
    """Fitted network with its normaliser, and the calibration to a user by examples or by unlabelled windows."""

    def __init__(
        self, recogniser: Recogniser, calibration: NearestExample | TransductiveCalibration | None = None
    ) -> None:
        self.recogniser, self.calibration = recogniser, calibration

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        answer = self.recogniser.recognise(windows)
        return self.calibration.answer(*answer) if self.calibration else answer[0]

    def with_examples(self, examples: Sequence[Recording]) -> FittedNetwork:
        _, embeddings = self.recogniser.recognise([example.samples for example in examples])
        return FittedNetwork(self.recogniser, NearestExample.of(embeddings, [example.label for example in examples]))

    def with_unlabelled(self, frames: Windows) -> FittedNetwork:
        return FittedNetwork(self.recogniser, TransductiveCalibration.of(*self.recogniser.recognise(frames)))
