"""What a model knows of a hand without examples."""

from __future__ import annotations

import numpy as np
import pytest

from models.adaptation.additive import AdditiveModel
from models.adaptation.few_shot import softmax
from models.adaptation.model_reference import LACKING, RANGED, UNKNOWN, ModelReference
from models.adaptation.open_set import OpenSetReference

SIZE = 6
PROTOTYPES = OpenSetReference.of(np.eye(SIZE, dtype=np.float32), range(SIZE), SIZE)
EVEN = np.full((1, SIZE), 1 / SIZE, np.float32)


def sure_of(letter: int) -> np.ndarray:
    shares = np.full((1, SIZE), 0.02, np.float32)
    shares[0, letter] = 0.9
    return shares


def test_near_the_prototypes_the_network_says_which_letter_it_is() -> None:
    for reference in (ModelReference(PROTOTYPES), ModelReference(PROTOTYPES).ranged()):
        assert reference.log_scores(sure_of(2), PROTOTYPES.embeddings[:1]).argmax() == 2


def test_without_sensors_the_prototypes_say_more() -> None:
    lacking = ModelReference(PROTOTYPES).lacking(PROTOTYPES)
    assert lacking.log_scores(sure_of(2), PROTOTYPES.embeddings[:1]).argmax() == 0
    assert lacking.ranged().weights is LACKING


@pytest.mark.parametrize("weights", [UNKNOWN, RANGED, LACKING])
def test_beyond_the_limit_no_letter_fits(weights: object) -> None:
    reference = ModelReference(PROTOTYPES)
    reference = {UNKNOWN: reference, RANGED: reference.ranged(), LACKING: reference.lacking(PROTOTYPES)}[weights]  # type: ignore[index]
    limit = reference.weights.limit * reference.class_spacing
    for factor, is_rejected in ((0.9, False), (1.1, True)):
        window = np.zeros((1, SIZE), np.float32)
        window[0, 0] = 1 + np.sqrt(factor * limit)
        assert (softmax(reference.log_scores(sure_of(0), window)).argmax() == SIZE) == is_rejected


def test_the_additive_classifier_decides_where_the_network_is_open() -> None:
    additive = AdditiveModel(8 * np.eye(SIZE, dtype=np.float32), np.zeros(SIZE, np.float32))
    reference = ModelReference(PROTOTYPES, additive)
    assert reference.log_scores(EVEN, PROTOTYPES.embeddings[3:4]).argmax() == 3
    np.testing.assert_allclose(additive.probabilities(PROTOTYPES.embeddings).sum(axis=1), 1, atol=1e-6)


def test_a_letter_without_a_prototype_is_named_by_the_network() -> None:
    few = OpenSetReference.of(np.eye(SIZE, dtype=np.float32)[:3], range(3), SIZE)
    for reference in (ModelReference(few), ModelReference(few).ranged()):
        assert reference.log_scores(sure_of(5), few.embeddings[:1]).argmax() == 5
