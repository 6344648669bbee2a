"""One network stored twice, its weights as float32 and as INT8, measured as the benchmark measures the network.

Both are asked through the reader that a service uses, from the files that `export` and `quantize` write; or the second
is the package of integers that `export --target c` makes for a chip, compiled for this computer.
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
from models.evaluation.job import WINDOW_FRAMES, Job, Result, measured
from models.evaluation.networks import Answer, FittedNetwork, NetworkFamily, Recogniser
from models.export.c.graph import read_network
from models.export.c.host import Package
from models.export.c.package import HEADER, SOURCE, export_package
from models.export.onnx_export import export_network
from models.export.quantise import quantise_artefact
from models.runtime.artefact import Answering, Artefact, Outputs
from models.training.checkpoint import Checkpoint
from models.training.training import Recipe

FLOAT32, INT8 = "float32", "int8"
AGREED_AT = (10, WINDOW_FRAMES)
"""Frames seen, at which the two answers are compared window by window."""


class ArtefactRecogniser(Recogniser):
    """As the recogniser that the artefact was made of, but it is the artefact, or what stands for it, that answers."""

    def __init__(self, made_of: Recogniser, artefact: Answering) -> None:
        super().__init__(made_of.network, made_of.normaliser, WINDOW_FRAMES)
        self._artefact = artefact

    def _batch(self, windows: Windows) -> Answer:
        outputs = self._artefact.run_windows(windows)
        return outputs.probabilities, outputs.embedding


@dataclass(frozen=True)
class Ready:
    """A family of one contender that is fitted already: what it is asked to learn from, it has seen."""

    of: ClassifierFamily
    contender: Classifier

    @property
    def name(self) -> str:
        return self.of.name

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.of.settings

    def fit(self, train: Sequence[Recording], seed: int, progress: bool) -> Classifier:
        return self.contender


class Chip:
    """A package of integers, with an embedding: what its artefact makes of the chip's newest state, or, where the
    network is encoded, of the frames alone, as the artefact itself has it."""

    def __init__(self, package: Package, artefact: Artefact) -> None:
        self._package, self._artefact = package, artefact
        network = read_network(artefact.path)
        self._metric = None if network.encoding else network.metric

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """As `Artefact.run_windows`."""
        outputs = self._package.run_windows(windows)
        if self._metric is None:
            return replace(outputs, embedding=self._artefact.run_windows(windows).embedding)
        return replace(outputs, embedding=outputs.embedding @ self._metric)


Storing = Callable[[Path, Path], tuple[Answering, int]]
"""Of a float32 artefact and a folder: what is stored there with weights of 8 bits, and its bytes."""


def as_artefact(artefact: Path, folder: Path) -> tuple[Artefact, int]:
    """`scaleglove quantize`."""
    out = folder / f"{INT8}.onnx"
    quantise_artefact(artefact, out)
    return Artefact.load(out), out.stat().st_size


def as_package(artefact: Path, folder: Path) -> tuple[Chip, int]:
    """`scaleglove export --target c --arithmetic integer`; the bytes are those of its source."""
    export_package(artefact, folder, "integer")
    size = sum((folder / name).stat().st_size for name in (HEADER, SOURCE))
    return Chip(Package.compiled(folder, "integer"), Artefact.load(artefact)), size


def compared(recipe: Recipe, unit: Job, recordings: Sequence[Recording], store: Storing = as_artefact) -> Result:
    """The recipe's network, fitted once on the unit's fold with the unit's seed, stored twice.

    By weights (`float32`, `int8`): `result` as `models.evaluation.job.measured` has it, and `bytes` of the file. Then
    `windows` tested, and `same_letter`: in how many of them both name the same, by frames seen.
    """
    train = [recordings[index] for index in unit.fold.train]
    fitted = NetworkFamily(recipe).fit(train, unit.seed, progress=False)
    with TemporaryDirectory() as folder:
        artefact = write_artefact(fitted.recogniser, replace(recipe, seed=unit.seed), train, Path(folder))
        stored = {FLOAT32: (Artefact.load(artefact), artefact.stat().st_size), INT8: store(artefact, Path(folder))}
        both = {
            weights: FittedNetwork(ArtefactRecogniser(fitted.recogniser, answering))
            for weights, (answering, _) in stored.items()
        }
    newest = [recordings[index].samples[-WINDOW_FRAMES:] for index in unit.fold.test]
    return {
        weights: {
            "result": measured(replace(unit, family=Ready(unit.family, contender)), recordings),
            "bytes": stored[weights][1],
        }
        for weights, contender in both.items()
    } | {
        "windows": len(newest),
        "same_letter": {str(seen): _same_letter(both, [window[:seen] for window in newest]) for seen in AGREED_AT},
    }


def write_artefact(recogniser: Recogniser, recipe: Recipe, train: Sequence[Recording], folder: Path) -> Path:
    """The float32 artefact of a network that `fit(train, recipe)` gave, written to the folder."""
    path = folder / f"{FLOAT32}.onnx"
    network, normaliser = recogniser.network, recogniser.normaliser
    contract = Checkpoint.of((network, normaliser), recipe, train).contract("0", report={})
    export_network(network, normaliser, contract, path)
    return path


def _same_letter(both: Mapping[str, Classifier], windows: Windows) -> int:
    one, other = (contender.probabilities(windows).argmax(axis=1) for contender in both.values())
    return int(np.sum(one == other))
