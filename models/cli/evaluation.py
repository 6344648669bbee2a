"""Part of `scaleglove evaluate` on episodes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from models.cli.options import DEFAULT_MODEL, fit_for, make_recipe, read_training
from scaleglove.errors import ScaleGloveError

if TYPE_CHECKING:
    from models.data.dataset import Recording
    from models.evaluation.benchmark import Runs
    from models.evaluation.classifier import ClassifierFamily
    from models.evaluation.job import Job
    from models.evaluation.report import Measured, Report
    from models.evaluation.shortfalls import Shortfall
    from models.training.recipe import Recipe

_COLUMNS = ("", "accuracy", "95 % interval", "ECE", "rejected")
"""Of a family's table those that a terminal of 80 columns has room for."""

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
    vocabulary: str | None = None,
    splits: Sequence[str] | None = None,
    shapes: int | None = None,
) -> None:
    """Train without and test on a random part, each bend type, and each collection, before and after calibration, for
    every network and baseline; of a single collection each session.

    Raises:
        ScaleGloveError: nothing can be measured; the report that is written or printed as JSON says so too.
    """
    from models.evaluation.benchmark import Runs, plan
    from models.evaluation.protocols import PROTOCOLS, USUAL_DRAWS, Known
    from models.evaluation.report import make_report
    from models.evaluation.shortfalls import shortfalls, split_shortfalls
    from models.training.checkpoint import git_revision

    _check(model, splits)
    revision = git_revision()  # now, of the code that is loaded
    for path in (out, page):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)  # so that a fault is found before the work
    recipe, recordings = read_training(folder, make_recipe(DEFAULT_MODEL, epochs, seed=0), vocabulary)
    families = _families(model, epochs, recipe)
    versions = {name: version(name) for name in _LIBRARIES}
    missing = shortfalls(Known.of(recordings), recipe.vocabulary.names)
    draws = replace(USUAL_DRAWS, shapes=shapes) if shapes else USUAL_DRAWS
    planned = plan(families, recordings, range(seeds), draws)
    jobs = _jobs(planned, splits)
    asked = splits or (PROTOCOLS if not jobs and not missing else ())
    allowed = {job.fold.protocol for job in planned}
    missing += split_shortfalls([name for name in dict.fromkeys(asked) if name not in allowed])
    results = _measure(jobs, recordings, Runs(runs, recordings, versions), workers or os.cpu_count() or 1)
    options = [("model", name) for name in model or []] + [("split", name) for name in splits or []]
    options += [("vocabulary", vocabulary)] if vocabulary else []
    options += [("shapes", str(shapes))] if shapes else []
    named = "".join(f" --{option} {name}" for option, name in options)
    report = make_report(
        results,
        recordings,
        command=f"scaleglove evaluate FOLDER{named} --epochs {epochs} --seeds {seeds}",
        revision=revision,
        versions=versions,
        draws=draws,
    ) | {"shortfalls": [asdict(one) for one in missing]}
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if out:
        out.write_text(text + "\n", encoding="utf-8")
    if not jobs and as_json:
        print(text)
    if not jobs:
        named = f" for {', '.join(splits)}" if splits else ""
        raise ScaleGloveError(f"{folder}: no accuracy can be given{named}: {'; '.join(one.text for one in missing)}")
    if page:
        from models.evaluation.page import write_page

        write_page(report, DEFAULT_MODEL if DEFAULT_MODEL in report["families"] else families[0].name, page)
    if as_json:
        print(text)
    else:
        _print_tables(report, missing)


def _jobs(planned: Sequence[Job], splits: Sequence[str] | None) -> list[Job]:
    """Return the jobs of the splits asked for, by default of all; but not of the random split alone, which misleads
    where nothing stands beside it."""
    from models.evaluation.protocols import is_random_alone

    if splits:
        return [job for job in planned if job.fold.protocol in splits]
    return [] if is_random_alone([job.fold for job in planned]) else list(planned)


def _print_tables(report: Report, missing: Sequence[Shortfall]) -> None:
    """Print the accuracy by protocol, by person or session left out, all figures of each family, and what cannot be
    said."""
    from models.evaluation import tables
    from models.evaluation.protocols import CROSS_USER, LEAVE_ONE_SESSION_OUT

    console = Console()
    console.print(_table(tables.by_protocol(report), "accuracy in percent, mean ± standard deviation over seeds"))
    for protocol in (CROSS_USER, LEAVE_ONE_SESSION_OUT):
        if len(rows := tables.by_fold(report, protocol)) > 1:
            console.print(_table(rows, f"{tables.TITLES[protocol]}, one by one"))
    for name in report["families"]:
        rows = tables.of_family(report, name)
        kept = [number for number, heading in enumerate(rows[0]) if heading in _COLUMNS]
        console.print(_table([[row[number] for number in kept] for row in rows], f"{name}, percent; a page has more"))
    if len(rows := tables.labels_needed(report)) > 1:
        enough = report["guided"]["enough"]
        console.print(_table(rows, f"labels by doubt until {enough:g} %, median over sessions"))
    for one in missing:
        console.print(f"note: {one.text}", markup=False, highlight=False, soft_wrap=True)


def _check(names: Sequence[str] | None, splits: Sequence[str] | None) -> None:
    """Refuse families and splits that do not exist.

    Raises:
        BadParameter: there is one.
    """
    from models.evaluation.baselines import BASELINES
    from models.evaluation.protocols import PROTOCOLS
    from models.networks.catalogue import NETWORKS

    for option, asked, existing in (("model", names, [*NETWORKS, *BASELINES]), ("split", splits, PROTOCOLS)):
        if unknown := [name for name in asked or [] if name not in existing]:
            raise typer.BadParameter(f"{unknown[0]} is not one of {', '.join(existing)}", param_hint=f"--{option}")


def _families(names: Sequence[str] | None, epochs: int, of_data: Recipe) -> list[ClassifierFamily]:
    """Return the families named, each once, by default all; with vocabulary and ranges as in the recipe `of_data`."""
    from models.evaluation.baselines import BASELINES
    from models.evaluation.networks import NetworkFamily
    from models.networks.catalogue import NETWORKS

    families: list[ClassifierFamily] = []
    for name in dict.fromkeys(names or [*NETWORKS, *BASELINES]):
        if name in BASELINES:
            families.append(BASELINES[name](labels=of_data.vocabulary.names))
        else:
            families.append(NetworkFamily(fit_for(make_recipe(name, epochs, seed=0), of_data)))
    return families


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


def _table(rows: Sequence[Sequence[str]], title: str) -> Table:
    table = Table(title=title)
    for number, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    return table
