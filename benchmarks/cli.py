"""Commands `scaleglove bench model`, `bench serve` and `bench link`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.link.command import bench_link
from benchmarks.report import as_table
from benchmarks.serve.command import bench_serve
from models.cli.options import DEFAULT_MODEL, Gpu, Json

if TYPE_CHECKING:
    from benchmarks.model.exports import Timing

_bench = typer.Typer(no_args_is_help=True, help="Measure speed beside a plain implementation of the same task.")


@_bench.command("model")
def bench_model(
    frames: Annotated[int, typer.Option(min=10, help="frames in the window")] = 87,
    rounds: Annotated[int, typer.Option(min=5, help="rounds, in each of which every runtime is timed")] = 60,
    accelerator: Gpu = None,
    seconds: Annotated[float, typer.Option(min=0, help="after which no round of batches begins")] = 20.0,
    as_json: Json = False,
) -> None:
    """Measure one window in PyTorch, a tracing export, the folded export (float32, INT8 weights) and the kernel, and
    batches of windows in whatever computes them here; with --accelerator the batches alone."""
    from benchmarks.model.accelerators import check, measure, table_of, ways_of

    timings = [] if accelerator else _time_networks(frames, rounds)
    found = measure(DEFAULT_MODEL, ways_of(accelerator), seconds)
    if as_json:
        networks = [timing.as_dict() for timing in timings]
        print(json.dumps({"networks": networks, "batches": [one.as_dict() for one in found]}))
    else:
        if timings:
            Console().print(_networks_table(timings, frames, rounds))
        Console().print(table_of(found))
    check(found, accelerator)


def _time_networks(frames: int, rounds: int) -> list[Timing]:
    from benchmarks.model.exports import time_networks

    return time_networks(frames, rounds)


def _networks_table(timings: Sequence[Timing], frames: int, rounds: int) -> Table:
    reference = next(t.milliseconds for t in timings if t.network == DEFAULT_MODEL and t.way == "folded export")
    rows = [["network", "runtime", "ms", "relative", "nodes"]]
    for timing in timings:
        ratio = timing.milliseconds / reference
        nodes = str(timing.nodes) if timing.nodes else ""
        rows.append([timing.network, timing.way, f"{timing.milliseconds:.3f}", f"{ratio:.2f}x", nodes])
    title = f"one window of {frames} frames, one thread, median of {rounds} rounds"
    return as_table(rows, title, caption=f"relative to {DEFAULT_MODEL}, folded", text_columns=2)


_bench.command("serve")(bench_serve)
_bench.command("link")(bench_link)
app = typer.Typer()
app.add_typer(_bench, name="bench")
