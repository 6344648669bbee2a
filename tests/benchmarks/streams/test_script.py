from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.streams.script import (
    HOLD_S,
    MOVE_S,
    OPEN_S,
    PAUSE_S,
    PHRASES,
    REST_S,
    RESTS,
    Action,
    Step,
    script,
)
from scaleglove.hangul.spelling import letters
from scaleglove.letters import LETTERS
from scaleglove.signed_text import REST

SECONDS = {Action.HOLD: HOLD_S, Action.MOVE: MOVE_S, Action.OPEN: OPEN_S}
SEEDS = st.integers(0, 2**32 - 1)


def steps_of(phrases: list[str], seed: int = 0) -> list[Step]:
    return script(phrases, np.random.default_rng(seed))


def test_the_phrases_have_every_letter_and_can_be_spelled() -> None:
    assert set("".join("".join(letters(phrase)) for phrase in PHRASES)) == {*LETTERS, REST}
    assert len(set(PHRASES)) == len(PHRASES)


@given(st.lists(st.sampled_from(PHRASES), max_size=3), SEEDS)
def test_the_letters_are_held_in_order_and_words_are_rests_apart(phrases: list[str], seed: int) -> None:
    steps = steps_of(phrases, seed)
    signed = "".join(step.letter or (REST if step.action in RESTS else "") for step in steps)
    assert signed == REST + "".join("".join(letters(phrase)) + REST for phrase in phrases)


@given(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=3), SEEDS)
def test_every_step_lasts_as_long_as_its_kind_may(phrases: list[str], seed: int) -> None:
    for step in steps_of(phrases, seed):
        shortest, longest = SECONDS.get(step.action, (min(PAUSE_S[0], REST_S[0]), REST_S[1]))
        assert shortest <= step.seconds <= longest
        assert (step.letter is not None) == (step.action is Action.HOLD)


@given(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=3), SEEDS)
def test_no_two_movements_meet_and_no_two_stays_do(phrases: list[str], seed: int) -> None:
    steps = steps_of(phrases, seed)
    assert all((one.action is Action.MOVE) != (other.action is Action.MOVE) for one, other in pairwise(steps))
    assert Action.MOVE not in {steps[0].action, steps[-1].action}


def test_between_two_equal_letters_the_hand_opens_and_nowhere_else() -> None:
    actions = [step.action for step in steps_of(["ㄱㄱㄴ"])[1:-1]]
    moved, held = Action.MOVE, Action.HOLD
    assert actions == [moved, held, moved, Action.OPEN, moved, held, moved, held, moved]


def test_every_kind_of_rest_occurs_about_as_often_as_it_should() -> None:
    rests = [step.action for step in steps_of(["ㄱ"] * 2000) if step.action in RESTS]
    for kind, share in RESTS.items():
        assert abs(rests.count(kind) / len(rests) - share) < 0.04
