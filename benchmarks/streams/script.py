"""Script of continuous signing: phrases as a sequence of held letters, movements and rests. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from scaleglove.hangul.spelling import letters
from scaleglove.signed_text import REST

HOLD_S: Final = (0.4, 1.5)
MOVE_S: Final = (0.2, 0.6)
OPEN_S: Final = (0.1, 0.25)
"""Duration of the open hand between two equal letters."""
PAUSE_S: Final = (1.5, 3.0)
"""Duration of the rest between two words."""
REST_S: Final = (1.5, 5.0)
"""Duration of the rests before, between and after phrases."""


class Action(Enum):
    """What the hand does during one step."""

    HOLD = "hold"
    """Holds a letter."""
    SIGN = "sign"
    """Makes a sign that moves."""
    MOVE = "move"
    """Moves from one shape to the next."""
    OPEN = "open"
    """Opens between two equal letters, to a shape that is no letter."""
    RELAXED = "relaxed"
    """Rests in the wearer's own relaxed shape."""
    LOWERED = "lowered"
    """Rests in the same shape with the arm hanging down."""
    STRAY = "stray"
    """Keeps still in a shape that is no letter and no known rest."""
    WANDER = "wander"
    """Moves from shape to shape without a halt."""
    TURN = "turn"
    """Turns and swings a relaxed hand, as in walking and reaching."""
    DRIFT = "drift"
    """Rests while the readings of the sensors drift."""
    PUT_ON = "put on"
    """The glove is put on or taken off."""
    OTHER_SIGN = "other sign"
    """Makes moving signs that are in no vocabulary of the glove."""


RESTS: Final = {Action.RELAXED: 0.4, Action.LOWERED: 0.2, Action.STRAY: 0.15, Action.WANDER: 0.25}
"""Share of each kind among the rests."""


@dataclass(frozen=True, slots=True)
class Step:
    """One action and its duration; `letter` is set for a held letter and a moving sign only."""

    action: Action
    seconds: float
    letter: str | None = None


PHRASES: Final = (
    "안녕하세요",
    "감사합니다",
    "반갑습니다",
    "사랑해요",
    "미안합니다",
    "괜찮아요",
    "잘 지내요",
    "또 만나요",
    "어서 오세요",
    "안녕히 가세요",
    "처음 뵙겠습니다",
    "이름이 뭐예요",
    "저는 학생입니다",
    "한국어를 배워요",
    "오늘 날씨가 좋아요",
    "지금 몇 시예요",
    "커피 한 잔 주세요",
    "물 좀 주세요",
    "얼마예요",
    "화장실이 어디예요",
    "도와주세요",
    "천천히 말해 주세요",
    "다시 한번 해 주세요",
    "배가 고파요",
    "피자 먹고 싶어요",
    "친구를 만나요",
    "학교에 가요",
    "집에서 쉬어요",
    "버스를 타요",
    "토요일에 봐요",
    "내일 아침에 전화해요",
    "생일 축하합니다",
    "맛있게 드세요",
    "조심하세요",
    "약을 먹었어요",
    "머리가 아파요",
    "병원에 가야 해요",
    "가족이 보고 싶어요",
    "컴퓨터를 켜요",
    "우유하고 빵",
    "코끼리와 토끼",
    "여행을 좋아해요",
    "음악을 들어요",
    "영화를 봐요",
    "새해 복 많이 받으세요",
    "수고하셨습니다",
    "네 알겠습니다",
    "아니요 몰라요",
    "창문을 닫아 주세요",
    "표를 두 장 샀어요",
)
"""Common Korean words and sentences, in which all 24 letters occur."""


def script(phrases: Sequence[str], rng: np.random.Generator, hold_s: tuple[float, float] = HOLD_S) -> list[Step]:
    """Return the steps to sign these phrases one after another, from a rest to a rest; `hold_s`: how long a letter is
    held."""
    steps = [_rest(REST_S, rng)]
    for phrase in phrases:
        steps += _sign(phrase, rng, hold_s)
        steps += [_move(rng), _rest(REST_S, rng)]
    return steps


def _sign(phrase: str, rng: np.random.Generator, hold_s: tuple[float, float]) -> Iterator[Step]:
    previous = REST
    for letter in letters(phrase):
        if letter == REST:
            yield _move(rng)
            yield _rest(PAUSE_S, rng)
        else:
            if letter == previous:  # else a letter held twice would equal one held long
                yield _move(rng)
                yield Step(Action.OPEN, rng.uniform(*OPEN_S))
            yield _move(rng)
            yield Step(Action.HOLD, rng.uniform(*hold_s), letter)
        previous = letter


def _move(rng: np.random.Generator) -> Step:
    return Step(Action.MOVE, rng.uniform(*MOVE_S))


def _rest(seconds: tuple[float, float], rng: np.random.Generator) -> Step:
    kinds, shares = list(RESTS), list(RESTS.values())
    return Step(kinds[rng.choice(len(kinds), p=shares)], rng.uniform(*seconds))
