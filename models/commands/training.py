"""`scaleglove train`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from models.commands.options import DEFAULT_MODEL, Epochs, Folder, ModelName, Seed, make_recipe
from models.commands.reading import read_recordings

app = typer.Typer()


@app.command()
def train(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="checkpoint to write", dir_okay=False)] = Path("runs/checkpoint.pt"),
    model: ModelName = DEFAULT_MODEL,
    epochs: Epochs = 40,
    seed: Seed = 0,
) -> None:
    """Train a network on all recordings of a folder."""
    from models.checkpoint import Checkpoint, git_revision
    from models.training import fit

    recipe = make_recipe(model, epochs, seed)
    out.parent.mkdir(parents=True, exist_ok=True)  # a place that cannot be written to is said before the work
    recordings = read_recordings(folder, recipe)
    network, normaliser = fit(recordings, recipe, progress=Console(stderr=True).is_terminal)
    collections = Counter(recording.collection for recording in recordings)
    data = ", ".join(f"{name} ({count} episodes)" for name, count in sorted(collections.items()))
    Checkpoint(network, normaliser, recipe, data, git_revision()).save(out)
    print(out)
