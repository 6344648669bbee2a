"""`scaleglove plot`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from models.cli.options import Json

app = typer.Typer()


@app.command()
def plot(
    checkpoints: Annotated[list[Path], typer.Argument(help="checkpoints of one network, one for each seed")],
    out: Annotated[Path | None, typer.Option(help="picture to write (.svg)", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Plot the scale importance of a checkpoint's weights.

    A table shows it by layer, gate and scale, from initialisation to the trained weights; --out also draws a picture.
    """
    from models.evaluation.importance_plots import (
        Training,
        draw_importance,
        importance_rows,
        importance_table,
        write,
    )
    from models.training.checkpoint import Checkpoint

    trainings = [
        Training(
            checkpoint.recipe.model,
            checkpoint.recipe.seed,
            checkpoint.initial_importance,
            checkpoint.network.get_scale_importance(),
        )
        for checkpoint in map(Checkpoint.load, checkpoints)
    ]
    rows = importance_rows(trainings)
    if out:
        write(lambda: draw_importance(trainings), out)
    print(json.dumps(rows, indent=1) if as_json else "\n".join(importance_table(rows)))
