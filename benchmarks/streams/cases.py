"""Cases of the benchmark: who signs in which style, which examples are known, and the network trained without them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from models.data.dataset import HoldOut, Recording
from scaleglove.letters import LETTERS

Knowledge = Literal["nothing", "profile", "one", "three", "guided", "sitting"]
"""Knowledge of the wearer: nothing; a profile from other styles; one or three examples of each letter; the examples
that guided calibration asked for; or those that a sitting of one minute found. All but `nothing` include an example of
each of the two kinds of rest, a sitting of one."""

SHOTS: Final[dict[Knowledge, int]] = {"profile": 3, "one": 1, "three": 3}
MIXED: Final = "mixed"
"""Pseudo-style of a wearer who holds each letter in a random one of their styles."""

REST_FRAMES: Final = 40


@dataclass(frozen=True, slots=True)
class Case:
    """One wearer who signs in one style, and the network that was trained without it."""

    left_out: HoldOut
    collection: str
    bend: str

    @property
    def is_new_wearer(self) -> bool:
        return bool(self.left_out.collections)

    @property
    def title(self) -> str:
        return f"{self.collection}, bend {self.bend}, trained without {self.left_out.names()}"


def cases(recordings: Sequence[Recording]) -> list[Case]:
    """Return the cases for which the recordings have episodes of all letters to sign and others to show.

    They are: a new wearer in all of their styles mixed, and a known wearer in a style that was left out of training.
    """
    collections = sorted({recording.collection for recording in recordings})
    bends = sorted({recording.bend for recording in recordings})
    known = [Case(HoldOut(bends=(bend,)), collection, bend) for bend in bends for collection in collections]
    new = [Case(HoldOut(collections=(name,)), name, MIXED) for name in collections]
    return [
        case
        for case in (*new, *known)
        if all(by_letter(to_sign(case, recordings)).values()) and all(by_letter(to_show(case, recordings)).values())
    ]


def to_sign(case: Case, recordings: Sequence[Recording]) -> list[Recording]:
    """Return the episodes from which streams are cut: of a new wearer one half, since the other is for examples."""
    own = of_wearer(case, recordings)
    if case.is_new_wearer:
        own = own[::2]
    return [recording for recording in own if case.bend in {MIXED, recording.bend}]


def to_show(case: Case, recordings: Sequence[Recording]) -> list[Recording]:
    """Return the episodes from which examples are drawn: none of those that are signed."""
    own = of_wearer(case, recordings)
    if case.is_new_wearer:
        return own[1::2]
    return [recording for recording in own if recording.bend != case.bend]


def of_wearer(case: Case, recordings: Sequence[Recording]) -> list[Recording]:
    """Return the wearer's episodes in a random order that is always the same."""
    own = [recording for recording in recordings if recording.collection == case.collection]
    return [own[index] for index in generator(0, f"{case.collection}/halves").permutation(len(own))]


def by_letter(recordings: Sequence[Recording]) -> dict[str, list[Recording]]:
    """Return the recordings of each of the 24 letters."""
    return {
        letter: [recording for recording in recordings if recording.label == label]
        for label, letter in enumerate(LETTERS)
    }


def drawn(case: Case, recordings: Sequence[Recording], knowledge: Knowledge, draw: int) -> list[Recording]:
    """Return random examples of each letter, as many as `knowledge` needs and there are.

    For `guided` these are all examples, in a random order, of which guided calibration chooses.
    """
    rng = generator(draw, f"{case.title}/{knowledge}")
    available = to_show(case, recordings)
    if knowledge == "guided":
        return [available[index] for index in rng.permutation(len(available))]
    return list(_draw(by_letter(available), SHOTS[knowledge], rng))


def _draw(available: dict[str, list[Recording]], shots: int, rng: np.random.Generator) -> Iterator[Recording]:
    for held in available.values():
        yield from (held[index] for index in rng.permutation(len(held))[:shots])


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a random generator that is independent for every purpose."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
