"""Part of `scaleglove evaluate` on episodes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings

if TYPE_CHECKING:
    from models.data.dataset import Recording
    from models.evaluation.benchmark import Runs
    from models.evaluation.classifier import ClassifierFamily
    from models.evaluation.job import Job
    from models.evaluation.report import Measured

_LIBRARIES = ("numpy", "torch", "lightning", "scikit-learn")


def evaluate_episodes(
    folder: Path,
    model: Sequence[str] | None,
    epochs: int,
    seeds: int,
    workers: int | None,
    runs: Path,
    out: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Train without and test on a random part, each bend type, and each collection, before and after calibration, for
    every network and baseline."""
    from models.evaluation import tables
    from models.evaluation.benchmark import Runs, plan
    from models.evaluation.report import make_report
    from models.training.checkpoint import git_revision

    families = _families(model, epochs)
    revision = git_revision()  # now, of the code that is loaded
    for path in (out, page):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)  # so that a fault is found before the work
    recordings = read_recordings(folder, make_recipe(DEFAULT_MODEL, epochs, seed=0))
    versions = {name: version(name) for name in _LIBRARIES}
    jobs = plan(families, recordings, range(seeds))
    results = _measure(jobs, recordings, Runs(runs, recordings, versions), workers or os.cpu_count() or 1)
    named = "".join(f" --model {name}" for name in model or [])
    report = make_report(
        results,
        recordings,
        command=f"scaleglove evaluate FOLDER{named} --epochs {epochs} --seeds {seeds}",
        revision=revision,
        versions=versions,
    )
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if out:
        out.write_text(text + "\n", encoding="utf-8")
    if page:
        from models.evaluation.page import write_page

        write_page(report, DEFAULT_MODEL if DEFAULT_MODEL in report["families"] else families[0].name, page)
    if as_json:
        print(text)
    else:
        Console().print(_table(tables.by_protocol(report)))


def _families(names: Sequence[str] | None, epochs: int) -> list[ClassifierFamily]:
    """Return the families named, each once; by default all.

    Raises:
        BadParameter: a family does not exist.
    """
    from models.evaluation.baselines import BASELINES
    from models.evaluation.networks import NetworkFamily
    from models.networks.catalogue import NETWORKS

    everything = [*NETWORKS, *BASELINES]
    if unknown := [name for name in names or [] if name not in everything]:
        raise typer.BadParameter(f"{unknown[0]} is not one of {', '.join(everything)}", param_hint="--model")
    return [
        BASELINES[name] if name in BASELINES else NetworkFamily(make_recipe(name, epochs, seed=0))
        for name in dict.fromkeys(names or everything)
    ]


def _measure(jobs: Sequence[Job], recordings: Sequence[Recording], runs: Runs, workers: int) -> list[Measured]:
    """Return every job with its result, in their order; stored results are not measured again."""
    from models.evaluation.benchmark import compute

    results = {job.title: stored for job in jobs if (stored := runs.load(job)) is not None}
    missing = [job for job in jobs if job.title not in results]
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    remaining = TimeRemainingColumn()
    with Progress(
        *columns, remaining, console=console, disable=not console.is_terminal, speed_estimate_period=3600
    ) as bar:
        task = bar.add_task("evaluating", total=len(jobs), completed=len(jobs) - len(missing))
        for job, result in compute(missing, recordings, workers):
            runs.save(job, result)
            results[job.title] = result
            bar.advance(task)
    return [(job, results[job.title]) for job in jobs]


def _table(rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title="accuracy in percent, mean ± standard deviation over seeds")
    for number, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    return table
