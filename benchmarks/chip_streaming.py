"""What a network names whose state is carried on from letter to letter, beside the same network asked for windows.

    python -m benchmarks.chip_streaming FOLDER --model MSCSGRU_ScaleAware

For every fold of `models.evaluation.protocols` the network is fitted once and made a package of integers for a chip,
compiled for this computer. The tested recordings follow one another in random order, as one stream. So many frames
after each begins, and at its end, three answers are compared with its letter: that of the newest window, that of a
state which was never started anew, and that of a state which was started with the recording. The latter two know of all
frames but the newest three or four.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from models.commands.options import Epochs, Folder, Json, ModelName, Seed, make_recipe
from models.commands.reading import read_recordings
from models.dataset import Recording
from models.evaluation.artefacts import write_artefact
from models.evaluation.networks import NetworkFamily
from models.evaluation.protocols import Fold, Known, folds
from models.evaluation.unit import WINDOW_FRAMES
from models.export_c.host import Package
from models.export_c.package import export_package
from models.training import Recipe

WAYS: Final = ("window", "carried on", "started anew")
SEEN: Final = (10, 25, 50)
"""Frames after a letter begins: 0.2, 0.5 and 1 s."""
END: Final = "end"

Point = tuple[str, str]
"""A way, and the frames seen."""


def right_answers(package: Package, recordings: Sequence[Recording]) -> tuple[Counter[Point], Counter[Point]]:
    """How many recordings, one after the other, are named right, and how many are asked about."""
    right: Counter[Point] = Counter()
    asked: Counter[Point] = Counter()
    for way, answers in _answers(package, recordings).items():
        for recording, by_frames in zip(recordings, answers, strict=True):
            for seen, letter in by_frames.items():
                right[way, seen] += letter == recording.label
                asked[way, seen] += 1
    return right, asked


def _answers(package: Package, recordings: Sequence[Recording]) -> dict[str, list[dict[str, int]]]:
    """Letters by way, recording and frames seen."""
    anew = []
    for recording in recordings:
        package.start()
        anew.append(_named(package, recording))
    package.start()
    carried_on = [_named(package, recording) for recording in recordings]
    frames = np.concatenate([recording.samples for recording in recordings])
    begins = np.cumsum([0, *(len(recording.samples) for recording in recordings)])
    windows = []
    for recording, begin in zip(recordings, begins, strict=False):
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


def measure(recipe: Recipe, fold: Fold, recordings: Sequence[Recording]) -> tuple[Counter[Point], Counter[Point]]:
    """As `right_answers`, of one fold; the order of what is tested is the recipe's seed's."""
    train = [recordings[index] for index in fold.train]
    fitted = NetworkFamily(recipe).fit(train, recipe.seed, progress=False)
    with TemporaryDirectory() as folder:
        artefact = write_artefact(fitted.recogniser, recipe, train, Path(folder))
        export_package(artefact, Path(folder), "integer")
        package = Package.compiled(Path(folder), "integer")
    order = np.random.default_rng(recipe.seed).permutation(fold.test)
    return right_answers(package, [recordings[index] for index in order])


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
    right: dict[str, Counter[Point]] = {}
    asked: dict[str, Counter[Point]] = {}
    for fold in folds(Known.of(recordings), seed):
        for kept, found in zip((right, asked), measure(recipe, fold, recordings), strict=True):
            kept.setdefault(fold.protocol, Counter()).update(found)
    rows = [
        {"protocol": protocol, "frames": seen}
        | {way: round(100 * right[protocol][way, seen] / asked[protocol][way, seen], 2) for way in WAYS}
        for protocol in right
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
