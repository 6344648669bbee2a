"""What one set of answers says: right, sure, by case, and rejected."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models.data.dataset import Recording
from models.evaluation.classifier import REJECTED, Answers, Windows
from models.evaluation.judged import WINDOW_FRAMES, Judged, judge, over_draws


class Answering:
    """A classifier that names the letter that a window begins with, and serves what it is made to, with this
    confidence."""

    def __init__(self, served: list[int] | None = None, confidence: float = 0.5) -> None:
        self._served, self._confidence = served, confidence
        self.asked: list[int] = []

    def probabilities(self, windows: Windows) -> np.ndarray:
        self.asked += [len(window) for window in windows]
        return np.eye(3, dtype=np.float32)[[int(window[0, 0]) for window in windows]]

    def served(self, windows: Windows) -> Answers | None:
        if self._served is None:
            return None
        return Answers(np.array(self._served), np.full(len(self._served), self._confidence))


def recording(letter: int, named: int, frames: int = 90) -> Recording:
    return Recording(np.full((frames, 8), named, np.float32), letter, "a", "1")


TEST = [recording(0, 0), recording(1, 1), recording(2, 1), recording(2, 2, frames=20)]


def test_answers_are_judged_on_the_newest_window_or_its_first_frames() -> None:
    classifier = Answering()
    judged = judge(classifier, TEST)
    assert (judged.tally.accuracy, judged.served) == (75, None)
    assert judged.cases.by_case().tolist() == [[1, 1], [1, 1], [1, 2]]
    judge(classifier, TEST, seen=5)
    assert classifier.asked == [WINDOW_FRAMES] * 3 + [20] + [5] * 4


def test_what_is_rejected_is_not_right() -> None:
    judged = judge(Answering([0, REJECTED, 1, REJECTED]), TEST)
    assert (judged.served.answers, judged.served.rejected, judged.served.right) == (4, 2, 1)
    assert (judged.served.rejected_share, judged.served.right_share) == (50, 25)


def test_what_is_served_is_as_sure_as_is_shown() -> None:
    judged = judge(Answering([0, 1, 1, REJECTED], confidence=0.9), TEST)
    assert judged.served_calibration_error == pytest.approx(100 * (0.9 - 2 / 3))  # two of the three that are named
    assert judged.tally.calibration_error == pytest.approx(25)  # all of its letters with 1, three of four right
    honest = Judged.total([judge(Answering([0, 1, 1, 1], confidence), TEST) for confidence in (0.5, 0.5)])
    assert honest.served_calibration_error == pytest.approx(0)


def test_without_rejection_the_probabilities_are_shown_and_of_nothing_named_there_is_no_error() -> None:
    unserved = judge(Answering(), TEST)
    assert unserved.served_calibration_error == unserved.tally.calibration_error
    assert judge(Answering([REJECTED] * 4), TEST).served_calibration_error is None


def test_parts_add_up_and_survive_json() -> None:
    parts = [judge(Answering([0, 1, 1, REJECTED]), TEST), judge(Answering([0, 1]), TEST[:2])]
    total = Judged.total(Judged.from_dict(json.loads(json.dumps(part.as_dict()))) for part in parts)
    assert (total.served.answers, total.served.rejected, total.served.right) == (6, 1, 4)
    assert (total.tally.answers, total.cases.number) == (6, 3)
    assert over_draws(parts) == {"accuracy": [75, 100], "tally": total.as_dict()}
    unserved = Judged.from_dict(judge(Answering(), TEST).as_dict())
    assert Judged.total([unserved, unserved]).served is None
    with pytest.raises(ValueError, match="do not answer"):
        judge(Answering(), [])
