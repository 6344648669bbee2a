"""`scaleglove train`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.cli.options import (
    DEFAULT_MODEL,
    Epochs,
    Folder,
    ModelName,
    Seed,
    make_recipe,
)
from models.cli.reading import read_recordings

app = typer.Typer()


@app.command()
def train(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="checkpoint to write", dir_okay=False)] = Path("runs/checkpoint.pt"),
    model: ModelName = DEFAULT_MODEL,
    epochs: Epochs = 30,
    seed: Seed = 0,
    leave_out_bend: Annotated[list[str] | None, typer.Option(help="bend type to leave out, to test on")] = None,
    leave_out_collection: Annotated[list[str] | None, typer.Option(help="collection to leave out, likewise")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on where an interrupted training stopped")] = False,
) -> None:
    """Train a network.

    The recordings are those of a folder. --resume continues an interrupted training.
    """
    from models.data.holdout import HoldOut
    from models.training.checkpoint import Checkpoint, git_revision
    from models.training.training import fit

    recipe = make_recipe(model, epochs, seed)
    git_revision()  # looked up now, of the code that is loaded: the tree may move on while this trains
    left_out = HoldOut(tuple(leave_out_bend or ()), tuple(leave_out_collection or ()))
    state = out.with_name(f"{out.name}.state")
    out.parent.mkdir(parents=True, exist_ok=True)  # a place that cannot be written to is said before the work
    if resume and not state.exists():
        print(f"{state}: no interrupted training here; starting from the beginning", file=sys.stderr)
    recordings = left_out.kept(read_recordings(folder, recipe))
    if not resume:
        state.unlink(missing_ok=True)
    fitted = fit(recordings, recipe, progress=Console(stderr=True).is_terminal, state=state)
    Checkpoint.of(fitted, recipe, recordings, left_out).save(out)
    state.unlink(missing_ok=True)
    print(out)
