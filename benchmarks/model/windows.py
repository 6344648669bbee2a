"""Time of a window in ONNX Runtime, numpy with batched recurrences and the kernel, in one run.

    python -m benchmarks.model.windows

Full windows of random walks over the sensors' ranges, on one thread. All cases are timed in every round, so that a slow
moment affects all of them.

The last rows show what a cache of old frames would save: a stream's next window shares all but `--hop` frames with the
last one, so only these need computing, and the branches at either end, whose neighbouring frames differ.
"""

from __future__ import annotations

import ctypes
import json
import os
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Final

# Before numpy loads its BLAS: a second thread that spins would slow down the case that is timed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.model.numpy_windows import numpy_windows
from benchmarks.report import as_table
from models.cli.options import DEFAULT_MODEL, Json, ModelName
from models.runtime.artefact import Artefact
from models.runtime.kernel.build import build, library
from models.runtime.kernel.kernel import Kernel
from models.runtime.kernel.library import Model, aligned
from models.runtime.kernel.onnx_file import read_graph
from models.runtime.kernel.weights import (
    FILTERS,
    HIDDEN,
    TRACE,
    TURNING,
    read_weights,
)
from scaleglove.channels import CHANNELS
from scaleglove.scales import SCALES

Windows = list[NDArray[np.float32]]

ARTEFACTS: Final = Path(__file__).parents[2] / "models" / "artefacts"
BATCHES: Final = (1, 8, 32)
MARGIN: Final = max(SCALES) // 2
"""Neighbouring frames to either side that a branch reads."""

_WARM_UP: Final = 3


def time_in_turn(ways: dict[str, tuple[Callable[[], object], int]], rounds: int) -> dict[str, float]:
    """Return milliseconds per window, the median over the rounds; each call comes with its number of windows."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-_WARM_UP, rounds):
        for name, (call, windows) in ways.items():
            repeats = max(1, BATCHES[-1] // windows // 4)
            call()  # the last case has evicted the caches
            start = perf_counter()
            for _ in range(repeats):
                call()
            if number >= 0:
                seconds[name].append((perf_counter() - start) / repeats / windows)
    return {name: 1000 * statistics.median(times) for name, times in seconds.items()}


class Parts:
    """Parts of the kernel that a cache of old frames would save, each called by itself."""

    def __init__(self, artefact: Artefact, variant: str, folder: Path, window: NDArray[np.float32]) -> None:
        build(folder, only=(variant,), extra=("-fvisibility=default",))
        self._library = ctypes.CDLL(str(library(variant, folder)))
        self._model = Model(read_weights(read_graph(artefact.path.read_bytes())))
        frames = len(window)
        widths = (len(CHANNELS), 2 * TURNING, TRACE, len(SCALES) * FILTERS, 3 * HIDDEN)
        self._memory = [aligned(frames * width) for width in widths]
        normalised, turned, traces, pooled, gates = (ctypes.c_void_p(part.ctypes.data) for part in self._memory)
        self._library.normalise(self._model.pointer, frames, ctypes.c_void_p(window.ctypes.data), normalised)
        if artefact.contract.name.endswith("Encoded"):
            self._library.turn(self._model.pointer, frames, normalised, turned)
        self._branch_arguments = (normalised, turned, traces, pooled)
        self._projections = [
            (ctypes.byref(linear), ctypes.c_void_p(self._memory[3][tower * FILTERS :].ctypes.data), linear.bias, gates)
            for tower, linear in enumerate(self._model.pointer.contents.layer[0].input)
        ]

    def branches(self, frames: int) -> None:
        """Compute pooled steps from normalised frames."""
        self._library.run_towers(self._model.pointer, frames, *self._branch_arguments)

    def project(self, steps: int) -> None:
        """Project pooled steps into the first recurrent layer, for each branch."""
        for linear, pooled, bias, gates in self._projections:
            self._library.product(
                linear, steps, pooled, len(SCALES) * FILTERS, ctypes.c_void_p(bias), 0, gates, 3 * HIDDEN
            )


def new_frames(hop: int) -> int:
    """Return how many frames the branches must read in a window `hop` frames after another.

    At the newer end these are the new frames, those whose branches read new frames, and the frames that these read; at
    the older end the same without new frames.
    """
    return hop + 2 * MARGIN + 2 * MARGIN


def random_walks(count: int, frames: int) -> Windows:
    """Return readings that change a little from frame to frame, as those of a hand."""
    rng = np.random.default_rng(0)
    start = np.concatenate([rng.uniform(760, 980, (count, 1, 5)), rng.uniform(-60, 60, (count, 1, 3))], axis=2)
    return list((start + rng.normal(0, 2, (count, frames, 8)).cumsum(axis=1)).astype(np.float32))


def main(
    model: ModelName = DEFAULT_MODEL,
    rounds: Annotated[int, typer.Option(min=3, help="rounds, in each of which every case is timed")] = 40,
    hop: Annotated[int, typer.Option(min=1, max=40, help="new frames from one window to the next")] = 10,
    as_json: Json = False,
) -> None:
    """Measure the time of a full window in every engine and batch size."""
    artefact = Artefact.load(ARTEFACTS / f"{model}.onnx")
    kernel = Kernel.load(artefact)
    tensors = read_graph(artefact.path.read_bytes()).tensors
    frames = artefact.contract.window_frames
    windows = random_walks(BATCHES[-1], frames)
    ways: dict[str, tuple[Callable[[], object], int]] = {}
    for batch in BATCHES:
        some = windows[:batch]
        ways[f"ONNX Runtime, batch {batch}"] = partial(artefact.run_windows, some), batch
        ways[f"numpy, batch {batch}"] = partial(numpy_windows, tensors, some), batch
        ways[f"kernel ({kernel.variant}), batch {batch}"] = partial(kernel.run_windows, some), batch
    _check_numpy(artefact, tensors, windows)
    with tempfile.TemporaryDirectory() as folder:
        parts = Parts(artefact, kernel.variant, Path(folder), windows[0])
        for count in (frames, new_frames(hop)):
            steps = (count + 1) // 2
            ways[f"kernel's branches, {count} frames"] = partial(parts.branches, count), 1
            ways[f"kernel's first projection, {steps} steps"] = partial(parts.project, steps), 1
        timings = time_in_turn(ways, rounds)
    if as_json:
        print(json.dumps(timings))
    else:
        Console().print(_table(timings, f"{model}: one window of {frames} frames, median of {rounds} rounds"))


def _check_numpy(artefact: Artefact, tensors: dict[str, Any], windows: Windows) -> None:
    """Check that numpy computes the same as the artefact, since otherwise its time is meaningless."""
    found = numpy_windows(tensors, windows)[0]
    np.testing.assert_allclose(found, artefact.run_windows(windows).probabilities, rtol=0, atol=1e-5)


def _table(timings: dict[str, float], title: str) -> Table:
    reference = timings["ONNX Runtime, batch 1"]
    rows = [["engine", "ms per window", "relative"]]
    rows += [[name, f"{ms:.4f}", f"{ms / reference:.2f}x"] for name, ms in timings.items()]
    return as_table(rows, title)


if __name__ == "__main__":
    typer.run(main)
