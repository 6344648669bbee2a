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

from models.adaptation.decision import decide, log_scores
from models.adaptation.doubt import most_doubtful
from models.adaptation.few_shot import Embeddings, NearestExample, TransductiveCalibration, softmax
from models.adaptation.front_end import FrontEnd
from models.adaptation.open_set import FEWEST_LETTERS, OpenSetReference
from models.adaptation.sensor_fit import front_end_for
from models.adaptation.training_readings import TrainingReadings
from models.data.dataset import Recording, common_ranges
from models.evaluation.classifier import REJECTED, Windows
from models.export.measure_prototypes import measure_shapes, prototypes_of
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import Network
from models.runtime.contract import pad
from models.training.recipe import Recipe
from models.training.training import fit, one_thread

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
    def labels(self) -> tuple[str, ...]:
        return self.recipe.vocabulary.names

    @property
    def learns_ranges(self) -> bool:
        return self.recipe.augmentation.other_range > 0

    @property
    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in self.recipe.as_dict().items() if name != "seed"}

    def fit(self, train: Sequence[Recording], seed: int) -> FittedNetwork:
        network, normaliser = fit(train, replace(self.recipe, seed=seed))
        recogniser = Recogniser(network, normaliser, self.recipe.window_frames)
        known = common_ranges(train)[0] if self.learns_ranges else train
        readings = TrainingReadings.of(*measure_shapes(known)) if self.learns_ranges else None
        return FittedNetwork(recogniser, readings=readings, reference=_prototypes(recogniser, known, len(self.labels)))


def _prototypes(recogniser: Recogniser, known: Sequence[Recording], classes: int) -> OpenSetReference | None:
    """Return the prototypes that the network's artefact would have, if any."""
    _, embeddings = recogniser.recognise([recording.samples for recording in known])
    return _reference(*prototypes_of(list(embeddings), known), classes)


def _reference(
    embeddings: Embeddings, labels: Sequence[int], classes: int, class_spacing: float | None = None
) -> OpenSetReference | None:
    """Return a reference of examples; None where they are of too few letters to show how far those lie apart, and
    `class_spacing` does not say it either."""
    if class_spacing is None and len(set(labels)) < min(FEWEST_LETTERS, classes):
        return None
    return OpenSetReference.of(embeddings, labels, classes, class_spacing)


class Recogniser:
    """Runs a network on the newest frames of raw windows."""

    def __init__(self, network: Network, normaliser: Normaliser, window_frames: int) -> None:
        self.network, self.normaliser = network, normaliser
        self._window_frames = window_frames
        self._known: dict[bytes, Answer] = {}

    def recognise(self, windows: Windows) -> Answer:
        """Return probabilities float32[n, labels] and embeddings float32[n, m].

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
        self,
        recogniser: Recogniser,
        calibration: NearestExample | TransductiveCalibration | None = None,
        readings: TrainingReadings | None = None,
        front_end: FrontEnd | None = None,
        reference: OpenSetReference | None = None,
    ) -> None:
        """Make a classifier.

        Args:
            recogniser: the network.
            calibration: to a user; None: the network's answers stand.
            readings: of the training's glove in the common range, to which a user's examples fit a front end, as in the
                service; None: of few people, whose readings are used as they are.
            front_end: of the user.
            reference: by which the service rejects, of the user's examples or the training's prototypes; None: there is
                none.
        """
        self.recogniser, self.calibration = recogniser, calibration
        self._readings, self._front_end = readings, front_end or FrontEnd()
        self._reference = reference

    def run_by(self, recogniser: Recogniser) -> FittedNetwork:
        """Return this network as another form of it would run, without a user's calibration."""
        return FittedNetwork(recogniser, readings=self._readings, reference=self._reference)

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        answer = self._recognise(windows)
        return self.calibration.answer(*answer) if self.calibration else answer[0]

    def with_examples(self, examples: Sequence[Recording]) -> FittedNetwork:
        windows, labels = [example.samples for example in examples], [example.label for example in examples]
        front_end = front_end_for(windows, labels, self._readings)
        probabilities, embeddings = self.recogniser.recognise([front_end.apply(window) for window in windows])
        spacing = None if self._reference is None else self._reference.class_spacing
        reference = _reference(embeddings, labels, probabilities.shape[1], spacing)
        calibration = NearestExample.of(embeddings, labels)
        return FittedNetwork(self.recogniser, calibration, self._readings, front_end, reference)

    def with_unlabelled(self, frames: Windows) -> FittedNetwork:
        return FittedNetwork(self.recogniser, TransductiveCalibration.of(*self.recogniser.recognise(frames)))

    def served(self, windows: Windows) -> NDArray[np.int64] | None:
        if self._reference is None:
            return None
        probabilities = softmax(log_scores(self._reference, *self._recognise(windows)))
        letters = [decide(row).letter for row in probabilities]
        return np.array([REJECTED if letter is None else letter for letter in letters], np.int64)

    def doubtful(self, held: Windows, examples: Windows, count: int) -> NDArray[np.int64]:
        _, embeddings = self._recognise(held)
        _, shown = self._recognise(examples)
        return most_doubtful(embeddings, self.probabilities(held), shown, count)

    def _recognise(self, windows: Windows) -> Answer:
        return self.recogniser.recognise([self._front_end.apply(window) for window in windows])
