"""Tables of a report: rows of text with headings, a column for each family."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from models.evaluation.cases import Cases, interval
from models.evaluation.guided import LABELS
from models.evaluation.protocols import (
    ANY_BEND,
    CROSS_USER,
    EACH_BEND,
    LEAVE_ONE_SESSION_OUT,
    LEAVE_ONE_STYLE_OUT,
    ONE_BEND,
    RANDOM,
    SHOTS,
    SUPPORTS,
)
from models.evaluation.report import KNOWN_WEARER, RANGED, SELF_CALIBRATION, Report, few_shot, guided

_SUPPORT_TITLES = {ANY_BEND: "any bend", EACH_BEND: "each bend", ONE_BEND: "one bend"}
TITLES: dict[str, str] = (
    {
        RANDOM: "random 80 / 20",
        LEAVE_ONE_STYLE_OUT: "leave one style out",
        KNOWN_WEARER: "leave one style out, known wearer",
        LEAVE_ONE_SESSION_OUT: "leave one session out",
        CROSS_USER: "cross-user",
        RANGED: "cross-user, ranged",
        SELF_CALIBRATION: "cross-user, self-calibrated",
    }
    | {
        few_shot(shots, support_from): f"{shots} a letter, {_SUPPORT_TITLES[support_from]}"
        for support_from in SUPPORTS
        for shots in SHOTS
    }
    | {guided(labels): f"{labels} labels, by doubt" for labels in LABELS}
)
"""Titles of all protocols, in the order in which they are shown."""

NOTHING = "–"
"""Shown where there is no figure."""

_NO_DIRECTION = "no direction"
_SHARES = ("calibration_error", "served_calibration_error", "rejected", "served")

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
    """Tabulate accuracy in percent with its spread; after examples also without their direction, where that was
    measured."""
    figures = [(title, _part(name)) for name, title in TITLES.items()]
    figures += [(f"{title}, {_NO_DIRECTION}", _part(name, "without_direction")) for name, title in TITLES.items()]
    return _rows(report, figures)


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


def served_calibration(report: Report) -> Rows:
    """Tabulate expected calibration error of what is served in percent with its spread."""
    return _rows(report, [(title, _part(name, "served_calibration_error")) for name, title in TITLES.items()])


def of_family(report: Report, family: str) -> Rows:
    """Tabulate all figures of one family, a row for each protocol. A report without intervals has none."""
    rows = [["", "accuracy", "95 % interval", "ECE", "of what is served", "rejected", "served", "cases of people"]]
    protocols = report["families"][family]["protocols"]
    for title, found in [(title, protocols[name]) for name, title in TITLES.items() if name in protocols]:
        figures = [_cell(found.get(key)) for key in _SHARES]
        cases = f"{found['cases']} of {found['people']}" if "cases" in found else NOTHING
        rows.append([title, _cell(found), interval_text(found.get("interval")), *figures, cases])
    return rows


def leads(report: Report, family: str) -> Rows:
    """Tabulate by how much a family leads each other one, with the 95 % interval of the lead: both answered about the
    same cases, which are resampled together. No rows for a report without cases."""
    families = report["families"]
    others = [name for name in families if name != family]
    protocols = families[family]["protocols"]
    rows = [["", *others]]
    for title, name in [(title, name) for name, title in TITLES.items() if "cases" in protocols.get(name, {})]:
        cells = [_lead(protocols[name], families[other]["protocols"].get(name)) for other in others]
        if any(cell != NOTHING for cell in cells):
            rows.append([title, *cells])
    return rows


def _lead(mine: Report, other: Report | None) -> str:
    if other is None:
        return NOTHING
    both = [
        Cases.from_dict(fold["cases"]).less(Cases.from_dict(other["folds"][name]["cases"]))
        for name, fold in mine["folds"].items()
    ]
    return f"{mine['mean'] - other['mean']:+.1f} ({interval_text(interval(both))})"


def labels_needed(report: Report) -> Rows:
    """Tabulate the median, over sessions, of the labels until a session by doubt reached its accuracy, by fold; no rows
    without sessions."""
    found = {name: family["labels_needed"] for name, family in report["families"].items() if "labels_needed" in family}
    folds = list(dict.fromkeys(fold for by_fold in found.values() for fold in by_fold))
    return [["", *found]] + [[fold, *(_median(by_fold.get(fold)) for by_fold in found.values())] for fold in folds]


def _median(labels: list[int | None] | None) -> str:
    if not labels:
        return NOTHING
    most = max(LABELS)
    median = statistics.median(most + 1 if one is None else one for one in labels)
    missed = sum(one is None for one in labels)
    text = f"more than {most}" if median > most else f"{median:g}"
    return f"{text} ({missed} of {len(labels)} never)" if missed else text


def interval_text(ends: Sequence[float] | None) -> str:
    """Return an interval in words, NOTHING for none."""
    return f"{ends[0]:.1f} to {ends[1]:.1f}" if ends else NOTHING


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
