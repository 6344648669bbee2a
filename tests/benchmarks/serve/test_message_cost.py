from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.serve.message_cost import ALONE, PREDICTION, Cost, apart_us, message, message_cost
from benchmarks.serve.peers.catalogue import ECHO, PLAIN_ONE
from tests.benchmarks.serve.small_bench import small_bench

_US = st.floats(1, 1e5)


def test_every_round_measures_what_each_server_takes() -> None:
    with small_bench(ECHO, PLAIN_ONE, rounds=2) as bench:
        message_cost(bench)
    for frames in (1, 5):
        for binary, name, other in ((True, ECHO, PLAIN_ONE), (False, PLAIN_ONE, ECHO)):
            values = bench.results.values(message(frames, binary=binary), name)
            assert len(values) == 2
            assert min(values) > 0
            assert not bench.results.values(message(frames, binary=binary), other)
    assert len(bench.results.values(ALONE, PLAIN_ONE)) == len(bench.results.values(PREDICTION, PLAIN_ONE)) == 2


@given(alone=_US, prediction=_US, messages=st.integers(200, 100_000))
def test_cost_of_messages_and_of_predictions_is_found(alone: float, prediction: float, messages: int) -> None:
    def cost(each: int) -> Cost:
        predictions = messages // each
        return Cost((messages * alone + predictions * prediction) * 1e-6, messages, predictions)

    found = apart_us(cost(10), cost(200))
    assert found == pytest.approx((alone, prediction), rel=1e-6, abs=1e-3)


def test_without_predictions_everything_is_the_message() -> None:
    assert apart_us(Cost(1e-3, 100, 0), Cost(1e-3, 100, 0)) == (pytest.approx(10.0), 0.0)
