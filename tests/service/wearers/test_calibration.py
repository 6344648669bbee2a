"""Cross-validation of a profile: an example is never evaluated with a profile that contains it."""

from __future__ import annotations

import numpy as np
import pytest

from models.adaptation.open_set import REST
from models.adaptation.user_reference import Examples
from models.runtime.artefact import Outputs
from scaleglove.letters import LETTERS
from scaleglove.vocabulary import Label
from service.wearers.calibration import compare
from service.wearers.own_signs import Recognised
from service.wearers.profile_examples import ProfileExamples, SharedSigns
from service.wearers.records import Comparison

RECOGNISED = Recognised(LETTERS, len(LETTERS))
WIDTH = 16


def outputs(embeddings: np.ndarray) -> Outputs:
    """Return the outputs of a model that takes everything for ㄱ."""
    probabilities = np.full((len(embeddings), len(LETTERS)), 0.1 / 23, np.float32)
    probabilities[:, 0] = 0.9
    return Outputs(probabilities, np.full((len(embeddings), 3), 1 / 3, np.float32), embeddings.astype(np.float32))


def shown(classes: list[int], spread: float) -> np.ndarray:
    """Return examples that scatter around the centre of their letter."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 10, (len(LETTERS) + 1, WIDTH))
    return np.array([centres[each] for each in classes]) + rng.normal(0, spread, (len(classes), WIDTH))


def compared(found: Outputs, classes: list[int]) -> Comparison:
    return compare(found, found, ProfileExamples.of(RECOGNISED, Examples(found.embedding, classes)), None)


def test_a_repeatable_hand_is_classified() -> None:
    classes = [1, 1, 2, 2, 3, 3, REST, REST]
    comparison = compared(outputs(shown(classes, 0.1)), classes)
    assert (comparison.held_back, comparison.single) == (8, [])
    assert comparison.before is not None
    assert comparison.after is not None
    assert (comparison.before.accuracy, comparison.after.accuracy) == (0.0, 1.0)
    assert comparison.before.mean_confidence == pytest.approx(0.9, abs=1e-3)


@pytest.mark.parametrize("examples", [12, 400], ids=["one of each at a time", "by tenths"])
def test_noise_is_not_classified(examples: int) -> None:
    """With the example in the profile, every prediction would be correct."""
    classes = [index % 6 for index in range(examples)]
    noise = np.random.default_rng(1).normal(0, 1, (examples, WIDTH))
    comparison = compared(outputs(noise), classes)
    assert comparison.held_back == examples
    assert comparison.after is not None
    assert comparison.after.accuracy < 0.5


def test_a_label_with_one_example_is_not_evaluated() -> None:
    classes = [0, 1, 2, 2, REST]
    comparison = compared(outputs(shown(classes, 0.1)), classes)
    assert (comparison.held_back, comparison.single) == (2, ["ㄱ", "ㄴ", "rest"])
    alone = compared(outputs(shown([0, 1, 2], 0.1)), [0, 1, 2])
    assert (alone.held_back, alone.before, alone.after) == (0, None, None)


def test_signs_of_another_wearer_are_rivals_of_every_example() -> None:
    """An example that lies by a shared sign is not right, though no example of this wearer says so."""
    classes = [1, 1, 2, 2, 3, 3]
    embeddings = shown(classes, 0.1)
    labels = Recognised((*LETTERS, "wave"), len(LETTERS), shared=1)
    shared = SharedSigns("bea", (Label(label="wave"),), embeddings[:1].astype(np.float32), ("wave",))
    found = outputs(embeddings)
    known = ProfileExamples.of(labels, Examples(found.embedding, classes), shared)
    assert known.classes.tolist() == [*classes, len(LETTERS)]
    beside, without = compare(found, found, known, None).after, compared(found, classes).after
    assert beside is not None
    assert without is not None
    assert beside.accuracy < without.accuracy == 1
