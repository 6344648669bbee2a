"""What a hand does over time to sign a phrase: letters held, movements between them, rests. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from scaleglove.hangul.spelling import REST, letters

HOLD_S: Final = (0.4, 1.5)
MOVE_S: Final = (0.2, 0.6)
OPEN_S: Final = (0.1, 0.25)
"""How long the hand stays open between two equal letters."""
PAUSE_S: Final = (1.5, 3.0)
"""Between two words."""
REST_S: Final = (1.5, 5.0)
"""Before, between and after phrases."""


class Doing(Enum):
    HOLD = "hold"
    """A letter."""
    MOVE = "move"
    """From one shape to the next."""
    OPEN = "open"
    """Between two equal letters, in a shape that is none."""
    RELAXED = "relaxed"
    """At rest in the wearer's own way."""
    LOWERED = "lowered"
    """The same, the arm hanging down."""
    STRAY = "stray"
    """Still, in a shape that is no letter and no rest seen before."""
    WANDER = "wander"
    """Never at a halt, from shape to shape."""


RESTS: Final = {Doing.RELAXED: 0.4, Doing.LOWERED: 0.2, Doing.STRAY: 0.15, Doing.WANDER: 0.25}
"""How often each kind of rest occurs."""


@dataclass(frozen=True, slots=True)
class Step:
    """So long the hand does this; `letter` is the one held, and set for no other step."""

    doing: Doing
    seconds: float
    letter: str | None = None


def script(phrases: Sequence[str], rng: np.random.Generator) -> list[Step]:
    """The steps to sign these phrases one after another, from a rest to a rest."""
    steps = [_rest(REST_S, rng)]
    for phrase in phrases:
        steps += _sign(phrase, rng)
        steps += [_move(rng), _rest(REST_S, rng)]
    return steps


def _sign(phrase: str, rng: np.random.Generator) -> Iterator[Step]:
    before = REST
    for letter in letters(phrase):
        if letter == REST:
            yield _move(rng)
            yield _rest(PAUSE_S, rng)
        else:
            if letter == before:  # nobody could tell one held twice from one held long
                yield _move(rng)
                yield Step(Doing.OPEN, rng.uniform(*OPEN_S))
            yield _move(rng)
            yield Step(Doing.HOLD, rng.uniform(*HOLD_S), letter)
        before = letter


def _move(rng: np.random.Generator) -> Step:
    return Step(Doing.MOVE, rng.uniform(*MOVE_S))


def _rest(seconds: tuple[float, float], rng: np.random.Generator) -> Step:
    kinds, shares = list(RESTS), list(RESTS.values())
    return Step(kinds[rng.choice(len(kinds), p=shares)], rng.uniform(*seconds))
