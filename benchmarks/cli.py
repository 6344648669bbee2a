"""Commands `scaleglove bench model`, `bench serve` and `bench link`."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.link.command import bench_link
from benchmarks.serve.command import bench_serve
from models.cli.options import DEFAULT_MODEL, Json

_bench = typer.Typer(no_args_is_help=True, help="Measure speed beside plain ways of doing the same.")


@_bench.command("model")
def bench_model(
    frames: Annotated[int, typer.Option(min=10, help="frames in the window")] = 87,
    rounds: Annotated[int, typer.Option(min=5, help="rounds; each way has its turn in every round")] = 60,
    as_json: Json = False,
) -> None:
    """One window through PyTorch, a plain tracing export, the folded export (float32, INT8 weights) and the kernel."""
    from benchmarks.model.exports import time_networks

    timings = time_networks(frames, rounds)
    if as_json:
        print(json.dumps([timing.as_dict() for timing in timings]))
        return
    reference = next(t.milliseconds for t in timings if t.network == DEFAULT_MODEL and t.way == "folded export")
    title = f"one window of {frames} frames, one thread, median of {rounds} rounds"
    table = Table(title=title, caption=f"relative to {DEFAULT_MODEL}, folded")
    for heading in ("network", "way", "ms", "relative", "nodes"):
        table.add_column(heading, justify="left" if heading in {"network", "way"} else "right")
    for timing in timings:
        ratio = timing.milliseconds / reference
        nodes = str(timing.nodes) if timing.nodes else ""
        table.add_row(timing.network, timing.way, f"{timing.milliseconds:.3f}", f"{ratio:.2f}x", nodes)
    Console().print(table)


_bench.command("serve")(bench_serve)
_bench.command("link")(bench_link)
app = typer.Typer()
app.add_typer(_bench, name="bench")
