"""A Gaussian of each letter over what its people read for it. Pure numpy.

A network and the additive classifier learn where letters part, of the people who were there. How far the hands of many
people lie apart within a letter says beside it what another hand may read for it:

    z                 fingers in deviations of the training's, and DIRECTION times the direction of gravity
    P(letter | z)  ~  N(z; mean_letter, OWN C_letter + (1 - OWN) C + FLOOR mean variance I)

with C the covariance within a letter over all of them. What was read is taken from the embedding, in which an encoded
network has it, so that whatever has a model's outputs can ask: a least-squares fit to the training's shapes, checked on
shapes that it was not fitted to. Of an embedding that does not tell there are no Gaussians.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.adaptation.few_shot import Embeddings, softmax
from models.adaptation.front_end import FINGERS, Floats, lean
from models.adaptation.training_readings import TrainingReadings, mean_of_known

DIRECTION: Final = 1.5
OWN: Final = 0.3
FLOOR: Final = 0.3
"""Chosen on nine of 17 people with American letters, confirmed on the others; with half or none of a letter's own
covariance, or a third of the floor, they are right within half a point of as often (docs/reports/people.md)."""

_LEAST_READ: Final = 0.99
"""Share of every reading's variance that the embedding must tell of shapes that its fit did not see."""
_FEWEST: Final = 16
"""Shapes that show whether it does."""
_RIDGE: Final = 1e-6
_SIZE: Final = FINGERS + 3


@dataclass(frozen=True, slots=True, eq=False)
class LetterGaussians:
    """`reader` float32[m, 9] and `bias` float32[9]: from an embedding to what was read (`_read_of`); `squares`
    float64[64, k], `values` float64[8, k] and `constants` float64[k]: of the k `letters` int64[k], their log-likelihood
    by the products of z, by z, and without it."""

    reader: NDArray[np.float32]
    bias: NDArray[np.float32]
    letters: NDArray[np.int64]
    squares: Floats
    values: Floats
    constants: Floats
    classes: int

    @classmethod
    def of(cls, embeddings: Embeddings, training: TrainingReadings, classes: int) -> Self | None:
        """Fit them to the training's shapes; None: their embeddings do not tell what was read, or no letter was shown
        in two ways.

        Args:
            embeddings: float32[n, m] of the shapes of `training`.
            training: what the model knows.
            classes: number of letters, those without a shape included.
        """
        middle = mean_of_known(training.flex)
        deviation = np.sqrt(mean_of_known(np.square(training.flex - middle)))
        if not (deviation > 0).all():
            return None
        read = _read_of((training.flex - middle) / deviation, training.directions)
        complete = ~np.isnan(read).any(axis=1)
        reader = _fit_reader(embeddings[complete].astype(np.float64), read[complete])
        letters, rows = np.unique(training.labels, return_inverse=True)
        shapes = _filled(_shapes_of(read), rows)
        means = np.stack([shapes[rows == row].mean(axis=0) for row in range(len(letters))])
        apart = shapes - means[rows]
        if reader is None or len(shapes) < 2 * len(letters) or not apart.any():
            return None
        within = apart.T @ apart / len(apart)
        floor = FLOOR * np.trace(within) / _SIZE * np.eye(_SIZE)
        precisions = np.linalg.inv([
            OWN * np.cov(apart[rows == row].T, bias=True) + (1 - OWN) * within + floor for row in range(len(letters))
        ])  # fmt: skip
        values = np.einsum("kij,kj->ik", precisions, means)
        constants = 0.5 * np.linalg.slogdet(precisions)[1] - 0.5 * np.einsum("ki,ik->k", means, values)
        squares = -0.5 * precisions.reshape(len(letters), -1).T
        return cls(*reader, letters, squares, values, constants, classes)

    def probabilities(self, embeddings: Embeddings) -> Floats:
        """Return the probabilities float64[n, classes] for embeddings float32[n, m]; 0 of a letter without a shape."""
        shapes = _shapes_of(embeddings.astype(np.float64) @ self.reader.astype(np.float64) + self.bias)
        products = (shapes[:, :, np.newaxis] * shapes[:, np.newaxis, :]).reshape(len(shapes), -1)
        found = np.zeros((len(shapes), self.classes))
        found[:, self.letters] = softmax(products @ self.squares + shapes @ self.values + self.constants)
        return found


def _read_of(fingers: Floats, directions: Floats) -> Floats:
    """Return fingers float64[n, 5], the sine of pitch, sine and cosine of roll and the cosine of pitch, of which the
    sine and the cosine of pitch are DIRECTION times as long: float64[n, 9]. An encoded network has these in it."""
    pitch, roll = np.deg2rad(lean(directions)).T
    turned = [DIRECTION * np.sin(pitch), np.sin(roll), np.cos(roll), DIRECTION * np.cos(pitch)]
    return np.column_stack([fingers, *turned])


def _shapes_of(read: Floats) -> Floats:
    """Return z float64[n, 8] of what was read, float64[n, 9]; the direction of gravity with its first axis negated."""
    shapes = read[:, :_SIZE].copy()
    shapes[:, FINGERS + 1 :] *= read[:, _SIZE:]
    return shapes


def _filled(shapes: Floats, rows: NDArray[np.int64]) -> Floats:
    """Return shapes float64[n, 8] with a finger that had no contact as its letter's, `rows` int64[n], usually is."""
    filled = shapes.copy()
    for row in np.unique(rows):
        mine = filled[rows == row]
        filled[rows == row] = np.where(np.isnan(mine), np.nan_to_num(mean_of_known(mine)), mine)
    return filled


def _fit_reader(embeddings: Floats, read: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Return the weights float32[m, 9] and the bias float32[9] from embeddings float64[n, m] to readings
    float64[n, 9]; None where those of every second shape do not tell what the others read."""
    if len(read) < _FEWEST:
        return None
    weights, bias = _least_squares(embeddings[::2], read[::2])
    missed = read[1::2] - (embeddings[1::2] @ weights + bias)
    if (np.square(missed).mean(axis=0) > (1 - _LEAST_READ) * read[1::2].var(axis=0)).any():
        return None
    weights, bias = _least_squares(embeddings, read)
    return weights.astype(np.float32), bias.astype(np.float32)


def _least_squares(embeddings: Floats, read: Floats) -> tuple[Floats, Floats]:
    middle, to_middle = embeddings.mean(axis=0), read.mean(axis=0)
    centred = embeddings - middle
    products = centred.T @ centred
    ridge = (_RIDGE * np.trace(products) / len(products) + np.finfo(np.float64).tiny) * np.eye(len(products))
    weights: Floats = np.linalg.solve(products + ridge, centred.T @ (read - to_middle))
    return weights, to_middle - middle @ weights
