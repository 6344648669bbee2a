"""Command `scaleglove bench serve`."""

from __future__ import annotations

import gc
import json
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.cli.options import DEFAULT_MODEL, Json

if TYPE_CHECKING:
    from benchmarks.report import Figure
    from benchmarks.serve.serving_report import Report

_NAMES = "gloves, gloves5, lone, post, post64, memory, model, workers"


def bench_serve(
    seconds: Annotated[float, typer.Option(min=0.2, max=60, help="duration of each measurement")] = 3.0,
    only: Annotated[list[str] | None, typer.Option(help=f"a row: {_NAMES}; may be repeated (default: all)")] = None,
    most_gloves: Annotated[int, typer.Option(min=1, max=900, help="upper bound of the search for gloves")] = 480,
    model: Annotated[str, typer.Option(help="name of the shipped model that both serve")] = DEFAULT_MODEL,
    page: Annotated[Path | None, typer.Option(help="page to write (*.md)", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Measure the service and a plain FastAPI one under the same load, and where its time goes (about seven minutes).

    The client has the last core. Settings of the service are taken from the environment, as `serve` does."""
    if sys.platform != "linux":
        raise typer.BadParameter("bench serve needs Linux: it assigns cores to processes and reads /proc")
    from benchmarks.report import as_table, reserve_page, write_page
    from benchmarks.serve import serving_report

    reserve_page(page)
    report = _measure(seconds, only or [], most_gloves, model)
    if page:
        write_page(page, serving_report.page(report))
    if as_json:
        print(json.dumps(report.as_dict(), indent=1))
        return
    console = Console()
    console.print(as_table(serving_report.figure_rows(report.figures), "goals"))
    for remark in serving_report.remarks(report):
        console.print(f"- {remark}")
    if report.profiles:
        title = "where the time goes, microseconds of CPU per message"
        console.print(as_table(serving_report.profile_rows(report.profiles), title))


def _measure(seconds: float, only: list[str], most_gloves: int, model: str) -> Report:
    from benchmarks import machine
    from benchmarks.serve.goals import ROWS, Bench
    from benchmarks.serve.server import our_service, plain_service
    from benchmarks.serve.serving_report import Report
    from models.runtime.artefact import Artefact
    from service.settings import shipped_models

    if unknown := [name for name in only if name not in ROWS]:
        raise typer.BadParameter(f"{unknown[0]} is not one of {', '.join(ROWS)}", param_hint="--only")
    path = shipped_models() / f"{model}.onnx"
    contract = Artefact.load(path).contract
    cores = machine.assign_cores(sorted(os.sched_getaffinity(0)))
    before = machine.cpu_usage(cores.server | cores.client)
    rows = {name: ROWS[name] for name in ROWS if not only or name in only}
    console = Console(stderr=True)
    columns = (TextColumn("{task.fields[row]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        machine.interruptible(),
        _alone_on(cores.client),
        plain_service(path, cores.server) as plain,
        our_service(path, model, cores.server) as ours,
        # Drawn only between measurements: a thread that draws would delay the load.
        Progress(
            *columns,
            TextColumn("{task.description}"),
            console=console,
            auto_refresh=False,
            disable=not console.is_terminal,
        ) as progress,
    ):
        task = progress.add_task("", total=len(rows), row="")

        def show(step: str) -> None:
            progress.update(task, description=step, refresh=True)
            if not console.is_terminal:
                print(step, file=sys.stderr, flush=True)

        bench = Bench(plain, ours, cores, path, contract, seconds, most_gloves, show)
        figures: list[Figure] = []
        for name, measure in rows.items():
            progress.update(task, row=name)
            figures += measure(bench)
            progress.advance(task)
    command = f"scaleglove {shlex.join(sys.argv[1:])}"
    others_share = machine.others_share(before, machine.cpu_usage(cores.server | cores.client))
    return Report(command, model, cores, others_share, figures, bench.profiles)


@contextmanager
def _alone_on(cores: frozenset[int]) -> Iterator[None]:
    """Keep this process on these cores, without garbage collection."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        os.sched_setaffinity(0, before)
