"""Command `scaleglove evaluate --protocol stream`."""

from __future__ import annotations

import json
import os
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.report import as_table

RATES_HZ = (30.0, 50.0, 100.0)
DRAWS = 2

_SHOWN = {
    "letter_error_rate": "errors %",
    "false_per_minute": "false/min",
    "delay_median_ms": "delay ms",
    "character_error_rate": "text %",
}
"""Columns of the table for a terminal; the page has all columns."""


def evaluate_streams(
    folder: Path,
    model: str,
    epochs: int,
    phrases: int,
    workers: int | None,
    runs: Path,
    out: Path | None,
    page_file: Path | None,
    as_json: bool,
) -> None:
    """Train networks without the cases, simulate and recognise streams, and report the scores."""
    from benchmarks.streams.cases import cases
    from benchmarks.streams.experiment import DECODER, Measured, Plan, measure
    from benchmarks.streams.stream_report import make_report, page
    from models.cli.options import make_recipe, read_recordings
    from models.training.checkpoint import git_revision
    from scaleglove.errors import ScaleGloveError

    for path in (out, page_file):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
    recipe, revision = make_recipe(model, epochs, seed=0), git_revision()
    recordings = read_recordings(folder, recipe)
    found = cases(recordings)
    if not found:
        raise ScaleGloveError(
            f"{folder}: streams need all 24 letters in at least two styles (bend types) or two collections"
        )
    measured: list[Measured] = []
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("recognising", total=len(found))
        plan = Plan(RATES_HZ, phrases, DRAWS, recipe, runs)
        for part in measure(found, recordings, plan, workers or os.cpu_count() or 1):
            measured += part
            bar.advance(task)
    command = f"scaleglove evaluate FOLDER --protocol stream --model {model} --epochs {epochs} --phrases {phrases}"
    report = make_report(measured, command, revision)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if out:
        out.write_text(text + "\n", encoding="utf-8")
    if page_file:
        page_file.write_text(page(report), encoding="utf-8")
    if as_json:
        print(text)
        return
    rows = [["", *_SHOWN.values()]]
    for title, ways in report["rows"].items():
        figures = (ways[DECODER]["all"][column] for column in _SHOWN)
        rows.append([title, *("-" if figure is None else f"{figure:g}" for figure in figures)])
    Console().print(as_table(rows, "the decoder, all rates"))
