from __future__ import annotations

import numpy as np
import pytest

from models.adaptation.decision import Decision, decide, log_scores
from models.adaptation.few_shot import softmax
from models.adaptation.open_set import OpenSetReference

SIZE = 24


def test_the_most_probable_letter_is_decided_for_and_the_next_ones_are_listed() -> None:
    probabilities = np.full(SIZE + 1, 0.01)
    probabilities[[5, 9, SIZE]] = 0.4, 0.2, 0.18
    assert decide(probabilities, top_k=2) == Decision(5, [(5, 0.4), (9, 0.2)])


@pytest.mark.parametrize("rejection", [0.4, 0.5])
def test_no_letter_is_decided_for_where_rejection_is_as_probable(rejection: float) -> None:
    probabilities = np.full(SIZE + 1, 0.01)
    probabilities[[5, SIZE]] = 0.4, rejection
    assert decide(probabilities) == Decision(None, [(5, 0.4)])


def test_without_a_reference_the_model_decides_and_nothing_is_rejected() -> None:
    given = np.zeros((2, SIZE), np.float32)
    given[0, 3], given[1, 7], given[1, 8] = 1, 0.25, 0.75
    probabilities = softmax(log_scores(None, given, np.zeros((2, 1), np.float32)))
    np.testing.assert_allclose(probabilities[:, :-1], given, atol=1e-7)
    assert [decide(row).letter for row in probabilities] == [3, 8]


def test_a_reference_decides_by_its_examples() -> None:
    embeddings = np.eye(SIZE, dtype=np.float32) * 4
    reference = OpenSetReference.of(embeddings, range(SIZE), SIZE)
    even = np.full((2, SIZE), 1 / SIZE, np.float32)
    windows = np.stack([embeddings[6], np.full(SIZE, 40, np.float32)])
    scores = log_scores(reference, even, windows)
    np.testing.assert_array_equal(scores, reference.log_scores(even, windows))
    assert [decide(row).letter for row in softmax(scores)] == [6, None]
