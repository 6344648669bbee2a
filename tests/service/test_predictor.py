from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.artefact import Artefact
from service.predictor import WARMING, answer_windows


def test_answers_are_the_models_and_in_order(artefact: Artefact, glove: Callable[..., np.ndarray]) -> None:
    lengths = [artefact.contract.min_frames, 87, artefact.contract.min_frames - 1, 40, 1]
    windows = [glove(length, seed) for seed, length in enumerate(lengths)]
    answers = answer_windows(artefact, windows, top_k=24)
    for window, answer in zip(windows, answers, strict=True):
        if len(window) < artefact.contract.min_frames:
            assert answer == WARMING
            continue
        outputs = artefact.run_windows([window])
        assert answer.index == outputs.probabilities[0].argmax()
        assert answer.label == artefact.contract.labels[answer.index]
        assert answer.confidence == pytest.approx(float(outputs.probabilities[0].max()), abs=1e-5)
        assert answer.state == "ok"
        assert [candidate.confidence for candidate in answer.top_k] == sorted(
            (candidate.confidence for candidate in answer.top_k), reverse=True
        )
        assert {candidate.label for candidate in answer.top_k} == set(artefact.contract.labels)
        assert list(answer.scale_importance) == ["3", "5", "7"]
        assert sum(answer.scale_importance.values()) == pytest.approx(1, abs=1e-6)


def test_gap_is_said(artefact: Artefact, glove: Callable[..., np.ndarray]) -> None:
    (answer,) = answer_windows(artefact, [glove(50)], top_k=1, gap=True)
    assert (answer.state, len(answer.top_k)) == ("gap", 1)
    assert answer_windows(artefact, [glove(1)], top_k=1, gap=True) == [WARMING]
