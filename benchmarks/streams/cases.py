"""Who signs, what of her is known, and which network listens that has never heard her sign like that."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from benchmarks.streams.hand import Hand
from benchmarks.streams.phrases import PHRASES
from benchmarks.streams.script import script
from benchmarks.streams.signal import SignedStream, sign
from models.data.dataset import HoldOut, Recording
from scaleglove.letters import LETTERS

Knowledge = Literal["nothing", "profile", "one", "three", "guided"]
"""What the service knows of the wearer: nothing; her profile from other ways of holding the letters; one or three
examples of each letter; those that a guide asked for. With any of it goes an example of each of her two ways to
rest."""

SHOTS: Final[dict[Knowledge, int]] = {"profile": 3, "one": 1, "three": 3}
MIXED: Final = "mixed"
"""Each letter is held in any way, another one each time."""

REST_FRAMES: Final = 40


@dataclass(frozen=True, slots=True)
class Case:
    """One wearer who signs in one way, and which network listens."""

    left_out: HoldOut
    collection: str
    bend: str

    @property
    def is_new_wearer(self) -> bool:
        return bool(self.left_out.collections)

    @property
    def title(self) -> str:
        return f"{self.collection}, bend {self.bend}, trained without {self.left_out.names()}"


@dataclass(frozen=True, slots=True)
class Signed:
    """What she signs, and the windows that she shows beforehand: raw, with places among LETTERS, or REST."""

    stream: SignedStream
    rests: list[np.ndarray]


def cases(recordings: Sequence[Recording]) -> list[Case]:
    """A known wearer in a way of holding the letters that was left out, and a new wearer in each of hers and in all of
    them mixed; as far as there are episodes of all letters to sign and others to show."""
    collections = sorted({recording.collection for recording in recordings})
    bends = sorted({recording.bend for recording in recordings})
    known = [Case(HoldOut(bends=(bend,)), collection, bend) for bend in bends for collection in collections]
    new = [Case(HoldOut(collections=(name,)), name, bend) for name in collections for bend in (*bends, MIXED)]
    return [
        case
        for case in (*known, *new)
        if all(by_letter(to_sign(case, recordings)).values()) and all(by_letter(to_show(case, recordings)).values())
    ]


def to_sign(case: Case, recordings: Sequence[Recording]) -> list[Recording]:
    """The episodes that streams are cut from: of a new wearer one half, the other being for examples."""
    hers = of_wearer(case, recordings)
    if case.is_new_wearer:
        hers = hers[::2]
    return [recording for recording in hers if case.bend in {MIXED, recording.bend}]


def to_show(case: Case, recordings: Sequence[Recording]) -> list[Recording]:
    """The episodes that examples are drawn from: none of those that are signed."""
    hers = of_wearer(case, recordings)
    if case.is_new_wearer:
        return hers[1::2]
    return [recording for recording in hers if recording.bend != case.bend]


def of_wearer(case: Case, recordings: Sequence[Recording]) -> list[Recording]:
    """In an order of chance, always the same."""
    hers = [recording for recording in recordings if recording.collection == case.collection]
    return [hers[place] for place in generator(0, f"{case.collection}/halves").permutation(len(hers))]


def by_letter(recordings: Sequence[Recording]) -> dict[str, list[Recording]]:
    return {
        letter: [recording for recording in recordings if recording.label == label]
        for label, letter in enumerate(LETTERS)
    }


def signed(
    case: Case, recordings: Sequence[Recording], sample_rate_hz: float, rate_hz: float, phrases: int, seed: int
) -> Signed:
    """So many phrases, drawn anew for each case and seed, at `rate_hz`."""
    rng = generator(seed, f"{case.title}/{rate_hz:g}")
    hand = Hand(by_letter(to_sign(case, recordings)), sample_rate_hz, rng)
    chosen = [PHRASES[place] for place in rng.permutation(len(PHRASES))[:phrases]]
    stream = sign(" ".join(chosen), script(chosen, rng), hand, rate_hz, rng)
    return Signed(stream, list(hand.rest_examples(REST_FRAMES)))


def drawn(case: Case, recordings: Sequence[Recording], knowledge: Knowledge, draw: int) -> list[Recording]:
    """Examples of each letter, as many as there are up to those asked for; those to be guided through: all of them, in
    an order of chance."""
    rng = generator(draw, f"{case.title}/{knowledge}")
    there = to_show(case, recordings)
    if knowledge == "guided":
        return [there[place] for place in rng.permutation(len(there))]
    return list(_draw(by_letter(there), SHOTS[knowledge], rng))


def _draw(there: dict[str, list[Recording]], shots: int, rng: np.random.Generator) -> Iterator[Recording]:
    for held in there.values():
        yield from (held[place] for place in rng.permutation(len(held))[:shots])


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Its own stream of chance for every purpose."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
