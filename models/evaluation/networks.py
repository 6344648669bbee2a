"""Networks as classifiers of the benchmark: fitted by their recipe, run on the newest window; they name letters and are
calibrated as in the service."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.adaptation.decision import decide, log_scores, probabilities_of
from models.adaptation.doubt import most_doubtful
from models.adaptation.few_shot import Embeddings, TransductiveCalibration
from models.adaptation.front_end import FrontEnd
from models.adaptation.letter_gaussians import LetterGaussians
from models.adaptation.model_reference import ModelReference
from models.adaptation.open_set import FEWEST_LETTERS, OpenSetReference, Reference
from models.adaptation.sensor_fit import front_end_for
from models.adaptation.training_readings import TrainingReadings
from models.adaptation.user_reference import Examples, UserReference
from models.adaptation.yaw_frame import yaw_of
from models.data.dataset import Recording, common_ranges
from models.evaluation.classifier import REJECTED, Answers, Windows
from models.export.measure_prototypes import prototypes_of, readings_of
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import Network
from models.runtime.contract import pad
from models.training.additive import fit_additive
from models.training.device import PROCESSOR, compute_device
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
        recipe = replace(self.recipe, seed=seed)
        network, normaliser = fit(train, recipe)
        recogniser = Recogniser(network, normaliser, recipe.window_frames)
        known = common_ranges(train)[0] if self.learns_ranges else train
        readings = readings_of(known, of_many=self.learns_ranges)
        reference = _reference(recogniser, train, known, recipe)
        if reference is not None and reference.asks_gaussians and not any(recipe.vocabulary.moving):
            _, embeddings = recogniser.recognise([np.tile(shape, (recipe.min_frames, 1)) for shape in readings.shapes])
            reference = replace(reference, gaussians=LetterGaussians.of(embeddings, readings, reference.classes))
        return FittedNetwork(recogniser, readings=readings, reference=reference)


def _reference(
    recogniser: Recogniser, train: Sequence[Recording], known: Sequence[Recording], recipe: Recipe
) -> ModelReference | None:
    """Return the reference that the network's artefact would have, but for the letters' Gaussians; None where `train`
    has too few letters for one. `known` is `train` in the range in which the network knows it."""

    def embed(windows: Windows) -> Embeddings:
        return recogniser.recognise(windows)[1]

    classes = len(recipe.vocabulary.labels)
    prototypes, labels, ways = prototypes_of(list(embed([recording.samples for recording in known])), known)
    if not _are_enough(labels, classes):
        return None
    placed, additive = OpenSetReference.of(prototypes, labels, classes), fit_additive(embed, train, recipe)
    return ModelReference(placed, additive, of_many=recipe.augmentation.other_range > 0, ways=ways)


def _are_enough(labels: Sequence[int], classes: int) -> bool:
    """Tell whether examples with these labels show how far letters lie apart."""
    return len(set(labels)) >= min(FEWEST_LETTERS, classes)


class Recogniser:
    """Runs a network on the newest frames of raw windows, on a GPU where there is one."""

    def __init__(self, network: Network, normaliser: Normaliser, window_frames: int) -> None:
        self.network, self.normaliser = network, normaliser
        self._device = compute_device()
        on_processor = self._device.type == PROCESSOR
        self._running = network if on_processor else copy.deepcopy(network).to(self._device)
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
        x, x_padding = torch.from_numpy(self.normaliser.apply(frames)), torch.from_numpy(padding)
        # Of cuDNN's formats the one of the processor; PyTorch takes that for other products by itself.
        float32 = torch.backends.cudnn.flags(enabled=True, allow_tf32=False)
        with torch.inference_mode(), one_thread(), float32:
            answers = self._running.recognise(x.to(self._device), x_padding.to(self._device))
        probabilities, embeddings = (answer.cpu().numpy() for answer in answers)
        return probabilities, embeddings


@dataclass(frozen=True, eq=False)
class FittedNetwork:
    """Fitted network with its normaliser, and what is known of a user: nothing, a range, examples or unlabelled
    windows.

    A user's examples are taken to be of the same session as the windows, so that both have one zero of yaw; in the
    service that holds from the moment in which the turn between two sessions is known
    (`models.adaptation.yaw_frame`), and never for the choice of what to ask.
    """

    recogniser: Recogniser
    calibration: TransductiveCalibration | None = None
    """To a user by unlabelled windows, in place of the reference."""
    readings: TrainingReadings | None = None
    """Of the training's glove, to which a user's examples fit a front end, as in the service."""
    front_end: FrontEnd = field(default_factory=FrontEnd)
    """Of the user."""
    reference: Reference | None = None
    """By which letters are named and rejected, of the user's examples or of the model; None: the network's answers
    stand, and nothing is rejected."""
    knows_direction: bool = True
    """The zero of yaw is that of the examples."""

    def run_by(self, recogniser: Recogniser) -> FittedNetwork:
        """Return this network as another form of it would run, without a user's calibration."""
        return FittedNetwork(recogniser, readings=self.readings, reference=self.reference)

    def probabilities(self, windows: Windows) -> NDArray[np.float32]:
        if self.calibration:
            return self.calibration.answer(*self._recognise(windows))
        found = self._served(windows)[:, :-1]  # the last is rejection
        letters: NDArray[np.float32] = (found / found.sum(axis=1, keepdims=True)).astype(np.float32)
        return letters

    def ranged(self) -> FittedNetwork:
        """Return this classifier for a user whose range is known: the windows are in it."""
        if not isinstance(self.reference, ModelReference):
            return self
        return replace(self, reference=self.reference.ranged())

    def of_known(self, person: str) -> FittedNetwork | None:
        model = self.reference
        shown = model.shown_by(person) if isinstance(model, ModelReference) else None
        if model is None or shown is None:
            return None
        reference = UserReference.of(shown, model.classes, model.class_spacing)
        return FittedNetwork(self.recogniser, readings=self.readings, front_end=self.front_end, reference=reference)

    def with_examples(self, examples: Sequence[Recording]) -> FittedNetwork:
        windows, labels = [example.samples for example in examples], [example.label for example in examples]
        front_end = front_end_for(windows, labels, self.readings)
        probabilities, embeddings = self.recogniser.recognise([front_end.apply(window) for window in windows])
        classes, reference = probabilities.shape[1], self.reference
        spacing = None if reference is None else reference.class_spacing
        if spacing is not None or _are_enough(labels, classes):
            reference = UserReference.of(Examples(embeddings, labels, _yaws(windows)), classes, spacing)
        return FittedNetwork(self.recogniser, readings=self.readings, front_end=front_end, reference=reference)

    def with_unlabelled(self, frames: Windows) -> FittedNetwork:
        return FittedNetwork(self.recogniser, TransductiveCalibration.of(*self.recogniser.recognise(frames)))

    def without_direction(self) -> FittedNetwork:
        return replace(self, knows_direction=False)

    def served(self, windows: Windows) -> Answers | None:
        if self.reference is None:
            return None
        probabilities = self._served(windows)
        letters = [decide(row).letter for row in probabilities]
        labels = np.array([REJECTED if letter is None else letter for letter in letters], np.int64)
        return Answers(labels, probabilities[:, :-1].max(axis=1))

    def doubtful(self, held: Windows, examples: Windows, count: int) -> NDArray[np.int64]:
        _, embeddings = self._recognise(held)
        _, shown = self._recognise(examples)
        return most_doubtful(embeddings, self.without_direction()._served(held), shown, count)

    def _served(self, windows: Windows) -> NDArray[np.float64]:
        """Return the probabilities float64[n, labels + 1] of letters and of rejection that the service would give."""
        probabilities, embeddings = self._recognise(windows)
        yaws = _yaws(windows) if self.knows_direction else None
        scores = log_scores(self.reference, probabilities, embeddings, yaws)
        return probabilities_of(self.reference, scores)

    def _recognise(self, windows: Windows) -> Answer:
        return self.recogniser.recognise([self.front_end.apply(window) for window in windows])


def _yaws(windows: Windows) -> NDArray[np.float64]:
    """Return the yaw of the hand in each window in degrees, float64[n]."""
    return np.array([yaw_of(window) for window in windows])
