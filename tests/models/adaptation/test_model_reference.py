"""What a model knows of a hand without examples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.adaptation.additive import AdditiveModel
from models.adaptation.decision import probabilities_of
from models.adaptation.few_shot import softmax
from models.adaptation.letter_gaussians import LetterGaussians
from models.adaptation.model_reference import LACKING, ModelReference, Way
from models.adaptation.open_set import OpenSetReference

SIZE = 6
PROTOTYPES = OpenSetReference.of(np.eye(SIZE, dtype=np.float32), range(SIZE), SIZE)
OF_FEW, OF_MANY = ModelReference(PROTOTYPES), ModelReference(PROTOTYPES, of_many=True)
EVEN = np.full((1, SIZE), 1 / SIZE, np.float32)


def sure_of(letter: int) -> np.ndarray:
    shares = np.full((1, SIZE), 0.02, np.float32)
    shares[0, letter] = 0.9
    return shares


def test_of_many_people_near_the_prototypes_the_network_says_which_letter_it_is() -> None:
    for reference in (OF_MANY, OF_MANY.ranged()):
        assert reference.log_scores(sure_of(2), PROTOTYPES.embeddings[:1]).argmax() == 2


def test_what_each_person_showed_in_training_is_known() -> None:
    ways = [Way(person, way) for person, way in ("a1", "b1", "a1", "a2", "b1", "b2")]
    reference = ModelReference(PROTOTYPES, ways=tuple(ways))
    assert reference.people == ("a", "b")
    shown = reference.shown_by("a")
    assert shown is not None
    assert list(shown.labels) == [0, 2, 3]
    np.testing.assert_array_equal(shown.embeddings, PROTOTYPES.embeddings[[0, 2, 3]])
    assert shown.own is None  # all are the person's own
    assert reference.shown_by("c") is None
    assert (OF_FEW.people, OF_FEW.shown_by("a")) == ((), None)
    assert reference.lacking(PROTOTYPES).people == ()  # those are the training's shapes, in another order


def test_without_sensors_the_prototypes_say_more() -> None:
    lacking = ModelReference(PROTOTYPES).lacking(PROTOTYPES)
    assert lacking.log_scores(sure_of(2), PROTOTYPES.embeddings[:1]).argmax() == 0
    assert lacking.ranged().weights is LACKING


def test_a_hand_near_the_prototypes_is_surer_than_one_far_from_all() -> None:
    near, far = np.zeros((1, SIZE), np.float32), np.full((1, SIZE), -1, np.float32)
    near[0, 2] = 0.9
    scores = OF_FEW.log_scores(np.repeat(sure_of(2), 2, axis=0), np.concatenate([near, far]))
    factors = OF_FEW.confidence(scores)
    distances = [0.01, 9.0]  # squared, to the nearest prototype
    np.testing.assert_allclose(factors, 1 / (1 + 0.75 * np.array(distances) / OF_FEW.class_spacing), rtol=1e-4)
    assert probabilities_of(OF_FEW, scores).argmax(axis=1).tolist() == scores.argmax(axis=1).tolist()
    many = OF_MANY.log_scores(sure_of(2), near)
    np.testing.assert_allclose(OF_MANY.confidence(many), 1 / OF_MANY.weights.evidence)
    assert probabilities_of(OF_MANY, many)[0, 2] == pytest.approx(0.9, abs=0.03)  # what the network says


def test_how_much_a_decoder_is_given_does_not_change_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rejection too: it took too much of what is shown while the letters' scores alone were made sharper."""
    windows = np.random.default_rng(0).normal(0, 0.5, (20, SIZE)).astype(np.float32)
    probabilities = np.repeat(sure_of(2), 20, axis=0)
    sharp = probabilities_of(OF_MANY, OF_MANY.log_scores(probabilities, windows))
    monkeypatch.setattr(ModelReference, "weights", replace(OF_MANY.weights, evidence=1.0))
    plain = probabilities_of(OF_MANY, OF_MANY.log_scores(probabilities, windows))
    np.testing.assert_allclose(sharp, plain, rtol=1e-9)


@pytest.mark.parametrize("reference", [OF_FEW, OF_FEW.ranged(), OF_MANY, OF_MANY.ranged(), OF_FEW.lacking(PROTOTYPES)])
def test_beyond_the_limit_no_letter_fits(reference: ModelReference) -> None:
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


def test_of_a_ranged_hand_like_many_people_the_letters_gaussians_decide_with_the_others() -> None:
    gaussians = LetterGaussians(
        np.eye(SIZE, 9, dtype=np.float32),
        np.zeros(9, np.float32),
        np.arange(SIZE),
        np.zeros((64, SIZE)),
        8 * np.eye(8, SIZE),
        np.zeros(SIZE),
        SIZE,
    )
    seen = np.zeros((1, SIZE), np.float32)
    seen[0, 1] = 0.9
    np.testing.assert_allclose(gaussians.probabilities(seen), softmax(8 * seen), atol=1e-6)
    known = replace(OF_MANY, gaussians=gaussians)
    named = known.ranged().log_scores(EVEN, seen) - OF_MANY.ranged().log_scores(EVEN, seen)
    assert named[0, :-1].argmax() == 1
    assert named[0, 1] > 1
    np.testing.assert_array_equal(known.log_scores(EVEN, seen), OF_MANY.log_scores(EVEN, seen))  # nothing known
    assert known.ranged().lacking(PROTOTYPES).weights is LACKING
    few = replace(OF_FEW, gaussians=gaussians)
    np.testing.assert_array_equal(few.ranged().log_scores(EVEN, seen), OF_FEW.ranged().log_scores(EVEN, seen))


def test_a_letter_without_a_prototype_is_named_by_the_network_far_from_the_others() -> None:
    few = OpenSetReference.of(np.eye(SIZE, dtype=np.float32)[:3], range(3), SIZE)
    far = np.full((1, SIZE), -0.8, np.float32)
    for reference in (ModelReference(few), ModelReference(few, of_many=True)):
        assert reference.log_scores(sure_of(5), far).argmax() == 5
