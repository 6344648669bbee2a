"""Largest differences between the C kernel and ONNX Runtime, over random windows.

    python -m benchmarks.model.kernel_agreement --windows 30000

Windows of every length are of four kinds: any readings frame by frame, a still hand, a hand that drifts, and readings
in the range of a sensor without angles; harder than what a glove gives, in which frames resemble each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import track

from models.runtime.artefact import Artefact
from models.runtime.kernel.kernel import Kernel
from models.runtime.parity import TOLERANCES

ARTEFACTS: Final = Path(__file__).parents[2] / "models" / "artefacts"

_BATCH: Final = 64

Window = NDArray[np.float32]
"""float32[n, 8] in raw units."""


def random_window(rng: np.random.Generator, longest: int) -> Window:
    """Draw a window of 1 to `longest` frames."""
    frames = int(rng.integers(1, longest + 1))
    match rng.integers(4):
        case 0:
            drawn = np.hstack([rng.uniform(0, 1023, (frames, 5)), rng.uniform(-180, 180, (frames, 3))])
        case 1:
            shape = np.concatenate([rng.uniform(0, 1023, 5), rng.uniform(-180, 180, 3)])
            drawn = shape + rng.normal(0, 2, (frames, 8))
        case 2:
            shape = np.concatenate([rng.uniform(200, 900, 5), rng.uniform(-180, 180, 3)])
            drawn = shape + np.cumsum(rng.normal(0, 1, (frames, 8)) * ([20] * 5 + [5] * 3), axis=0)
        case _:
            drawn = rng.uniform(0, 900, (frames, 8))
    return drawn.astype(np.float32)


def batches(windows: int, longest: int, seed: int = 21) -> Iterator[list[Window]]:
    """Yield random windows in batches."""
    rng = np.random.default_rng(seed)
    for begun in range(0, windows, _BATCH):
        yield [random_window(rng, longest) for _ in range(min(_BATCH, windows - begun))]


def largest_differences(kernel: Kernel, artefact: Artefact, windows: Iterable[list[Window]]) -> dict[str, float]:
    """Return the largest difference of each output in any window."""
    largest = dict.fromkeys(TOLERANCES, 0.0)
    for batch in windows:
        mine, reference = kernel.run_windows(batch), artefact.run_windows(batch)
        for name, before in largest.items():
            difference = np.abs(getattr(mine, name) - getattr(reference, name)).max()
            largest[name] = max(before, float(difference))
    return largest


def main(
    windows: Annotated[int, typer.Option(min=1, help="Windows for each artefact.")] = 30_000,
    folder: Annotated[Path, typer.Option(help="Folder of artefacts.")] = ARTEFACTS,
) -> None:
    """Print the largest differences of each artefact; exit status 1 if one is beyond what is promised."""
    typer.echo(f"{'':34}" + "".join(f"{name:>18}" for name in TOLERANCES))
    typer.echo(f"{'promised':34}" + "".join(f"{tolerance:18.1e}" for tolerance in TOLERANCES.values()))
    is_kept = True
    for path in sorted(folder.glob("*.onnx")):
        artefact = Artefact.load(path)
        some = batches(windows, artefact.contract.window_frames)
        total = -(-windows // _BATCH)
        found = largest_differences(Kernel.load(artefact), artefact, track(some, path.stem, total, transient=True))
        typer.echo(f"{path.stem:34}" + "".join(f"{difference:18.1e}" for difference in found.values()))
        is_kept &= all(found[name] <= tolerance for name, tolerance in TOLERANCES.items())
    raise typer.Exit(0 if is_kept else 1)


if __name__ == "__main__":
    typer.run(main)
