"""Cost of the networks on microcontrollers, and agreement of their predictions with those of the service.

    python -m benchmarks.chip.cost FOLDER

Every artefact is exported as a package (`scaleglove export --target c`), which predicts the newest window of every
recording in FOLDER on this computer, and one window of each letter on the chips in QEMU, where every answer must be
identical to the bit. Instructions are QEMU's count and the same on every run; time on silicon is not measured here.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.chip.emulated_chip import CHIPS, CORTEX_M4F, MachineError, Run, Target, run
from benchmarks.report import as_table
from models.cli.options import Folder, Json, read_episodes
from models.export.c.host import Package
from models.export.c.package import export_package
from models.export.c.readings import Arithmetic, to_readings
from models.runtime.artefact import Artefact, agreement
from scaleglove.recordings import Episode
from scaleglove.resampling import resample

ARTEFACTS: Final = Path(__file__).parents[2] / "models" / "artefacts"
NAMES: Final = (
    "MSCGRU_ScaleAware",
    "MSCSGRU",
    "MSCSGRU_ScaleAware",
    "MSCSGRU_ScaleHard",
    "MSCSGRU_ScaleAware_Encoded",
    "MSCSGRU_ScaleAware_Stream",
)
RUNS: Final[tuple[tuple[Arithmetic, tuple[Target, ...]], ...]] = (("float32", (CORTEX_M4F,)), ("integer", CHIPS))
"""Arithmetic by chips: one without a floating-point unit needs integers."""

Windows = Sequence[NDArray[np.float32]]


@dataclass(frozen=True)
class Row:
    """Cost of one package on one chip: instructions, the most of any window, and bytes as in `Run`."""

    artefact: str
    arithmetic: str
    chip: str
    window: int
    step: int
    """Most expensive frame of a stream."""
    result: int
    finish: int
    """Cost of the newest frames that the recurrence has not seen; with `result` the cost of a letter of a stream."""
    importance: int
    piece: int
    """Most expensive piece of the importance, for firmware that computes it between frames."""
    flash: int
    ram: int
    same_letter_percent: float
    largest_difference: float
    """Largest difference of any probability from the artefact's."""


def measure(
    name: str, arithmetic: Arithmetic, chips: Sequence[Target], windows: Windows, some: Windows
) -> Iterator[Row]:
    """Yield a row for each chip.

    Raises:
        MachineError: a chip's answer differs from this computer's.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        export_package(ARTEFACTS / f"{name}.onnx", path, arithmetic)
        package = Package.compiled(path, arithmetic)
        alike = agreement(Artefact.load(ARTEFACTS / f"{name}.onnx"), package, windows)
        for chip in chips:
            ran = run(chip, path, [to_readings(window, arithmetic) for window in some], path)
            _check(ran, package, some)
            yield Row(
                name, arithmetic, chip.name,
                window=max(one.window for one in ran.windows),
                step=max(one.dearest_step for one in ran.windows),
                result=max(one.result for one in ran.windows),
                finish=max(one.finish for one in ran.windows),
                importance=max(one.importance for one in ran.windows),
                piece=max(one.piece for one in ran.windows),
                flash=ran.flash,
                ram=ran.state + ran.stack,
                same_letter_percent=alike.same_letter_percent,
                largest_difference=alike.largest_difference,
            )  # fmt: skip


def _check(ran: Run, package: Package, windows: Windows) -> None:
    for window, found in zip(windows, ran.windows, strict=True):
        letter, probabilities = package.window(window)
        bits = probabilities.view(f"u{probabilities.itemsize}").tolist()
        if not found.answer == found.answer_by_steps == (letter, *bits):
            raise MachineError(f"the chip answers {found.answer}, this computer {(letter, *bits)}")


def one_of_each(episodes: Sequence[Episode], windows: Windows) -> Windows:
    """Return the first full window of each letter, or the longest of a letter without a full one."""
    found: dict[str, NDArray[np.float32]] = {}
    for episode, window in zip(episodes, windows, strict=True):
        if episode.label not in found or len(found[episode.label]) < len(window):
            found[episode.label] = window
    return list(found.values())


def main(
    folder: Folder, as_json: Json = False, names: Annotated[list[str] | None, typer.Option("--model")] = None
) -> None:
    """Measure instructions, flash, RAM and agreement, by artefact, arithmetic and chip."""
    episodes = [episode for episode in read_episodes(folder)[0] if not episode.missing]
    contract = Artefact.load(ARTEFACTS / f"{NAMES[0]}.onnx").contract
    resampled = [resample(one.t_ms, one.values, contract.sample_rate_hz) for one in episodes]
    windows = [one[-contract.window_frames :] for one in resampled]
    some = one_of_each(episodes, windows)
    rows = [
        row
        for name in names or NAMES
        for arithmetic, chips in RUNS
        for row in measure(name, arithmetic, chips, windows, some)
    ]
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        Console(width=160).print(_table(rows, len(windows)))


def _table(rows: Sequence[Row], windows: int) -> Table:
    shown = [[field.name.replace("_", " ") for field in fields(Row)]]
    shown += [[_as_text(figure) for figure in asdict(row).values()] for row in rows]
    title = f"Packages on chips; agreement over {windows} windows"
    return as_table(shown, title, caption="instructions by QEMU; bytes", text_columns=3)


def _as_text(figure: str | int | float) -> str:
    return f"{figure:,}" if isinstance(figure, int) else figure if isinstance(figure, str) else f"{figure:.4g}"


if __name__ == "__main__":
    typer.run(main)
