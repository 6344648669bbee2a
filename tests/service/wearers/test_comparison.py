"""An example is never judged by a profile that it is in."""

from __future__ import annotations

import numpy as np
import pytest

from models.adaptation.open_set import REST
from models.runtime.artefact import Outputs
from scaleglove.letters import LETTERS
from service.wearers.comparison import compare

WIDTH = 16


def outputs(embeddings: np.ndarray) -> Outputs:
    """Of a model that takes everything for ㄱ."""
    probabilities = np.full((len(embeddings), len(LETTERS)), 0.1 / 23, np.float32)
    probabilities[:, 0] = 0.9
    return Outputs(probabilities, np.full((len(embeddings), 3), 1 / 3, np.float32), embeddings.astype(np.float32))


def shown(marks: list[int], spread: float) -> np.ndarray:
    """Examples of a letter lie around a place of its own."""
    rng = np.random.default_rng(0)
    places = rng.normal(0, 10, (len(LETTERS) + 1, WIDTH))
    return np.array([places[mark] for mark in marks]) + rng.normal(0, spread, (len(marks), WIDTH))


def test_a_hand_that_repeats_itself_is_told_apart() -> None:
    marks = [1, 1, 2, 2, 3, 3, REST, REST]
    told = compare(outputs(shown(marks, 0.1)), marks, LETTERS, None)
    assert (told.held_back, told.single) == (8, [])
    assert told.before is not None
    assert told.after is not None
    assert (told.before.accuracy, told.after.accuracy) == (0.0, 1.0)
    assert told.before.mean_confidence == pytest.approx(0.9, abs=1e-3)


@pytest.mark.parametrize("examples", [12, 400], ids=["one of each at a time", "by tenths"])
def test_noise_is_not_told_apart(examples: int) -> None:
    """Were an example in the profile that judges it, it would be right every time."""
    marks = [place % 6 for place in range(examples)]
    noise = np.random.default_rng(1).normal(0, 1, (examples, WIDTH))
    told = compare(outputs(noise), marks, LETTERS, None)
    assert told.held_back == examples
    assert told.after is not None
    assert told.after.accuracy < 0.5


def test_what_cannot_be_held_back() -> None:
    marks = [0, 1, 2, 2, REST]
    told = compare(outputs(shown(marks, 0.1)), marks, LETTERS, None)
    assert (told.held_back, told.single) == (2, ["ㄱ", "ㄴ", "rest"])
    alone = compare(outputs(shown([0, 1, 2], 0.1)), [0, 1, 2], LETTERS, None)
    assert (alone.held_back, alone.before, alone.after) == (0, None, None)
