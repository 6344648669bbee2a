"""Command `scaleglove bench link`."""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.cli.options import DEFAULT_MODEL, Json

if TYPE_CHECKING:
    from benchmarks.link.link_report import Report

_RATES_HZ: Final = (50, 100, 1000)


def bench_link(
    seconds: Annotated[float, typer.Option(min=0.2, max=600, help="duration of each measurement")] = 10.0,
    rate_hz: Annotated[
        list[int] | None,
        typer.Option(help="frames a second, a divisor of 1000; may be repeated (default: 50, 100, 1000)"),
    ] = None,
    page: Annotated[Path | None, typer.Option(help="page to write (*.md)", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Measure the delay from a glove to a viewer of the service, the cost of the bridge, and the codec's speed."""
    if sys.platform != "linux":
        raise typer.BadParameter("bench link needs Linux: it opens pseudo-terminals and reads /proc")
    from benchmarks.link import link_report
    from benchmarks.report import as_table, reserve_page, write_page

    rates_hz = rate_hz or _RATES_HZ
    for rate in rates_hz:
        if rate < 1 or 1000 % rate:
            raise typer.BadParameter(f"{rate} is no divisor of 1000", param_hint="--rate-hz")
    reserve_page(page)
    report = _measure(seconds, rates_hz)
    if page:
        write_page(page, link_report.page(report))
    if as_json:
        print(json.dumps(report.as_dict(), indent=1))
        return
    console = Console()
    console.print(as_table(link_report.delay_rows(report.passages), "from the glove to a viewer"))
    for remark in link_report.remarks(report):
        console.print(f"- {remark}")
    console.print(as_table(link_report.codec_rows(report.codec), "the codec"))


def _measure(seconds: float, rates_hz: list[int] | tuple[int, ...]) -> Report:
    from benchmarks import machine
    from benchmarks.link.codec import decoder_bytes_per_second
    from benchmarks.link.delay import Passage, Way, measure
    from benchmarks.link.link_report import Report
    from benchmarks.serve.server import our_service
    from service.settings import shipped_models

    cores = frozenset(os.sched_getaffinity(0))
    before = machine.cpu_usage(cores)
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    passages: list[Passage] = []
    with (
        machine.interruptible(),
        our_service(shipped_models() / f"{DEFAULT_MODEL}.onnx", DEFAULT_MODEL, cores) as service,
        # Drawn only between measurements: a thread that draws would delay the viewer.
        Progress(*columns, console=console, auto_refresh=False, disable=not console.is_terminal) as progress,
        asyncio.Runner(loop_factory=_precise_loop) as runner,
    ):
        url = f"http://{service.address[0]}:{service.address[1]}"
        task = progress.add_task("", total=len(rates_hz) * len(Way))
        for rate_hz in rates_hz:
            for way in Way:
                progress.update(task, description=f"{rate_hz} Hz, {way}", refresh=True)
                passages.append(runner.run(measure(url, way, rate_hz, seconds)))
                progress.advance(task)
    codec = {way: decoder_bytes_per_second(way, min(1.0, seconds)) for way in (Way.TEXT, Way.BINARY)}
    others_share = machine.others_share(before, machine.cpu_usage(cores))
    return Report(f"scaleglove {shlex.join(sys.argv[1:])}", others_share, passages, codec)


def _precise_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop that sleeps to the microsecond; epoll rounds up to 1 ms, the time between frames."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())
