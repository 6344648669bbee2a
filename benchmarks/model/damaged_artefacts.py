"""Damaged artefacts: bits turned, bytes lost and overwritten; each is loaded as the service does.

    python -m benchmarks.model.damaged_artefacts --files 5000

Anything else than a sentence or a model that runs ends the command with what it was.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import track

from benchmarks.model.kernel_agreement import ARTEFACTS
from models.runtime.accelerate import accelerate
from models.runtime.artefact import ArtefactError
from models.runtime.folder import load_folder

Outcome = Literal["served", "refused"]


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Return a file with one to twenty faults."""
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 20))):
        if not changed:
            break
        at = draw.randrange(len(changed))
        match draw.randrange(3):
            case 0:
                changed[at] ^= 1 << draw.randrange(8)
            case 1:
                changed[at] = draw.choice((0, 127, 128, 255))
            case _:
                del changed[at : at + draw.randrange(1, 9)]
    return bytes(changed)


def load_damaged(data: bytes, folder: Path) -> Outcome:
    """Load the bytes as the only artefact of `folder`."""
    path = folder / "damaged.onnx"
    path.write_bytes(data)
    try:
        for artefact in load_folder(folder).values():
            accelerate(artefact, "auto")
    except ArtefactError as error:
        if not str(error).startswith(f"{path}: ") or len(str(error).splitlines()) != 1:
            raise AssertionError(f"not one sentence that names the file: {error}") from None
        return "refused"
    return "served"


def main(
    files: Annotated[int, typer.Option(min=1, help="Files to try.")] = 5000,
    artefact: Annotated[Path, typer.Option(help="Artefact to damage.")] = ARTEFACTS / "American_INT8.onnx",
    seed: Annotated[int, typer.Option(help="Of the damage.")] = 21,
) -> None:
    """Print how many of the files were refused, and how many were served all the same."""
    draw, data = random.Random(seed), artefact.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = Counter(load_damaged(damaged(data, draw), Path(folder)) for _ in track(range(files), transient=True))
    typer.echo(", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())))


if __name__ == "__main__":
    typer.run(main)
