"""Sessions by doubt, with a classifier whose doubts are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from models.data.dataset import Recording
from models.evaluation.classifier import Windows
from models.evaluation.guided import LABELS, QUESTIONS, guide
from models.evaluation.protocols import Session

WAYS, COPIES = 5, 4


class ByHeart:
    """A classifier that knows the ways that it was shown, and doubts the others in their order."""

    def __init__(self, log: list[int], known: frozenset[float] = frozenset()) -> None:
        self.log, self.known = log, known

    def with_examples(self, examples: Sequence[Recording]) -> ByHeart:
        self.log.append(len(examples))
        return ByHeart(self.log, frozenset(float(one.samples[0, 0]) for one in examples))

    def probabilities(self, windows: Windows) -> np.ndarray:
        values = [float(window[0, 0]) for window in windows]
        return np.eye(24, dtype=np.float32)[[int(v) // WAYS if v in self.known else 23 for v in values]]

    def served(self, windows: Windows) -> None:
        return None

    def doubtful(self, held: Windows, examples: Windows, count: int) -> np.ndarray | None:
        assert {float(one[0, 0]) for one in examples} == self.known
        unknown = [number for number, window in enumerate(held) if float(window[0, 0]) not in self.known]
        first = {float(held[number][0, 0]): number for number in reversed(unknown)}
        return np.array(sorted(first.values())[:count], np.int64)


class Sure(ByHeart):
    """A classifier that has nothing to doubt by."""

    def with_examples(self, examples: Sequence[Recording]) -> Sure:
        return Sure(self.log)

    def doubtful(self, held: Windows, examples: Windows, count: int) -> None:
        return None


def made(letters: int) -> tuple[list[Recording], Session]:
    """Return letters in five ways, four copies of each, and a session of the first two copies."""
    recordings = [
        Recording(np.full((80, 8), letter * WAYS + way, np.float32), letter, "a", str(way))
        for _ in range(COPIES)
        for letter in range(letters)
        for way in range(WAYS)
    ]
    one = letters * WAYS
    first = np.arange(0, one, WAYS)
    return recordings, Session(first, np.arange(2 * one), np.arange(2 * one, 4 * one))


def test_questions_come_in_rounds_up_to_each_number_of_labels() -> None:
    log: list[int] = []
    recordings, session = made(letters=22)
    found = guide(ByHeart(log), recordings, [session])
    assert log == [22, 24, *range(30, LABELS[-1] + 1, QUESTIONS)]
    assert list(found["labels"]) == [str(labels) for labels in LABELS]
    # Of 110 ways that many are known.
    assert found["labels"]["24"]["accuracy"] == [pytest.approx(100 * 24 / 110, abs=1e-3)]
    assert found["labels"]["96"]["tally"]["cases"]["a"]["0"][0].split()[:3] == ["2", "2", "2"]
    assert found["reached"] == [None]


def test_the_first_labels_after_which_it_is_enough_and_nothing_more_to_ask() -> None:
    recordings, session = made(letters=8)
    log: list[int] = []
    found = guide(ByHeart(log), recordings, [session, session])
    assert log[: len(log) // 2] == [8, 14, 20, 24, 30, 36, 40]  # no more ways than that
    assert found["reached"] == [40, 40]  # 36 of 40 ways are 90 %
    assert found["labels"]["36"]["accuracy"] == [90, 90]
    assert found["labels"]["96"]["accuracy"] == [100, 100]


def test_a_number_of_labels_below_the_first_is_left_out() -> None:
    recordings, session = made(letters=22)
    more = Session(np.arange(0, 110, 3), session.held, session.test)
    assert list(guide(ByHeart([]), recordings, [more])["labels"]) == ["48", "60", "72", "96"]


def test_without_doubts_or_sessions_nothing_is_measured() -> None:
    recordings, session = made(letters=8)
    assert guide(Sure([]), recordings, [session]) == {}
    assert guide(ByHeart([]), recordings, []) == {}
