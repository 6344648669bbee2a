"""Which episode is recorded next. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Slot:
    """An episode that is to be recorded: the `number`th of `of` of this letter held in this way."""

    letter: str
    bend: str
    number: int
    of: int


def recorded(collection: Path) -> Counter[tuple[str, str]]:
    """How many episodes of each letter and bend a folder `COLLECTION/LETTER/BEND/` holds."""
    return Counter((path.parent.parent.name, path.parent.name) for path in collection.glob("*/*/episode_*.csv"))


def plan(
    letters: Sequence[str], bends: Sequence[str], episodes: int, have: Mapping[tuple[str, str], int]
) -> Iterator[Slot]:
    """What is missing, in rounds over all letters: two episodes recorded back to back are nearly the same."""
    for number in range(1, episodes + 1):
        for bend in bends:
            for letter in letters:
                if have.get((letter, bend), 0) < number:
                    yield Slot(letter, bend, number, episodes)
