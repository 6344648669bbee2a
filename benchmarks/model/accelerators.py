"""Time of a window by everything that computes a model, in batches; what cannot be used here is listed with the reason.

    python -m benchmarks.model.accelerators                          # whatever runs here
    python -m benchmarks.model.accelerators --accelerator cuda       # on a machine with a GPU: fails unless it is used

Loads the model on each (which compares it with the processor on a few windows), compares answers on random windows of
mixed lengths, and times batches of them, each accelerator in every round. It ends after `--seconds`, apart from the
time that loading takes; with TensorRT that is minutes.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Annotated, Any, Final

# Before numpy loads its BLAS: a second thread that spins would slow down the case that is timed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.report import as_table
from models.cli.options import DEFAULT_MODEL, Gpu, Json, ModelName
from models.runtime.accelerate import Accelerator, accelerate
from models.runtime.artefact import Artefact, WindowModel, open_session
from models.runtime.gpu.model import GpuModel
from models.runtime.gpu.session import GpuAccelerator, GpuSession
from models.runtime.parity import TOLERANCES
from scaleglove.errors import ScaleGloveError
from service.settings import shipped_models

ACCELERATORS: Final[tuple[Accelerator, ...]] = ("kernel", "onnx", "cuda", "tensorrt")
BATCHES: Final = (1, 64, 1024)
UNROLLED: Final = "onnx, graph for a GPU"

_WARM_UP: Final = 2
_ROUNDS: Final = 200
"""At most; the time ends them earlier where a round takes longer than tenths of a second."""

Windows = list[NDArray[np.float32]]


class NotUsableError(ScaleGloveError):
    """Raised where an accelerator that was asked for cannot be used, or does not agree with the processor."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a model on an accelerator, or why it does not run here."""

    network: str
    way: str
    load_s: float | None = None
    milliseconds: Mapping[int, float] | None = None
    """Of a window, by the size of the batch; the median over the rounds."""
    differences: Mapping[str, float] | None = None
    """Largest difference from ONNX Runtime on the processor, by output."""
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def disagrees(self) -> bool:
        """Tell whether a difference is beyond the tolerances."""
        found = self.differences or {}
        return any(not found[name] <= allowed for name, allowed in TOLERANCES.items() if name in found)


def measure(model: str, ways: Sequence[Accelerator], seconds: float, *, unrolled: bool = False) -> list[Measured]:
    """Measure a shipped model on accelerators; with `unrolled` also the graph for a GPU on the processor."""
    artefact = Artefact.load(shipped_models() / f"{model}.onnx")
    loads: dict[str, Callable[[], WindowModel]] = {way: _loader(artefact, way) for way in ways}
    if unrolled:
        loads[UNROLLED] = lambda: GpuModel.load(artefact, "cuda", lambda data, *_: GpuSession(open_session(data), {}))
    loaded: dict[str, WindowModel] = {}
    load_s: dict[str, float] = {}
    refused: list[Measured] = []
    for way, load in loads.items():
        begun = perf_counter()
        try:
            loaded[way] = load()
        except ScaleGloveError as error:
            refused.append(Measured(model, way, reason=str(error)))
        load_s[way] = perf_counter() - begun
    windows = mixed_windows(BATCHES[-1], artefact.contract.window_frames)
    differences = {way: _differences(one, artefact, windows) for way, one in loaded.items()}
    times = time_in_turn(loaded, windows, seconds)
    return [Measured(model, way, load_s[way], times[way], differences[way]) for way in loaded] + refused


def mixed_windows(count: int, longest: int) -> Windows:
    """Return random windows float32[n_i, 8] of 1 to `longest` frames, the first one full."""
    rng = np.random.default_rng(0)
    lengths = [longest, *rng.integers(1, longest + 1, count - 1)]
    return [
        np.hstack([rng.uniform(0, 1023, (length, 5)), rng.uniform(-180, 180, (length, 3))]).astype(np.float32)
        for length in lengths
    ]


def time_in_turn(models: Mapping[str, WindowModel], windows: Windows, seconds: float) -> dict[str, dict[int, float]]:
    """Return milliseconds per window by model and batch, medians; every round times all, so a slow moment affects
    all."""
    taken: dict[str, dict[int, list[float]]] = {way: {batch: [] for batch in BATCHES} for way in models}
    ends = perf_counter() + seconds
    for number in range(-_WARM_UP, _ROUNDS):
        if number > 0 and perf_counter() > ends:
            break
        for batch in BATCHES:
            for way, model in models.items():
                if batch < BATCHES[-1]:  # the largest of the others has evicted the caches
                    model.run_windows(windows[:batch])
                begun = perf_counter()
                model.run_windows(windows[:batch])
                if number >= 0:
                    taken[way][batch].append((perf_counter() - begun) / batch)
    return {
        way: {batch: 1000 * statistics.median(times) for batch, times in by_batch.items()}
        for way, by_batch in taken.items()
    }


def _loader(artefact: Artefact, way: Accelerator) -> Callable[[], WindowModel]:
    return lambda: accelerate(artefact, way)


def _differences(model: WindowModel, artefact: Artefact, windows: Windows) -> dict[str, float]:
    mine, reference = model.run_windows(windows), artefact.run_windows(windows)
    return {name: float(np.abs(getattr(mine, name) - getattr(reference, name)).max()) for name in TOLERANCES}


def table_of(found: Sequence[Measured]) -> Table:
    """Return what was measured as a table, with the reasons below it."""
    ran = [one for one in found if one.milliseconds is not None]
    rows = [["computed by", "load, s", *(f"batch {batch:,}, ms" for batch in BATCHES), "difference"]]
    for one in ran:
        times, differences = one.milliseconds or {}, one.differences or {}
        largest = max(differences.values(), default=0.0)
        rows.append([one.way, f"{one.load_s:.2f}", *(f"{times[batch]:.4f}" for batch in BATCHES), f"{largest:.1e}"])
    reasons = "\n".join(escape(f"{one.way} does not run here: {one.reason}") for one in found if one.reason is not None)
    title = f"{found[0].network}: one window of a batch of mixed lengths" if found else ""
    return as_table(rows, title, caption=reasons)


def ways_of(gpu: GpuAccelerator | None) -> tuple[Accelerator, ...]:
    """Return what is compared: all, or what runs on the processor beside one kind of GPU."""
    return ACCELERATORS if gpu is None else ("kernel", "onnx", gpu)


def check(found: Sequence[Measured], wanted: GpuAccelerator | None) -> None:
    """Raise NotUsableError where the GPU that is wanted does not run, or anything disagrees with the processor."""
    for one in found:
        if one.reason is not None and one.way == wanted:
            raise NotUsableError(f"{one.way} does not run here: {one.reason}")
        if one.disagrees():
            raise NotUsableError(f"{one.way} differs from the processor: {dict(one.differences or {})}")


def main(
    model: ModelName = DEFAULT_MODEL,
    accelerator: Gpu = None,
    unrolled: Annotated[bool, typer.Option(help="also the graph for a GPU, on the processor")] = False,
    seconds: Annotated[float, typer.Option(min=0, help="after which no round begins")] = 60.0,
    as_json: Json = False,
) -> None:
    """Measure a model on whatever computes it here, and compare the answers."""
    found = measure(model, ways_of(accelerator), seconds, unrolled=unrolled)
    if as_json:
        print(json.dumps([one.as_dict() for one in found]))
    else:
        Console().print(table_of(found))
    try:
        check(found, accelerator)
    except NotUsableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
