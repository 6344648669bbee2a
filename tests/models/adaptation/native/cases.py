"""Hands and outputs of a model, drawn by a seed, for which the compiled scores are those of Python."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.adaptation.additive import AdditiveModel
from models.adaptation.few_shot import softmax
from models.adaptation.letter_gaussians import LetterGaussians
from models.adaptation.model_reference import ModelReference
from models.adaptation.open_set import REST, OpenSetReference
from models.adaptation.scored import Scored
from models.adaptation.user_reference import Examples, UserReference

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


class Case(NamedTuple):
    """Outputs of a model for windows: probabilities float32[n, classes] and embeddings float32[n, width]."""

    probabilities: np.ndarray
    embeddings: np.ndarray


def outputs(rng: np.random.Generator, classes: int, width: int) -> Case:
    """Return outputs for some windows, near and far, sure and unsure; one may be no numbers."""
    rows = int(rng.integers(1, 6))
    probabilities = softmax(rng.normal(0, rng.choice([0.1, 3, 300]), (rows, classes)))
    embeddings = rng.normal(0, rng.choice([0.1, 1, 100]), (rows, width))
    if rng.random() < 0.1:
        embeddings[rng.integers(rows), rng.integers(width)] = np.nan
    return Case(probabilities.astype(np.float32), embeddings.astype(np.float32))


def examples(rng: np.random.Generator, classes: int, width: int) -> tuple[np.ndarray, list[int]]:
    """Return embeddings and labels of examples of some letters, and of rest."""
    labels = [0, *rng.integers(REST, classes, int(rng.integers(0, 4 * classes))).tolist()]
    return rng.normal(0, 1, (len(labels), width)).astype(np.float32), labels


def model_reference(rng: np.random.Generator, classes: int, width: int) -> ModelReference:
    """Return what a model knows: of few or many people, of a hand whose range is known or not."""
    shown = OpenSetReference.of(*examples(rng, classes, width), classes, class_spacing=float(rng.uniform(0.1, 30)))
    weights, bias = rng.normal(0, 1, (width, classes)).astype(np.float32), rng.normal(0, 1, classes).astype(np.float32)
    reference = ModelReference(
        shown,
        AdditiveModel(weights, bias) if rng.random() < 0.7 else None,
        of_many=bool(rng.random() < 0.5),
        gaussians=_gaussians(rng, classes, width) if rng.random() < 0.7 else None,
    )
    if rng.random() < 0.2:
        reference = reference.lacking(shown)
    return reference.ranged() if rng.random() < 0.5 else reference


def _gaussians(rng: np.random.Generator, classes: int, width: int) -> LetterGaussians:
    letters = np.sort(rng.permutation(classes)[: max(1, classes - 1)])
    reader, bias = (rng.normal(0, 0.3, shape).astype(np.float32) for shape in ((width, 9), 9))
    squares, values, constants = (
        rng.normal(0, 0.3, shape) for shape in ((64, len(letters)), (8, len(letters)), len(letters))
    )
    return LetterGaussians(reader, bias, letters, squares, values, constants, classes)


def user_reference(rng: np.random.Generator, classes: int, width: int) -> UserReference:
    """Return a user's examples, with a direction and examples of the model's among them or not."""
    embeddings, labels = examples(rng, classes, width)
    yaws = rng.uniform(-180, 180, len(labels)) if rng.random() < 0.6 else None
    own = int(rng.integers(1, len(labels) + 1)) if rng.random() < 0.4 else None
    return UserReference.of(Examples(embeddings, labels, yaws, own), classes, float(rng.uniform(0.1, 30)))


def assert_alike(one: Scored, other: Scored) -> None:
    """Compare all that follows from scores."""
    for name in Scored._fields:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), **CLOSE, err_msg=name)
