"""Report of `scaleglove evaluate --protocol stream`, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from benchmarks.report import NOTHING, as_markdown
from benchmarks.streams.experiment import EVERYTHING, TRIALS, WORDS_OFF, Measured
from benchmarks.streams.scoring import Score
from benchmarks.streams.stream_goals import GOALS
from benchmarks.streams.stream_method import BY_CASE, GOALS_NOTE, INTRODUCTION, METHOD
from benchmarks.streams.word_errors import SPANS, counts, figures, interval, more_errors

Report = dict[str, Any]

ERRORS: Final = {
    "decoded_first": "decoded, words 1 to 10, %",
    "decoded_after_50": "41 to 60",
    "decoded_after_100": "81 to 100",
    "decoded_all": "all",
    "written_first": "as written, words 1 to 10, %",
    "written_after_50": "41 to 60",
    "written_after_100": "81 to 100",
    "written_all": "all",
}
OTHERS: Final = {
    "syllables_wrong": "syllables wrong, %",
    "decoded_unlisted": "words in no list, decoded, %",
    "written_unlisted": "as written, %",
    "false_per_minute": "false positives per minute",
    "delay_median_ms": "delay, median ms",
    "delay_p95_ms": "95 % ms",
    "calibration_error_begins": "calibration error of letters, %",
    "calibration_error_windows": "of windows, %",
    "letters": "letters",
    "examples": "examples given",
}
_SHOWN_OF_PARTS: Final = 6
"""Of OTHERS, those that a part changes."""


def make_report(measured: Sequence[Measured], command: str, revision: str) -> Report:
    """Return the report: `rows[trial][way]` are figures, with intervals in percent; `cases` the errors as written by
    wearer and style, `sittings` those of each wearer, and `used_up` the cases in which a guided session ended because
    all recordings of a letter were used up.
    """
    rows: Report = {}
    for title, trial in TRIALS.items():
        of_trial = [each for each in measured if each.trial == title]
        if of_trial:
            by_way = {way: [each for each in of_trial if each.way == way] for way in trial.ways}
            rows[title] = {way: _figures(alike, by_way[EVERYTHING]) for way, alike in by_way.items()}
    return {
        "command": command,
        "revision": revision,
        "rows": rows,
        "cases": _by_case(measured),
        "sittings": {
            each.case.collection: asdict(each.spelled)
            for each in measured
            if each.spelled is not None and each.way == EVERYTHING
        },
        "used_up": sorted({each.case.title for each in measured if each.used_up}),
    }


def page(report: Report) -> str:
    """Return the report as Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _figures(alike: Sequence[Measured], everything: Sequence[Measured]) -> Report:
    streams = [each.words for each in alike]
    more = more_errors(streams, [each.words for each in everything])
    sums = np.concatenate([*more, np.zeros((0, 2), np.int64)]).sum(axis=0)
    return {
        **Score.total(each.score for each in alike).figures(),
        **figures(streams),
        "examples": round(float(np.mean([each.examples for each in alike])), 1),
        "intervals": {f"written_{span}": interval(counts(streams, span)) for span in SPANS},
        "more": round(100 * float(sums[0] / sums[1]), 2) if sums[1] else None,
        "more_interval": interval(more),
    }


def _by_case(measured: Sequence[Measured]) -> dict[str, dict[str, list[float | None]]]:
    """Return the errors as written by case and trial, in percent: with everything on, and with words off."""
    found: dict[str, dict[str, list[float | None]]] = {}
    for each in measured:
        if each.way in {EVERYTHING, WORDS_OFF}:
            errors = found.setdefault(each.case.title, {}).setdefault(each.trial, [])
            errors.append(figures([each.words])["written_all"])
    return found


