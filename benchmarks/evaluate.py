"""`scaleglove evaluate`: on recorded episodes, or on streams made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from models.cli.options import (
    DEFAULT_MODEL,
    Epochs,
    Folder,
    Json,
)

_RUNS = Path("runs")


app = typer.Typer()


@app.command()
def evaluate(
    folder: Folder,
    protocol: Annotated[
        Literal["episodes", "stream"],
        typer.Option(help="episodes, each a letter held still; or stream, words and sentences signed in one go"),
    ] = "episodes",
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="a network, or ExtraTrees, NearestNeighbour, MajorityGuess; may be repeated "
            f"[default: all; of streams {DEFAULT_MODEL}]"
        ),
    ] = None,
    epochs: Epochs = 30,
    seeds: Annotated[int, typer.Option(min=1, help="of episodes: how many seeds: 0, 1, ...")] = 3,
    phrases: Annotated[int, typer.Option(min=1, help="of streams: how many phrases each wearer signs")] = 25,
    workers: Annotated[int | None, typer.Option(min=1, help="worker processes [default: one for each core]")] = None,
    runs: Annotated[
        Path | None,
        typer.Option(
            help="where results, or trained networks, are kept: what was interrupted goes on "
            "[default: runs/evaluation or runs/streams]",
            file_okay=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="file to write the report to, as JSON", dir_okay=False)] = None,
    page: Annotated[
        Path | None, typer.Option(help="page to write (*.md); pictures go beside it", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Evaluate networks and baselines on left-out data.

    Bend types and collections are left out of the training and tested on.
    """
    if protocol == "stream":
        from benchmarks.streams.command import evaluate_streams

        if model is not None and len(model) > 1:
            raise typer.BadParameter("streams are heard by one network", param_hint="--model")
        name = model[0] if model else DEFAULT_MODEL
        evaluate_streams(folder, name, epochs, phrases, workers, runs or _RUNS / "streams", out, page, as_json)
        return
    from models.cli.evaluation import evaluate_episodes

    evaluate_episodes(folder, model, epochs, seeds, workers, runs or _RUNS / "evaluation", out, page, as_json)
