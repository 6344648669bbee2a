"""Comparison of one network stored twice: weights as float32, and with 8 bits.

Both are run from the files that `export` and `quantize` write, by the reader that the service uses; or the second is
the package of integers that `export --target c` makes for a chip, compiled for this computer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.dataset import Recording
from models.evaluation.classifier import Classifier, ClassifierFamily, Windows
from models.evaluation.job import Job, Result, measure
from models.evaluation.judged import WINDOW_FRAMES
from models.evaluation.networks import Answer, NetworkFamily, Recogniser
from models.export.c.graph import read_network
from models.export.c.host import Package
from models.export.c.package import HEADER, SOURCE, export_package
from models.export.onnx_export import export_network
from models.export.quantise import quantise_artefact
from models.runtime.artefact import Artefact, Outputs, WindowModel
from models.training.checkpoint import Checkpoint
from models.training.recipe import Recipe

FLOAT32, INT8 = "float32", "int8"
AGREED_AT = (10, WINDOW_FRAMES)
"""Frames seen at which the two are compared window by window."""


class ArtefactRecogniser(Recogniser):
    """Recogniser that runs an artefact, or a package made of it, in place of the network."""

    def __init__(self, made_of: Recogniser, artefact: WindowModel) -> None:
        super().__init__(made_of.network, made_of.normaliser, WINDOW_FRAMES)
        self._artefact = artefact

    def _batch(self, windows: Windows) -> Answer:
        outputs = self._artefact.run_windows(windows)
        return outputs.probabilities, outputs.embedding


@dataclass(frozen=True)
class Ready:
    """Family of one classifier that is fitted already, to the same training set."""

    of: ClassifierFamily
    classifier: Classifier

    @property
    def name(self) -> str:
        return self.of.name

    @property
    def labels(self) -> tuple[str, ...]:
        return self.of.labels

    @property
    def learns_ranges(self) -> bool:
        return self.of.learns_ranges

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.of.settings

    def fit(self, train: Sequence[Recording], seed: int) -> Classifier:
        return self.classifier


class Chip:
    """Package of integers with an embedding: the chip's last state times the artefact's metric or, for an encoded
    network, the artefact's own embedding, which depends on the frames alone."""

    def __init__(self, package: Package, artefact: Artefact) -> None:
        self._package, self._artefact = package, artefact
        network = read_network(artefact.path)
        self._metric = None if network.encoding else network.metric

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """Run windows as `Artefact.run_windows` does."""
        outputs = self._package.run_windows(windows)
        if self._metric is None:
            return replace(outputs, embedding=self._artefact.run_windows(windows).embedding)
        return replace(outputs, embedding=outputs.embedding @ self._metric)


Storing = Callable[[Path, Path], tuple[WindowModel, int]]
"""From a float32 artefact and a folder to the model stored there with weights of 8 bits, and its bytes."""


def as_artefact(artefact: Path, folder: Path) -> tuple[Artefact, int]:
    """Store it as `scaleglove quantize` does."""
    out = folder / f"{INT8}.onnx"
    quantise_artefact(artefact, out)
    return Artefact.load(out), out.stat().st_size


def as_package(artefact: Path, folder: Path) -> tuple[Chip, int]:
    """Store it as `scaleglove export --target c --arithmetic integer` does; the bytes are those of the source."""
    export_package(artefact, folder, "integer")
    size = sum((folder / name).stat().st_size for name in (HEADER, SOURCE))
    return Chip(Package.compiled(folder, "integer"), Artefact.load(artefact)), size


def compare(recipe: Recipe, job: Job, recordings: Sequence[Recording], store: Storing = as_artefact) -> Result:
    """Fit the recipe's network once on the job's fold with the job's seed, store it twice, and measure both.

    Returns:
        By weights (`float32`, `int8`): `result` as of `models.evaluation.job.measure`, and `bytes` of the file.
        `windows`: number of windows tested. `same_letter`: by frames seen, in how many of them both name one letter.
    """
    train = [recordings[index] for index in job.fold.train]
    fitted = NetworkFamily(recipe).fit(train, job.seed)
    with TemporaryDirectory() as folder:
        artefact = write_artefact(fitted.recogniser, replace(recipe, seed=job.seed), train, Path(folder))
        stored = {FLOAT32: (Artefact.load(artefact), artefact.stat().st_size), INT8: store(artefact, Path(folder))}
        both = {
            weights: fitted.run_by(ArtefactRecogniser(fitted.recogniser, answering))
            for weights, (answering, _) in stored.items()
        }
    newest = [recordings[index].samples[-WINDOW_FRAMES:] for index in job.fold.test]
    return {
        weights: {
            "result": measure(replace(job, family=Ready(job.family, classifier)), recordings),
            "bytes": stored[weights][1],
        }
        for weights, classifier in both.items()
    } | {
        "windows": len(newest),
        "same_letter": {str(seen): _same_letter(both, [window[:seen] for window in newest]) for seen in AGREED_AT},
    }


def write_artefact(recogniser: Recogniser, recipe: Recipe, train: Sequence[Recording], folder: Path) -> Path:
    """Write the float32 artefact of a network fitted by `fit(train, recipe)` to a folder; return its path."""
    path = folder / f"{FLOAT32}.onnx"
    network, normaliser = recogniser.network, recogniser.normaliser
    contract = Checkpoint.of((network, normaliser), recipe, train).contract("0", report={})
    export_network(network, normaliser, contract, path)
    return path


def _same_letter(both: Mapping[str, Classifier], windows: Windows) -> int:
    one, other = (classifier.probabilities(windows).argmax(axis=1) for classifier in both.values())
    return int(np.sum(one == other))
