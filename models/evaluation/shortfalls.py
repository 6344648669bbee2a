"""Shortfalls: what cannot be said of recordings because they are of too few people, sessions or episodes. Pure.

A figure that would mean nothing is not measured (`models.evaluation.protocols`); here is why, for people and programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

from models.data.sessions import UNKNOWN_SESSION
from models.evaluation.protocols import (
    CROSS_USER,
    LEAVE_ONE_SESSION_OUT,
    LEAVE_ONE_STYLE_OUT,
    MIN_EPISODES,
    RANDOM,
    Known,
)

ShortfallCode = Literal[
    "few_episodes",
    "few_people",
    "label_of_one_person",
    "label_of_one_session",
    "label_of_one_style",
    "one_label",
    "one_person",
    "one_session",
    "split_without_parts",
    "unknown_sessions",
]

FEW_PEOPLE: Final = 5
"""People below which the mean over them says little of the next one: among the people of the public recordings accuracy
without examples spreads over tens of points."""

_NAMED: Final = 10
_SHOW_BOTH: Final = f"of which each shows two labels of {MIN_EPISODES} episodes or more that the others show too"
_NEEDS: Final = {
    RANDOM: f"two labels of {MIN_EPISODES} episodes or more",
    LEAVE_ONE_STYLE_OUT: f"two styles (bends), {_SHOW_BOTH}",
    LEAVE_ONE_SESSION_OUT: f"recordings of one person (collection) alone, in two sessions, {_SHOW_BOTH}",
    CROSS_USER: f"two people (collections), {_SHOW_BOTH}",
}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that cannot be said: a code (docs/reference/codes.md), a sentence with what to do, and its figures."""

    code: ShortfallCode
    text: str
    values: dict[str, Any] = field(default_factory=dict)


def shortfalls(known: Known, labels: Sequence[str]) -> list[Shortfall]:
    """Return the shortfalls of recordings, of which `labels` are the names."""
    return [*_of_labels(known, labels), *_of_people(known, labels)]


def split_shortfalls(splits: Iterable[str]) -> list[Shortfall]:
    """Return the shortfalls for splits that the recordings do not allow, each of `models.evaluation.protocols`."""
    return [Shortfall("split_without_parts", f"{name} needs {_NEEDS[name]}", {"split": name}) for name in splits]


def _of_labels(known: Known, labels: Sequence[str]) -> Iterator[Shortfall]:
    found, counts = np.unique(known.letters, return_counts=True)
    few = {labels[label]: int(count) for label, count in zip(found, counts, strict=True) if count < MIN_EPISODES}
    if few:
        text = f"fewer than {MIN_EPISODES} episodes of {_named(few)}: learned, but not tested; record more of each"
        yield Shortfall("few_episodes", text, {"labels": list(few), "episodes": few, "needed": MIN_EPISODES})
    if (count := len(found) - len(few)) < 2:
        text = f"fewer than two labels have {MIN_EPISODES} episodes or more: nothing can be measured"
        yield Shortfall("one_label", text, {"count": count, "needed": MIN_EPISODES})


def _of_people(known: Known, labels: Sequence[str]) -> Iterator[Shortfall]:
    people, sessions = len(np.unique(known.collections)), np.unique(known.sessions)
    if people == 1:
        text = "all recordings are of one person (collection): nothing can be said of others; record somebody else"
        yield Shortfall("one_person", text)
        if UNKNOWN_SESSION in sessions:
            text = (
                "no times in the file names, or not in all: sessions are not known, and nothing can be said of another "
                "day; name each file episode_DATE_TIME_LABEL_BEND.csv, as in episode_20260131_140500_up_1.csv"
            )
            yield Shortfall("unknown_sessions", text)
        elif len(sessions) == 1:
            text = (
                "all recordings are of one session: nothing can be said of another day; take the glove off, and record "
                "again half an hour later or more"
            )
            yield Shortfall("one_session", text)
        else:
            text = "shown in one session alone, so not tested in another"
            yield from _in_one_alone(known, labels, known.sessions, "label_of_one_session", text)
    else:
        if people < FEW_PEOPLE:
            text = f"the recordings are of {people} people: the next one may be far from their mean; record more"
            yield Shortfall("few_people", text, {"people": people, "needed": FEW_PEOPLE})
        text = "shown by one person (collection) alone, so not tested on others; somebody else has to show them"
        yield from _in_one_alone(known, labels, known.collections, "label_of_one_person", text)
    if len(np.unique(known.bends)) > 1:
        text = "shown in one style (bend) alone, so not tested in another"
        yield from _in_one_alone(known, labels, known.bends, "label_of_one_style", text)


def _in_one_alone(
    known: Known, labels: Sequence[str], groups: np.typing.NDArray[np.str_], code: ShortfallCode, text: str
) -> Iterator[Shortfall]:
    alone = [labels[label] for label in np.unique(known.letters) if len(np.unique(groups[known.letters == label])) == 1]
    if alone:
        yield Shortfall(code, f"{_named(alone)}: {text}", {"labels": alone})


def _named(labels: Sequence[str] | dict[str, int]) -> str:
    return ", ".join(list(labels)[:_NAMED]) + (", ..." if len(labels) > _NAMED else "")
