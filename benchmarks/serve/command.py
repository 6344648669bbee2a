"""Command `scaleglove bench serve`."""

from __future__ import annotations

import gc
import json
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.cli.options import DEFAULT_MODEL, Json

if TYPE_CHECKING:
    from benchmarks.serve.peers.revision import Revision
    from benchmarks.serve.serving_report import Report

_NAMES = "message, profile, lone, post, post64, memory, workers, gloves"


def bench_serve(
    seconds: Annotated[float, typer.Option(min=0.2, max=60, help="duration of each measurement")] = 1.5,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="rounds, in each of which every server is measured")] = 3,
    only: Annotated[list[str] | None, typer.Option(help=f"a row: {_NAMES}; may be repeated (default: all)")] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="checkout of another revision, with its .venv, to measure beside it", file_okay=False),
    ] = None,
    gloves: Annotated[int, typer.Option(min=1, max=900, help="gloves of the loads whose CPU time is measured")] = 20,
    most_gloves: Annotated[int, typer.Option(min=1, max=900, help="upper bound of the search for gloves")] = 900,
    model: Annotated[str, typer.Option(help="name of the shipped model that all serve")] = DEFAULT_MODEL,
    page: Annotated[Path | None, typer.Option(help="page to write (*.md)", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Measure the service beside other servers under the same load, and where its time goes (about 13 minutes).

    The client has the last core. Settings of the service are taken from the environment, as `serve` does."""
    if sys.platform != "linux":
        raise typer.BadParameter("bench serve needs Linux: it assigns cores to processes and reads /proc")
    from benchmarks.report import as_table, reserve_page, write_page
    from benchmarks.serve import serving_report
    from benchmarks.serve.peers.revision import Revision

    reserve_page(page)
    options = _Options(seconds, rounds, only or [], gloves, most_gloves, model)
    report = _measure(options, Revision.of(against) if against else None)
    if page:
        write_page(page, serving_report.page(report))
    if as_json:
        print(json.dumps(report.as_dict(), indent=1))
        return
    console = Console()
    for title, rows in serving_report.tables(report):
        console.print(as_table(rows, title, text_columns=2 if title == serving_report.GOALS else 1))
    for remark in serving_report.remarks(report):
        console.print(f"- {remark}")


@dataclass(frozen=True, slots=True)
class _Options:
    """Options of a run."""

    seconds: float
    rounds: int
    only: list[str]
    gloves: int
    most_gloves: int
    model: str

    @property
    def load(self) -> str:
        """The load in words."""
        rounds = f"{self.rounds} round{'s' * (self.rounds > 1)} of {self.seconds:g} s"
        return f"{self.gloves} gloves at 100 Hz where CPU time is measured, {rounds}"


def _measure(options: _Options, reference: Revision | None) -> Report:
    from benchmarks import machine
    from benchmarks.serve.bench import Bench
    from benchmarks.serve.peers.catalogue import Peers, peers
    from benchmarks.serve.rows import ROWS
    from benchmarks.serve.serving_report import Report
    from models.runtime.artefact import Artefact
    from service.settings import shipped_models

    if unknown := [name for name in options.only if name not in ROWS]:
        raise typer.BadParameter(f"{unknown[0]} is not one of {', '.join(ROWS)}", param_hint="--only")
    path = shipped_models() / f"{options.model}.onnx"
    contract = Artefact.load(path).contract
    cores = machine.assign_cores(sorted(os.sched_getaffinity(0)))
    before = machine.cpu_usage(cores.server | cores.client)
    rows = {name: ROWS[name] for name in ROWS if not options.only or name in options.only}
    console = Console(stderr=True)
    columns = (TextColumn("{task.fields[row]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        machine.interruptible(),
        _alone_on(cores.client),
        ExitStack() as servers,
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

        found, missing = peers(path, contract, cores.server, reference)
        bench = Bench(
            Peers(found, servers),
            cores,
            path,
            contract,
            options.seconds,
            options.rounds,
            options.gloves,
            options.most_gloves,
            show,
        )
        for sentence in missing:
            bench.results.remark(sentence)
        for name, measure in rows.items():
            progress.update(task, row=name)
            measure(bench)
            progress.advance(task)
    others_share = machine.others_share(before, machine.cpu_usage(cores.server | cores.client))
    beside = reference.name if reference else None
    return Report(
        _command(reference), options.model, options.load, cores, others_share, bench.results, bench.shares, beside
    )


def _command(reference: Revision | None) -> str:
    """Return the command that was given, with a word in place of the checkout's folder."""
    words = list(sys.argv[1:])
    for number, word in enumerate(words[:-1]):
        if reference and word == "--against":
            words[number + 1] = "FOLDER"
    return f"scaleglove {shlex.join(words)}"


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
