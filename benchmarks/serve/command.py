"""The command `bench serve`."""

from __future__ import annotations

import gc
import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.cli.options import DEFAULT_MODEL, Json

if TYPE_CHECKING:
    from benchmarks.figures import Figure
    from benchmarks.serve.report import Report

_NAMES = "gloves, gloves5, lone, post, post64, memory, model, workers"


def bench_serve(
    seconds: Annotated[float, typer.Option(min=0.2, max=60, help="counted in each measurement")] = 3.0,
    only: Annotated[list[str] | None, typer.Option(help=f"a row: {_NAMES}; may be repeated [default: all]")] = None,
    most_gloves: Annotated[int, typer.Option(min=1, max=900, help="where the search for gloves ends")] = 480,
    model: Annotated[str, typer.Option(help="name of the shipped model that both serve")] = DEFAULT_MODEL,
    page: Annotated[Path | None, typer.Option(help="page to write (*.md)", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """The service beside a plain FastAPI one, under the same load, and where its time goes: some seven minutes.

    The client has the second core. Settings of the service are taken from the environment, as `serve` does."""
    if sys.platform != "linux":
        raise typer.BadParameter("bench serve needs Linux: it gives cores to processes and reads /proc")
    from benchmarks.serve.report import (
        as_table,
        figure_rows,
        profile_rows,
        remarks,
        write_page,
    )

    if page:
        page.parent.mkdir(parents=True, exist_ok=True)  # a place that cannot be written to is said before the work
        page.touch()
    report = _measure(seconds, only or [], most_gloves, model)
    if page:
        write_page(report, page)
    if as_json:
        print(json.dumps(report.as_dict(), indent=1))
        return
    console = Console()
    console.print(as_table(figure_rows(report.figures), "goals"))
    for remark in remarks(report):
        console.print(f"- {remark}")
    if report.profiles:
        title = "where the time goes, microseconds of CPU for each message"
        console.print(as_table(profile_rows(report.profiles), title))


def _measure(seconds: float, only: list[str], most_gloves: int, model: str) -> Report:
    from benchmarks import machine
    from benchmarks.serve.report import Report
    from benchmarks.serve.rows import ROWS, Bench
    from benchmarks.serve.server import our_service, plain_service, share_out
    from models.runtime.artefact import Artefact
    from service.settings import shipped_models

    if unknown := [name for name in only if name not in ROWS]:
        raise typer.BadParameter(f"{unknown[0]} is not one of {', '.join(ROWS)}", param_hint="--only")
    path = shipped_models() / f"{model}.onnx"
    contract = Artefact.load(path).contract
    cores = share_out(sorted(os.sched_getaffinity(0)))
    before = machine.now(cores.server | cores.client)
    rows = {name: ROWS[name] for name in ROWS if not only or name in only}
    console = Console(stderr=True)
    quiet = not console.is_terminal
    columns = (TextColumn("{task.fields[row]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        _alone_on(cores.client),
        plain_service(path, cores.server) as plain,
        our_service(path, model, cores.server) as ours,
        # Drawn only between measurements: a thread that draws would hold up the load.
        Progress(
            *columns,
            TextColumn("{task.description}"),
            console=console,
            auto_refresh=False,
            disable=quiet,
        ) as progress,
    ):
        task = progress.add_task("", total=len(rows), row="")

        def tell(what: str) -> None:
            progress.update(task, description=what, refresh=True)

        bench = Bench(plain, ours, cores, path, contract, seconds, most_gloves, tell)
        figures: list[Figure] = []
        for name, measure in rows.items():
            progress.update(task, row=name)
            figures += measure(bench)
            progress.advance(task)
    command = f"scaleglove {shlex.join(sys.argv[1:])}"
    others_share = machine.others_share(before, machine.now(cores.server | cores.client))
    return Report(command, model, cores, others_share, figures, bench.profiles)


@contextmanager
def _alone_on(cores: frozenset[int]) -> Iterator[None]:
    """This process on these cores, without pauses to look for garbage, and stopped by SIGTERM as by Ctrl-C."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    handler = signal.signal(signal.SIGTERM, _interrupt)
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        signal.signal(signal.SIGTERM, handler)
        os.sched_setaffinity(0, before)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
