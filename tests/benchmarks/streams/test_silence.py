"""Letters in an hour of what is no letter."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.streams.scoring import Score
from benchmarks.streams.script import Action
from benchmarks.streams.signed_stream import SignedStream, Span
from benchmarks.streams.silence import row_of, table


def test_letters_count_by_the_hour_of_what_the_hand_did() -> None:
    spans = (
        Span(Action.RELAXED, None, 0, 60_000),
        Span(Action.MOVE, None, 60_000, 61_000),
        Span(Action.HOLD, "ㄱ", 61_000, 62_000),
        Span(Action.TURN, None, 62_000, 92_000),
    )
    stream = SignedStream(np.empty(0), np.empty(0, np.int64), np.empty((0, 8), np.float32), spans, "")
    begun = Score(letters=4, errors=2, false=Counter({"turn": 3, "move": 1, "relaxed": 1}))
    written = Score(letters=4, errors=1, false=Counter({"turn": 2, "move": 1, "relaxed": 1}))
    row = row_of("collection_a", "three", "usual", stream, (begun, written))
    assert row.per_hour == pytest.approx({Action.RELAXED: 60, Action.MOVE: 3600, Action.TURN: 240})
    assert row.all_per_hour == pytest.approx(120)  # 3 in 90 seconds: not what lies between two letters
    assert row.begun_per_hour == pytest.approx(160)
    assert (row.errors, row.begun_errors) == (25, 50)
    assert "| collection_a | three | usual | 3600 | 60 | 240 | 120 | 160 | 25.0 | 50.0 |" in table([row])
