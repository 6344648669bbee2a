"""Command `scaleglove evaluate`: accuracy on recorded episodes, or on simulated streams of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from models.cli.options import DEFAULT_MODEL, Epochs, Folder, Json, VocabularyName

_RUNS = Path("runs")

WORDS_A_PHRASE = 2
"""By which the former option `--phrases` is understood; it is accepted until the next release."""


app = typer.Typer()


@app.command()
def evaluate(
    folder: Folder,
    protocol: Annotated[
        Literal["episodes", "stream"],
        typer.Option(help="episodes: one held letter each; stream: words and sentences signed continuously"),
    ] = "episodes",
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="a network, or ExtraTrees, NearestNeighbour, Splines, MajorityGuess; may be repeated "
            f"(default: all; for streams {DEFAULT_MODEL})"
        ),
    ] = None,
    epochs: Epochs = 30,
    seeds: Annotated[int, typer.Option(min=1, help="episodes: how many seeds: 0, 1, ...")] = 3,
    words: Annotated[int, typer.Option(min=1, help="streams: how many words a wearer signs at most")] = 100,
    row: Annotated[
        list[str] | None, typer.Option(help="streams: the title of a row to measure; may be repeated (default: all)")
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option(help="streams: bend type in which known wearers sign; may be repeated (default: each)"),
    ] = None,
    phrases: Annotated[int | None, typer.Option(min=1, hidden=True)] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="worker processes (default: one per core)")] = None,
    runs: Annotated[
        Path | None,
        typer.Option(
            help="folder of results or trained networks; an interrupted run continues from it "
            "(default: runs/evaluation or runs/streams)",
            file_okay=False,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="file to write the report to, as JSON", dir_okay=False)] = None,
    page: Annotated[
        Path | None, typer.Option(help="page to write (*.md), with pictures beside it", dir_okay=False)
    ] = None,
    vocabulary: VocabularyName = None,
    split: Annotated[
        list[str] | None,
        typer.Option(
            help="episodes: random, leave_one_style_out, leave_one_session_out or cross_user; may be repeated "
            "(default: all)"
        ),
    ] = None,
    shapes: Annotated[
        int | None,
        typer.Option(min=8, help="episodes: unlabelled shapes by which a user is ranged (default: 100)"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Evaluate networks and baselines on left-out data.

    Bend types and collections are left out of the training and tested on; of a single collection each session. Where
    the recordings are of too few people, sessions or episodes to say something, the report says so (`shortfalls`).
    """
    if protocol == "stream":
        from benchmarks.streams.command import evaluate_streams

        if model is not None and len(model) > 1:
            raise typer.BadParameter("a stream is evaluated with one network", param_hint="--model")
        name = model[0] if model else DEFAULT_MODEL
        count = words if phrases is None else WORDS_A_PHRASE * phrases
        folder_of_networks = runs or _RUNS / "streams"
        evaluate_streams(
            folder, name, epochs, count, workers, folder_of_networks, out, page, as_json, row or (), style or ()
        )
        return
    from models.cli.evaluation import evaluate_episodes

    runs = runs or _RUNS / "evaluation"
    evaluate_episodes(folder, model, epochs, seeds, workers, runs, out, page, as_json, vocabulary, split, shapes)
