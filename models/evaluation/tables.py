"""Tables of a report: rows of text with headings, a column for each family."""

from __future__ import annotations

from collections.abc import Callable

from models.evaluation.protocols import (
    ANY_BEND,
    CROSS_USER,
    LEAVE_ONE_SESSION_OUT,
    LEAVE_ONE_STYLE_OUT,
    ONE_BEND,
    RANDOM,
    SHOTS,
    SUPPORTS,
)
from models.evaluation.report import RANGED, SELF_CALIBRATION, Report, few_shot

_SUPPORT_TITLES = {ANY_BEND: "any bend", ONE_BEND: "one bend"}
TITLES: dict[str, str] = {
    RANDOM: "random 80 / 20",
    LEAVE_ONE_STYLE_OUT: "leave one style out",
    LEAVE_ONE_SESSION_OUT: "leave one session out",
    CROSS_USER: "cross-user",
    RANGED: "cross-user, ranged",
    SELF_CALIBRATION: "cross-user, self-calibrated",
} | {
    few_shot(shots, support_from): f"{shots} a letter, {_SUPPORT_TITLES[support_from]}"
    for support_from in SUPPORTS
    for shots in SHOTS
}
"""Titles of all protocols, in the order in which they are shown."""

NOTHING = "–"
"""Shown where there is no figure."""

Rows = list[list[str]]
_Figure = Callable[[Report], Report | None]
"""From a family's protocols to one figure with `mean` and `sd`, or None."""


def titles_in(report: Report) -> dict[str, str]:
    """Return the titles of the protocols that the report has figures for, in the order in which to show them."""
    return {
        name: title
        for name, title in TITLES.items()
        if any(name in family["protocols"] for family in report["families"].values())
    }


def by_protocol(report: Report) -> Rows:
    """Tabulate accuracy in percent with its spread."""
    return _rows(report, [(title, _part(name)) for name, title in TITLES.items()])


def by_fold(report: Report, protocol: str) -> Rows:
    """Tabulate accuracy in percent with its spread, on each fold of a protocol."""
    folds = _keys(report, protocol, "folds")
    return _rows(report, [(fold, _part(protocol, "folds", fold)) for fold in folds])


def by_frames(report: Report, protocol: str) -> Rows:
    """Tabulate accuracy in percent with its spread, by the number of frames seen."""
    lengths = _keys(report, protocol, "by_frames")
    return _rows(report, [(f"{seen} frames", _part(protocol, "by_frames", seen)) for seen in lengths])


def f1(report: Report) -> Rows:
    """Tabulate the mean F1 score of the letters in percent with its spread."""
    return _rows(report, [(title, _part(name, "f1")) for name, title in TITLES.items()])


def calibration(report: Report) -> Rows:
    """Tabulate expected calibration error in percent with its spread."""
    return _rows(report, [(title, _part(name, "calibration_error")) for name, title in TITLES.items()])


def _rows(report: Report, figures: list[tuple[str, _Figure]]) -> Rows:
    """Return a row for each title whose figure any family has."""
    families = report["families"]
    rows = [["", *families]]
    for title, figure in figures:
        cells = [_cell(figure(family["protocols"])) for family in families.values()]
        if any(cell != NOTHING for cell in cells):
            rows.append([title, *cells])
    return rows


def _part(protocol: str, *keys: str) -> _Figure:
    """Return a function that finds the figure under these keys of a protocol."""

    def find(protocols: Report) -> Report | None:
        found: Report | None = protocols.get(protocol)
        for key in keys:
            found = None if found is None else found.get(key)
        return found

    return find


def _keys(report: Report, protocol: str, part: str) -> list[str]:
    """Return the keys of a part of a protocol in any family, each once."""
    found = [family["protocols"].get(protocol, {}).get(part, {}) for family in report["families"].values()]
    return list(dict.fromkeys(key for keys in found for key in keys))


def _cell(figure: Report | None) -> str:
    if figure is None:
        return NOTHING
    mean = f"{figure['mean']:.1f}"
    return mean if figure["sd"] is None else f"{mean} ± {figure['sd']:.1f}"
