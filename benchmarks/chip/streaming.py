"""What a network names whose state is carried on from letter to letter, beside the same network asked for windows.

    python -m benchmarks.chip.streaming FOLDER --model MSCSGRU_ScaleAware

For every fold of `models.evaluation.protocols` the network is fitted once and made a package of integers for a chip,
compiled for this computer. The tested recordings follow one another in random order, as one stream: at once, which no
hand can do, and after a made-up movement from shape to shape. So many frames after each begins, and at its end, three
answers are compared with its letter: that of the newest window, that of a state which was never started anew, and that
of a state which was started with the recording. The latter two know of all frames but the newest three or four.
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

from models.cli.options import (
    Epochs,
    Folder,
    Json,
    ModelName,
    Seed,
    make_recipe,
    read_recordings,
)
from models.data.dataset import Augmentation, Recording, trajectory
from models.evaluation.artefacts import write_artefact
from models.evaluation.job import WINDOW_FRAMES
from models.evaluation.networks import NetworkFamily
from models.evaluation.protocols import Fold, Known, folds
from models.export.c.host import Package
from models.export.c.package import export_package
from models.training.training import Recipe
from scaleglove.channels import CHANNELS
from scaleglove.resampling import Frames

WAYS: Final = ("window", "carried on", "started anew")
SEEN: Final = (10, 25, 50)
"""Frames after a letter begins: 0.2, 0.5 and 1 s."""
END: Final = "end"
JOINED: Final = ("at once", "after a movement")
NO_WAY: Final = np.empty((0, len(CHANNELS)), np.float32)

Point = tuple[str, str]
"""A way, and the frames seen."""


def right_answers(
    package: Package, recordings: Sequence[Recording], ways: Sequence[Frames]
) -> tuple[Counter[Point], Counter[Point]]:
    """How many recordings, one after the other, are named right, and how many are asked about. Before each comes its
    part of `ways`, which may be empty."""
    right: Counter[Point] = Counter()
    asked: Counter[Point] = Counter()
    for way, answers in _answers(package, recordings, ways).items():
        for recording, by_frames in zip(recordings, answers, strict=True):
            for seen, letter in by_frames.items():
                right[way, seen] += letter == recording.label
                asked[way, seen] += 1
    return right, asked


def _answers(
    package: Package, recordings: Sequence[Recording], ways: Sequence[Frames]
) -> dict[str, list[dict[str, int]]]:
    """Letters by way, recording and frames seen."""
    anew = []
    for recording in recordings:
        package.start()
        anew.append(_named(package, recording))
    package.start()
    carried_on = []
    for way, recording in zip(ways, recordings, strict=True):
        for frame in way:
            package.step(frame)
        carried_on.append(_named(package, recording))
    pieces = [piece for way, recording in zip(ways, recordings, strict=True) for piece in (way, recording.samples)]
    frames = np.concatenate(pieces)
    begins = np.cumsum([len(piece) for piece in pieces])[::2]
    windows = []
    for recording, begin in zip(recordings, begins, strict=True):
        ends = {name: int(begin) + count for name, count in _points(recording).items()}
        windows.append(
            {name: package.window(frames[max(0, end - WINDOW_FRAMES) : end])[0] for name, end in ends.items()}
        )
    return dict(zip(WAYS, (windows, carried_on, anew), strict=True))


def _points(recording: Recording) -> dict[str, int]:
    """After how many of its frames it is asked for the letter, by name."""
    count = len(recording.samples)
    return {str(seen): seen for seen in SEEN if seen < count} | {END: count}


def _named(package: Package, recording: Recording) -> dict[str, int]:
    """The letters on the way through its frames."""
    names = {count: name for name, count in _points(recording).items()}
    found = {}
    for count, frame in enumerate(recording.samples, start=1):
        package.step(frame)
        if count in names:
            found[names[count]] = package.result()[0]
    return found


def ways_between(recordings: Sequence[Recording], rng: np.random.Generator) -> list[Frames]:
    """A movement to each of them from the one before, float32[n, 8]; to the first none."""
    ways = [NO_WAY]
    for before, after in pairwise(recordings):
        ways.append(
            trajectory(before.samples[-1], after.samples[0], int(rng.integers(*Augmentation().movement_frames)))
        )
    return ways


def measure(
    recipe: Recipe, fold: Fold, recordings: Sequence[Recording]
) -> dict[str, tuple[Counter[Point], Counter[Point]]]:
    """As `right_answers`, of one fold, by how the recordings are joined; their order is the recipe's seed's."""
    train = [recordings[index] for index in fold.train]
    fitted = NetworkFamily(recipe).fit(train, recipe.seed, progress=False)
    with TemporaryDirectory() as folder:
        artefact = write_artefact(fitted.recogniser, recipe, train, Path(folder))
        export_package(artefact, Path(folder), "integer")
        package = Package.compiled(Path(folder), "integer")
    rng = np.random.default_rng(recipe.seed)
    tested = [recordings[index] for index in rng.permutation(fold.test)]
    ways = dict(zip(JOINED, ([NO_WAY] * len(tested), ways_between(tested, rng)), strict=True))
    return {joined: right_answers(package, tested, ways[joined]) for joined in JOINED}


def main(
    folder: Folder,
    model: ModelName = "MSCSGRU_ScaleAware",
    epochs: Epochs = 30,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Accuracy in percent of all tested recordings, by protocol and way."""
    recipe = make_recipe(model, epochs, seed)
    recordings = read_recordings(folder, recipe)
    right: dict[tuple[str, str], Counter[Point]] = defaultdict(Counter)
    asked: dict[tuple[str, str], Counter[Point]] = defaultdict(Counter)
    for fold in folds(Known.of(recordings), seed):
        for joined, (named, counted) in measure(recipe, fold, recordings).items():
            right[fold.protocol, joined].update(named)
            asked[fold.protocol, joined].update(counted)
    rows = [
        {"protocol": protocol, "joined": joined, "frames": seen}
        | {way: round(100 * right[protocol, joined][way, seen] / asked[protocol, joined][way, seen], 2) for way in WAYS}
        for protocol, joined in right
        for seen in (*map(str, SEEN), END)
    ]
    if as_json:
        print(json.dumps({"model": model, "seed": seed, "rows": rows}))
    else:
        Console().print(_table(rows, f"{model}, integers, seed {seed}: accuracy in percent"))


def _table(rows: Sequence[dict[str, str | float]], title: str) -> Table:
    table = Table(title=title)
    for heading in rows[0]:
        table.add_column(heading, justify="left" if heading == "protocol" else "right")
    for row in rows:
        table.add_row(*(figure if isinstance(figure, str) else f"{figure:.2f}" for figure in row.values()))
    return table


if __name__ == "__main__":
    typer.run(main)