def _lines(report: Report) -> Iterator[str]:
    rows = report["rows"]
    yield from ("# Letters from continuous signing", "", INTRODUCTION, "", f"    {report['command']}", "")
    yield from (f"Made at revision {report['revision']}.", "")
    yield from ("## Against the goals", "", *as_markdown([_GOALS_HEADING, *_goals(rows)]), "", GOALS_NOTE)
    on = {title: ways[EVERYTHING] for title, ways in rows.items()}
    yield from ("", "## Errors, everything on", "", *_table(on, ERRORS))
    yield from ("", "## The same with words off", "")
    yield from _table({title: ways[WORDS_OFF] for title, ways in rows.items() if WORDS_OFF in ways}, ERRORS)
    yield from ("", "## Syllables, words in no list, and time, everything on", "", *_table(on, OTHERS))
    for title, ways in rows.items():
        if len(ways) > 2:  # more than words on and off
            yield from ("", f"## Each part switched off: {title}", "", *_parts(ways))
    yield from ("", "## Errors as written by wearer and style", "", BY_CASE, "", *_cases(report["cases"]))
    if report["sittings"]:
        yield from ("", "## Sittings", "", *_sittings(report["sittings"]))
    if report["used_up"]:
        yield from ("", f"Guided sessions that used up all recordings of a letter: {'; '.join(report['used_up'])}.")
    yield from ("", METHOD)


_GOALS_HEADING: Final = ("", "measured", "95 % interval", "words off", "required", "stretch goal", "")


def _goals(rows: Report) -> Iterator[list[str]]:
    for goal in GOALS:
        ways = rows.get(goal.row, {})
        figure = ways[EVERYTHING][goal.column] if ways else None
        off = ways[WORDS_OFF][goal.column] if WORDS_OFF in ways else None
        if figure is None or (goal.of_off and not off):
            continue
        ends = None if goal.of_off else ways[EVERYTHING]["intervals"].get(goal.column)
        if goal.of_off:
            figure, off = round(100 * figure / off, 1), 100.0
        yield [
            goal.title,
            f"{figure:g}",
            _interval(ends),
            _cell(off),
            f"{goal.required:g}",
            f"{goal.stretch:g}",
            _verdict(figure, goal.required, goal.stretch),
        ]


def _table(rows: Report, columns: dict[str, str]) -> Iterator[str]:
    cells = [[title, *(_cell(figures[column]) for column in columns)] for title, figures in rows.items()]
    yield from as_markdown([["", *columns.values()], *cells])


def _parts(ways: Report) -> Iterator[str]:
    others = {column: OTHERS[column] for column in list(OTHERS)[:_SHOWN_OF_PARTS]}
    columns = {**ERRORS, "more": "more as written than with everything on", "more_interval": "95 % interval", **others}
    shown = {column: _interval if column == "more_interval" else _cell for column in columns}
    cells = [[way, *(show(figures[column]) for column, show in shown.items())] for way, figures in ways.items()]
    yield from as_markdown([["", *columns.values()], *cells])


def _cases(cases: dict[str, dict[str, list[float | None]]]) -> Iterator[str]:
    cells = [
        [title, trial, *(_cell(figure) for figure in [*errors, None][:2])]
        for title, trials in cases.items()
        for trial, errors in trials.items()
    ]
    yield from as_markdown([["", "", "everything on, %", "words off, %"], *cells])


def _sittings(sittings: dict[str, dict[str, float]]) -> Iterator[str]:
    heading = ["signed by", "words", "letters", "s", "examples", "of these right", "letters known"]
    cells = [[name, *(f"{each:.0f}" for each in of.values())] for name, of in sittings.items()]
    yield from as_markdown([heading, *cells])


def _cell(figure: float | None) -> str:
    return NOTHING if figure is None else f"{figure:g}"


def _interval(ends: Sequence[float] | None) -> str:
    return NOTHING if ends is None else f"{ends[0]:g} to {ends[1]:g}"


def _verdict(figure: float, required: float, stretch: float) -> str:
    if figure <= stretch:
        return "met, stretch goal met"
    missed = f"stretch goal missed by {figure - stretch:.3g}"
    return f"met, {missed}" if figure <= required else f"missed by {figure - required:.3g}, {missed}"
