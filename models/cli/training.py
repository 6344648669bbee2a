"""Commands `scaleglove train` and `plot`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.cli.options import (
    DEFAULT_MODEL,
    Epochs,
    Folder,
    Json,
    ModelName,
    Seed,
    ServedName,
    VocabularyName,
    check_name,
    make_recipe,
    read_training,
)

if TYPE_CHECKING:
    from models.training.progress import EpochProgress

app = typer.Typer()


@app.command()
def train(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="checkpoint to write", dir_okay=False)] = Path("runs/checkpoint.pt"),
    model: ModelName = DEFAULT_MODEL,
    epochs: Epochs = 30,
    seed: Seed = 0,
    leave_out_bend: Annotated[list[str] | None, typer.Option(help="bend type to leave out for testing")] = None,
    leave_out_collection: Annotated[list[str] | None, typer.Option(help="collection to leave out for testing")] = None,
    vocabulary: VocabularyName = None,
    name: ServedName = "",
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted training")] = False,
    as_json: Json = False,
) -> None:
    """Train a network.

    The recordings are those of a folder. A line for each epoch has the loss and the accuracy so far on the windows
    trained on and, with --leave-out-bend or --leave-out-collection, on what is left out; the result is always the
    network after the last epoch. --resume continues an interrupted training.
    """
    from models.data.dataset import HoldOut
    from models.export.measured_metadata import with_measured
    from models.training.checkpoint import Checkpoint, git_revision
    from models.training.training import fit

    check_name(name)
    recipe = make_recipe(model, epochs, seed)
    git_revision()  # now, of the code that is loaded; the working tree may change during training
    left_out = HoldOut(tuple(leave_out_bend or ()), tuple(leave_out_collection or ()))
    state = out.with_name(f"{out.name}.state")
    out.parent.mkdir(parents=True, exist_ok=True)  # so that a fault is found before the work
    if resume and not state.exists():
        print(f"{state}: no interrupted training; starting from the beginning", file=sys.stderr)
    recipe, recordings = read_training(folder, recipe, vocabulary)
    recordings, tested = left_out.kept(recordings), left_out.left(recordings)
    if not resume:
        state.unlink(missing_ok=True)
    fitted = fit(recordings, recipe, state, _print_json if as_json else _print_line, tested)
    checkpoint = Checkpoint.of(fitted, recipe, recordings, left_out, name)
    with_measured(checkpoint, recordings).save(out)
    state.unlink(missing_ok=True)
    made = {"file": str(out), "name": name or model, "labels": list(recipe.vocabulary.names)}
    print(json.dumps(made, ensure_ascii=False) if as_json else out)


def _print_line(progress: EpochProgress) -> None:
    print(progress, file=sys.stderr)


def _print_json(progress: EpochProgress) -> None:
    print(json.dumps(progress.as_dict()), flush=True)


@app.command()
def plot(
    checkpoints: Annotated[list[Path], typer.Argument(help="checkpoints of one network, one per seed")],
    out: Annotated[Path | None, typer.Option(help="plot to write (.svg)", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Plot the scale importance of a checkpoint's weights.

    A table shows it by layer, gate and scale, before and after training; --out also draws a picture.
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
