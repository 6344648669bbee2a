"""What a network names whose state is carried on from letter to letter, beside the same network asked for windows.

    python -m benchmarks.chip_streaming FOLDER --model MSCSGRU_ScaleAware

For every fold of `models.evaluation.protocols` the network is fitted once and made a package of integers for a chip,
compiled for this computer. The tested recordings follow one another in random order, as one stream. At the end of each,
three answers are compared with its letter: that of the newest window, that of a state which was never started anew, and
that of a state which was started with the recording. The latter two know of all frames but the newest three or four.
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


def right_answers(package: Package, recordings: Sequence[Recording]) -> Counter[str]:
    """How many recordings, one after the other, are named right at their ends, by way."""
    right: Counter[str] = Counter()
    frames = np.concatenate([recording.samples for recording in recordings])
    ends = np.cumsum([len(recording.samples) for recording in recordings])
    for recording, end in zip(recordings, ends, strict=True):
        right["window"] += package.window(frames[max(0, end - WINDOW_FRAMES) : end])[0] == recording.label
        package.start()
        right["started anew"] += _named(package, recording) == recording.label
    package.start()
    for recording in recordings:
        right["carried on"] += _named(package, recording) == recording.label
    return right


def _named(package: Package, recording: Recording) -> int:
    """The letter after all its frames."""
    for frame in recording.samples:
        package.step(frame)
    return package.result()[0]


def measure(recipe: Recipe, fold: Fold, recordings: Sequence[Recording]) -> Counter[str]:
    """Of one fold; the order of what is tested is the recipe's seed's."""
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
    tested: Counter[str] = Counter()
    right: dict[str, Counter[str]] = {}
    for fold in folds(Known.of(recordings), seed):
        tested[fold.protocol] += len(fold.test)
        right.setdefault(fold.protocol, Counter()).update(measure(recipe, fold, recordings))
    percent = {
        protocol: {way: round(100 * counts[way] / tested[protocol], 2) for way in WAYS}
        for protocol, counts in right.items()
    }
    if as_json:
        print(json.dumps({"model": model, "seed": seed, "tested": tested, "percent": percent}))
    else:
        Console().print(_table(percent, f"{model}, integers, seed {seed}: accuracy in percent"))


def _table(percent: dict[str, dict[str, float]], title: str) -> Table:
    table = Table(title=title)
    for heading in ("protocol", *WAYS):
        table.add_column(heading.replace("_", " "), justify="left" if heading == "protocol" else "right")
    for protocol, by_way in percent.items():
        table.add_row(protocol.replace("_", " "), *(f"{by_way[way]:.2f}" for way in WAYS))
    return table


if __name__ == "__main__":
    typer.run(main)
