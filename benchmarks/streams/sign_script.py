"""Script of static and moving signs in a random order: groups of signs with rests between them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from benchmarks.streams.script import HOLD_S, MOVE_S, OPEN_S, PAUSE_S, RESTS, Action, Step

GROUP: Final = (2, 7)
"""Signs from one rest to the next, from and below."""
TWICE: Final = 0.05
"""Probability that a sign is made twice in a row."""


def sign_script(durations_s: Mapping[str, float | None], rounds: int, rng: np.random.Generator) -> list[Step]:
    """Return the steps to sign every sign `rounds` times, from a rest to a rest.

    `durations_s` has the duration of each moving sign, and None for each static one, which is held for a random time.
    """
    order = [sign for _ in range(rounds) for sign in rng.permutation(sorted(durations_s)).tolist()]
    steps, left, previous = [_rest(rng)], int(rng.integers(*GROUP)), ""
    for sign in order:
        for each in (sign, sign) if rng.random() < TWICE else (sign,):
            steps += _sign(each, durations_s[each], each == previous, rng)
            previous, left = each, left - 1
        if left <= 0:
            steps += [_move(rng), _rest(rng)]
            left, previous = int(rng.integers(*GROUP)), ""
    return steps if previous == "" else [*steps, _move(rng), _rest(rng)]


def _sign(sign: str, seconds: float | None, again: bool, rng: np.random.Generator) -> Iterator[Step]:
    if again:  # else a letter held twice would equal one held long
        yield _move(rng)
        yield Step(Action.OPEN, rng.uniform(*OPEN_S))
    yield _move(rng)
    if seconds is None:
        yield Step(Action.HOLD, rng.uniform(*HOLD_S), sign)
    else:
        yield Step(Action.SIGN, seconds, sign)


def _move(rng: np.random.Generator) -> Step:
    return Step(Action.MOVE, rng.uniform(*MOVE_S))


def _rest(rng: np.random.Generator) -> Step:
    kinds, shares = list(RESTS), list(RESTS.values())
    return Step(kinds[rng.choice(len(kinds), p=shares)], rng.uniform(*PAUSE_S))
