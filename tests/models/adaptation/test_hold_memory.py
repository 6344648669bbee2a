from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.hold_memory import HoldMemory


@given(st.integers(1, 40), st.integers(0, 100), st.integers(0, 2**32 - 1))
def test_what_is_not_forgotten_is_kept_oldest_first(most: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    memory, expected = HoldMemory(most), list[tuple[np.ndarray, np.ndarray, float]]()
    for number in range(count):
        if memory.is_full:
            place = int(rng.integers(most))
            memory.forget(place)
            del expected[place]
        hold = rng.normal(size=5).astype(np.float32), rng.normal(size=3), float(number)
        memory.append(*hold)
        expected.append(hold)
    assert len(memory) == len(expected)
    assert memory.ends_ms == [end_ms for *_, end_ms in expected]
    if expected:
        embeddings = np.stack([embedding for embedding, *_ in expected])
        np.testing.assert_array_equal(memory.embeddings(), embeddings)
        places = np.flatnonzero(rng.random(len(expected)) < 0.5).tolist()
        np.testing.assert_array_equal(memory.embeddings(places), embeddings[places])
        log_scores = np.stack([log_scores for _, log_scores, _ in expected])
        np.testing.assert_allclose(memory.log_scores, log_scores, rtol=1e-6)


def test_what_was_returned_stays_as_it_was() -> None:
    memory = HoldMemory(2)
    for number in range(2):
        memory.append(np.full(2, number, np.float32), np.zeros(2), 0.0)
    before = memory.embeddings()
    memory.forget(0)
    memory.append(np.full(2, 9, np.float32), np.zeros(2), 0.0)
    np.testing.assert_array_equal(before, [[0, 0], [1, 1]])


def test_one_too_many_is_an_error() -> None:
    memory = HoldMemory(1)
    memory.append(np.zeros(2, np.float32), np.zeros(2), 0.0)
    with pytest.raises(IndexError):
        memory.append(np.zeros(2, np.float32), np.zeros(2), 1.0)
    with pytest.raises(IndexError):
        memory.forget(1)
