"""Accuracy of a network whose state is kept from letter to letter, beside the same network on windows.

    python -m benchmarks.chip.streaming FOLDER --model MSCSGRU_ScaleAware

For every fold of `models.evaluation.protocols` the network is trained once and exported as an integer package for a
microcontroller, compiled for this computer. The test recordings follow one another in random order, as one stream:
directly, which no hand can do, and after a simulated movement from shape to shape. Some frames after the begin of each
recording, and at its end, three predictions are compared with its letter: that of the newest window, that of a state
which is never reset, and that of a state which is reset at the recording's begin. The latter two have seen all frames
but the newest three or four.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.report import as_table
from models.cli.options import Epochs, Folder, Json, ModelName, Seed, make_recipe, read_recordings
from models.data.dataset import Augmentation, Recording, trajectory
from models.evaluation.artefacts import write_artefact
from models.evaluation.judged import WINDOW_FRAMES
from models.evaluation.networks import NetworkFamily
from models.evaluation.protocols import Fold, Known, folds
from models.export.c.host import Package
from models.export.c.package import export_package
from models.training.recipe import Recipe
from scaleglove.channels import CHANNELS
from scaleglove.resampling import Frames

METHODS: Final = ("window", "state kept", "state reset")
SEEN: Final = (10, 25, 50)
"""Frames after a letter begins: 0.2, 0.5 and 1 s."""
END: Final = "end"
JOINED: Final = ("directly", "after a movement")
NO_MOVEMENT: Final = np.empty((0, len(CHANNELS)), np.float32)

Point = tuple[str, str]
"""A method, and the number of frames seen."""


def right_answers(
    package: Package, recordings: Sequence[Recording], movements: Sequence[Frames]
) -> tuple[Counter[Point], Counter[Point]]:
    """Return how many recordings, one after the other, are predicted correctly, and how many there are, by point.

    Each recording follows its movement, which may be empty.
    """
    right: Counter[Point] = Counter()
    asked: Counter[Point] = Counter()
    for method, answers in _answers(package, recordings, movements).items():
        for recording, by_frames in zip(recordings, answers, strict=True):
            for seen, letter in by_frames.items():
                right[method, seen] += letter == recording.label
                asked[method, seen] += 1
    return right, asked


def _answers(
    package: Package, recordings: Sequence[Recording], movements: Sequence[Frames]
) -> dict[str, list[dict[str, int]]]:
    """Return the predicted letters by method, recording and frames seen."""
    reset = []
    for recording in recordings:
        package.start()
        reset.append(_predicted(package, recording))
    package.start()
    kept = []
    for way, recording in zip(movements, recordings, strict=True):
        for frame in way:
            package.step(frame)
        kept.append(_predicted(package, recording))
    pieces = [piece for way, recording in zip(movements, recordings, strict=True) for piece in (way, recording.samples)]
    frames = np.concatenate(pieces)
    begins = np.cumsum([len(piece) for piece in pieces])[::2]
    windows = []
    for recording, begin in zip(recordings, begins, strict=True):
        ends = {name: int(begin) + count for name, count in _points(recording).items()}
        windows.append(
            {name: package.window(frames[max(0, end - WINDOW_FRAMES) : end])[0] for name, end in ends.items()}
        )
    return dict(zip(METHODS, (windows, kept, reset), strict=True))


def _points(recording: Recording) -> dict[str, int]:
    """Return the numbers of frames after which the letter is predicted, by name."""
    count = len(recording.samples)
    return {str(seen): seen for seen in SEEN if seen < count} | {END: count}


def _predicted(package: Package, recording: Recording) -> dict[str, int]:
    """Return the predicted letters after the frames of each point."""
    names = {count: name for name, count in _points(recording).items()}
    found = {}
    for count, frame in enumerate(recording.samples, start=1):
        package.step(frame)
        if count in names:
            found[names[count]] = package.result()[0]
    return found


def movements_between(recordings: Sequence[Recording], rng: np.random.Generator) -> list[Frames]:
    """Return a movement float32[n, 8] to each recording from the last one; an empty one to the first."""
    movements = [NO_MOVEMENT]
    for before, after in pairwise(recordings):
        movements.append(
            trajectory(before.samples[-1], after.samples[0], int(rng.integers(*Augmentation().movement_frames)))
        )
    return movements


def measure(
    recipe: Recipe, fold: Fold, recordings: Sequence[Recording]
) -> dict[str, tuple[Counter[Point], Counter[Point]]]:
    """Return `right_answers` of one fold, by how the recordings are joined, in an order given by the recipe's seed."""
    train = [recordings[index] for index in fold.train]
    fitted = NetworkFamily(recipe).fit(train, recipe.seed)
    with TemporaryDirectory() as folder:
        artefact = write_artefact(fitted.recogniser, recipe, train, Path(folder))
        export_package(artefact, Path(folder), "integer")
        package = Package.compiled(Path(folder), "integer")
    rng = np.random.default_rng(recipe.seed)
    tested = [recordings[index] for index in rng.permutation(fold.test)]
    movements = dict(zip(JOINED, ([NO_MOVEMENT] * len(tested), movements_between(tested, rng)), strict=True))
    return {joined: right_answers(package, tested, movements[joined]) for joined in JOINED}


def main(
    folder: Folder,
    model: ModelName = "MSCSGRU_ScaleAware",
    epochs: Epochs = 30,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure the accuracy in percent on all test recordings, by protocol and method."""
    recipe = make_recipe(model, epochs, seed)
    recordings = read_recordings(folder, recipe)
    right: dict[tuple[str, str], Counter[Point]] = defaultdict(Counter)
    asked: dict[tuple[str, str], Counter[Point]] = defaultdict(Counter)
    for fold in folds(Known.of(recordings), seed):
        for joined, (correct, counted) in measure(recipe, fold, recordings).items():
            right[fold.protocol, joined].update(correct)
            asked[fold.protocol, joined].update(counted)
    rows = [
        {"protocol": protocol, "joined": joined, "frames": seen}
        | {
            method: round(100 * right[protocol, joined][method, seen] / asked[protocol, joined][method, seen], 2)
            for method in METHODS
        }
        for protocol, joined in right
        for seen in (*map(str, SEEN), END)
    ]
    if as_json:
        print(json.dumps({"model": model, "seed": seed, "rows": rows}))
    else:
        Console().print(_table(rows, f"{model}, integers, seed {seed}: accuracy in percent"))


def _table(rows: Sequence[dict[str, str | float]], title: str) -> Table:
    shown = [[figure if isinstance(figure, str) else f"{figure:.2f}" for figure in row.values()] for row in rows]
    return as_table([list(rows[0]), *shown], title, text_columns=3)


if __name__ == "__main__":
    typer.run(main)
