"""Command `scaleglove evaluate --protocol stream`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.report import as_table

_SHOWN = {
    "decoded_all": "decoded, errors %",
    "written_first": "written, first 10 words",
    "written_after_50": "after 50",
    "written_after_100": "after 100",
    "syllables_wrong": "syllables %",
    "delay_median_ms": "delay ms",
}
"""Columns of the table for a terminal; the page has all columns."""


def evaluate_streams(
    folder: Path,
    model: str,
    epochs: int,
    words: int,
    workers: int | None,
    runs: Path,
    out: Path | None,
    page_file: Path | None,
    as_json: bool,
    rows: Sequence[str] = (),
    styles: Sequence[str] = (),
) -> None:
    """Train networks without the cases, simulate and recognise streams of `words` words, and report the scores.

    `rows` are those of TRIALS to measure, by default all; `styles` the ways of holding letters in which known wearers
    sign, by default all. The report and the page are written after each case, so that a run that is interrupted leaves
    what it has measured.

    Raises:
        ScaleGloveError: no row has such a title, or the recordings are too few.
    """
    from benchmarks.streams.cases import cases
    from benchmarks.streams.experiment import ALL_ROWS, EVERYTHING, Measured, Plan, measure
    from benchmarks.streams.stream_report import make_report, page
    from models.cli.options import make_recipe, read_recordings
    from models.training.checkpoint import git_revision
    from scaleglove.errors import ScaleGloveError

    if unknown := set(rows) - ALL_ROWS:
        raise ScaleGloveError(f"--row: no row is called {min(unknown)!r}; rows are {', '.join(sorted(ALL_ROWS))}")
    for path in (out, page_file):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
    recipe, revision = make_recipe(model, epochs, seed=0), git_revision()
    recordings = read_recordings(folder, recipe)
    plan = Plan(words, recipe, runs, frozenset(rows) or ALL_ROWS)
    there = [case for case in cases(recordings) if case.is_new_wearer or not styles or case.bend in styles]
    found = [case for case in there if plan.asks_for(case)]
    if not found:
        raise ScaleGloveError(
            f"{folder}: streams need all 24 letters in at least two styles (bend types) or two collections"
        )
    command = f"scaleglove evaluate FOLDER --protocol stream --model {model} --epochs {epochs} --words {words}"
    command = " ".join([command, *(f'--row "{title}"' for title in rows), *(f"--style {style}" for style in styles)])
    report = make_report([], command, revision)
    measured: list[Measured] = []
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("recognising", total=len(found))
        for part in measure(found, recordings, plan, workers or os.cpu_count() or 1):
            measured += part
            bar.advance(task)
            report = make_report(measured, command, revision)
            if out:
                out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            if page_file:
                page_file.write_text(page(report), encoding="utf-8")
    if as_json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    table = [["", *_SHOWN.values()]]
    for title, ways in report["rows"].items():
        figures = (ways[EVERYTHING][column] for column in _SHOWN)
        table.append([title, *("-" if figure is None else f"{figure:g}" for figure in figures)])
    Console().print(as_table(table, "everything on"))
