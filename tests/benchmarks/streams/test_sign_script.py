"""Every sign is made as often as asked, each in its own way, with movements between them."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.streams.script import HOLD_S, RESTS, Action, Step
from benchmarks.streams.sign_script import GROUP, sign_script

DURATIONS = {"a": None, "b": None, "hello": 1.5, "j": 1.2}
SEEDS = st.integers(0, 2**32 - 1)


def steps_of(rounds: int, seed: int) -> list[Step]:
    return sign_script(DURATIONS, rounds, np.random.default_rng(seed))


@given(st.integers(1, 4), SEEDS)
def test_every_sign_is_made_in_every_round(rounds: int, seed: int) -> None:
    made = Counter(step.letter for step in steps_of(rounds, seed) if step.letter is not None)
    assert set(made) == set(DURATIONS)
    assert all(rounds <= count <= 2 * rounds for count in made.values())


@given(st.integers(1, 4), SEEDS)
def test_static_signs_are_held_and_moving_ones_take_their_time(rounds: int, seed: int) -> None:
    for step in steps_of(rounds, seed):
        if step.letter is not None and DURATIONS[step.letter] is None:
            assert step.action is Action.HOLD
            assert HOLD_S[0] <= step.seconds <= HOLD_S[1]
        elif step.letter is not None:
            assert (step.action, step.seconds) == (Action.SIGN, DURATIONS[step.letter])
        else:
            assert step.action not in {Action.HOLD, Action.SIGN}


@given(st.integers(1, 4), SEEDS)
def test_no_two_movements_meet_and_no_two_stays_do(rounds: int, seed: int) -> None:
    steps = steps_of(rounds, seed)
    assert all((one.action is Action.MOVE) != (other.action is Action.MOVE) for one, other in pairwise(steps))
    assert steps[0].action in RESTS
    assert steps[-1].action in RESTS


@given(st.integers(1, 4), SEEDS)
def test_the_hand_rests_after_a_few_signs_and_opens_between_equal_ones(rounds: int, seed: int) -> None:
    since, previous = 0, None
    for step in steps_of(rounds, seed):
        if step.action in RESTS:
            assert since <= GROUP[1]  # the last one may be made twice
            since, previous = 0, None
        elif step.action is Action.OPEN:
            previous = None
        elif step.letter is not None:
            assert step.letter != previous
            since, previous = since + 1, step.letter
