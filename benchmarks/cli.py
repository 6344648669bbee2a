"""Commands `scaleglove bench model`, `bench serve` and `bench link`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.link.command import bench_link
from benchmarks.report import as_table
from benchmarks.serve.command import bench_serve
from models.cli.options import DEFAULT_MODEL, Json

_bench = typer.Typer(no_args_is_help=True, help="Measure speed beside a plain implementation of the same task.")


@_bench.command("model")
def bench_model(
    frames: Annotated[int, typer.Option(min=10, help="frames in the window")] = 87,
    rounds: Annotated[int, typer.Option(min=5, help="rounds, in each of which every runtime is timed")] = 60,
    as_json: Json = False,
) -> None:
    """Measure one window in PyTorch, a tracing export, the folded export (float32, INT8 weights) and the kernel."""
    from benchmarks.model.exports import time_networks

    timings = time_networks(frames, rounds)
    if as_json:
        print(json.dumps([timing.as_dict() for timing in timings]))
        return
    reference = next(t.milliseconds for t in timings if t.network == DEFAULT_MODEL and t.way == "folded export")
    rows = [["network", "runtime", "ms", "relative", "nodes"]]
    for timing in timings:
        ratio = timing.milliseconds / reference
        nodes = str(timing.nodes) if timing.nodes else ""
        rows.append([timing.network, timing.way, f"{timing.milliseconds:.3f}", f"{ratio:.2f}x", nodes])
    title = f"one window of {frames} frames, one thread, median of {rounds} rounds"
    Console().print(as_table(rows, title, caption=f"relative to {DEFAULT_MODEL}, folded", text_columns=2))


_bench.command("serve")(bench_serve)
_bench.command("link")(bench_link)
app = typer.Typer()
app.add_typer(_bench, name="bench")
