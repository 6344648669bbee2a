"""Count of correct predictions in a stream of letters."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.chip.streaming import NO_MOVEMENT, right_answers
from models.data.dataset import Recording
from models.export.c.host import Package


class Slow:
    """Package that predicts the most frequent letter of its frames since the start, by their first channel."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def start(self) -> None:
        self._seen.clear()

    def step(self, frame: Any) -> None:
        self._seen.append(int(frame[0]))

    def result(self) -> tuple[int, None]:
        return int(np.bincount(self._seen).argmax()), None

    def window(self, frames: Any) -> tuple[int, None]:
        return int(np.bincount(frames[:, 0].astype(int)).argmax()), None


def recording(label: int, frames: int) -> Recording:
    return Recording(np.full((frames, 8), label, np.float32), label, "", "")


def test_each_method_predicts_at_every_point_of_every_recording_that_is_long_enough() -> None:
    right, asked = right_answers(
        cast(Package, Slow()), [recording(0, 100), recording(1, 60), recording(2, 20)], [NO_MOVEMENT] * 3
    )
    assert [asked["window", seen] for seen in ("10", "25", "50", "end")] == [3, 2, 2, 3]
    assert [right["state reset", seen] for seen in ("10", "25", "50", "end")] == [3, 2, 2, 3]
    # A window of 80 frames predicts the second letter after 41 of its frames; a state that is kept, after 101.
    assert [right["window", seen] for seen in ("10", "25", "50", "end")] == [1, 1, 2, 2]
    assert [right["state kept", seen] for seen in ("10", "25", "50", "end")] == [1, 1, 1, 1]


def test_a_movement_between_two_is_seen_and_not_predicted() -> None:
    two = [recording(0, 60), recording(1, 60)]
    right, asked = right_answers(cast(Package, Slow()), two, [NO_MOVEMENT, recording(1, 61).samples])
    assert [asked["state kept", seen] for seen in ("10", "25", "50", "end")] == [2, 2, 2, 2]
    assert [right["state kept", seen] for seen in ("10", "25", "50", "end")] == [2, 2, 2, 2]
    assert [right["window", seen] for seen in ("10", "25", "50", "end")] == [2, 2, 2, 2]
