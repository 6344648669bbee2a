from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.adaptation.decision import probabilities_of
from models.adaptation.front_end import FrontEnd
from models.adaptation.user_reference import Examples, UserReference
from models.runtime.artefact import Artefact
from scaleglove.letters import LETTERS
from scaleglove.protocol import State
from service.inference.predictor import WARMING, Knowledge, to_answer, to_answers
from service.inference.profile import Profile
from tests.service.inference.answers import answer_windows

AMERICAN = Path(__file__).parents[3] / "models" / "artefacts" / "American_INT8.onnx"
RANGED = FrontEnd(gain=np.full(5, 1.5))


@pytest.fixture(scope="module")
def american() -> Artefact:
    return Artefact.load(AMERICAN)


def test_answers_are_the_models_and_in_order(artefact: Artefact, glove: Callable[..., np.ndarray]) -> None:
    lengths = [artefact.contract.min_frames, 87, artefact.contract.min_frames - 1, 40, 1]
    windows = [glove(length, seed) for seed, length in enumerate(lengths)]
    answers = answer_windows(artefact, windows, top_k=24)
    for window, answer in zip(windows, answers, strict=True):
        if len(window) < artefact.contract.min_frames:
            assert answer == WARMING
            continue
        assert artefact.reference is not None
        outputs = artefact.run_windows([window])
        scores = artefact.reference.log_scores(outputs.probabilities, outputs.embedding)
        shares = probabilities_of(artefact.reference, scores)[0]
        assert answer.index == shares.argmax()
        assert answer.label == artefact.contract.labels[answer.index]
        assert answer.confidence == pytest.approx(shares.max(), abs=1e-5)
        assert answer.state == "ok"
        assert [candidate.confidence for candidate in answer.top_k] == sorted(
            (candidate.confidence for candidate in answer.top_k), reverse=True
        )
        assert {candidate.label for candidate in answer.top_k} == set(artefact.contract.labels)
        assert list(answer.scale_importance) == ["3", "5", "7"]
        assert sum(answer.scale_importance.values()) == pytest.approx(1, abs=1e-6)


def test_without_prototypes_the_model_decides_alone(artefact: Artefact, glove: Callable[..., np.ndarray]) -> None:
    bare = copy.copy(artefact)
    bare.reference = None
    window = glove(50) + 300  # no hand reads so
    probabilities = artefact.run_windows([window]).probabilities[0]
    (answer,) = answer_windows(bare, [window], 24)
    assert (answer.index, answer.state) == (probabilities.argmax(), "ok")
    confidences = {each.label: each.confidence for each in answer.top_k}
    assert [confidences[label] for label in LETTERS] == pytest.approx(probabilities.tolist(), abs=1e-6)
    (rejected,) = answer_windows(artefact, [window], 1)
    assert rejected.state == "rejected"


def test_a_wearers_examples_decide(artefact: Artefact, glove: Callable[..., np.ndarray]) -> None:
    """Answer with a profile whose letters are the model's in another order."""
    windows = [glove(30, seed) for seed in range(len(LETTERS))]
    embeddings = artefact.run_windows(windows).embedding
    own = UserReference.of(Examples(embeddings, [*range(1, len(LETTERS)), 0]), len(LETTERS))
    assert [answer.index for answer in answer_windows(artefact, windows, 1)] == list(range(len(LETTERS)))
    assert [answer.index for answer in answer_windows(artefact, windows, 1, own)] == [*range(1, len(LETTERS)), 0]


@pytest.mark.parametrize("state", ["ok", "gap"])
def test_a_shape_that_is_no_letter_is_rejected_without_a_label(artefact: Artefact, state: State) -> None:
    shares = np.full(len(LETTERS) + 1, 0.01)
    shares[[3, len(LETTERS)]] = 0.3, 0.47
    answer = to_answer(artefact.contract.labels, shares, np.array([0.2, 0.3, 0.5], np.float32), 2, state)
    assert (answer.state, answer.label, answer.index, answer.confidence) == ("rejected", None, None, None)
    assert [(each.label, each.confidence) for each in answer.top_k] == [("ㄹ", 0.3), ("ㄱ", 0.01)]
    shares[[3, len(LETTERS)]] = 0.47, 0.3
    answer = to_answer(artefact.contract.labels, shares, np.array([0.2, 0.3, 0.5], np.float32), 2, state)
    assert (answer.state, answer.label, answer.index, answer.confidence) == (state, "ㄹ", 3, 0.47)


def test_a_ranged_hand_is_read_by_what_many_people_showed(american: Artefact) -> None:
    """In a request as in a stream and in `predict`, which all ask the reference of a ranged hand."""
    assert american.reference is not None
    assert american.readings is not None
    windows = [np.tile(shape, (30, 1)) for shape in american.readings.shapes[::7]]
    outputs = american.run_windows(windows)
    ranged = american.reference.ranged()
    shares = probabilities_of(ranged, ranged.log_scores(outputs.probabilities, outputs.embedding))
    without = replace(ranged, gaussians=None)
    plain = probabilities_of(without, without.log_scores(outputs.probabilities, outputs.embedding))
    answers = to_answers(american, windows, outputs, 1, Knowledge(is_ranged=True))
    of_profile = to_answers(american, windows, outputs, 1, Knowledge(Profile("", 1, None, None, RANGED)))
    assert answers == of_profile
    assert [answer.top_k[0].confidence for answer in answers] == pytest.approx(shares[:, :-1].max(axis=1).tolist())
    assert np.abs(shares - plain).max() > 0.01
