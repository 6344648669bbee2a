"""Two artefacts of one network, its weights as float32 and as INT8, measured as the benchmark measures the network.

Both are asked through the reader that a service uses, from the files that `export` and `quantize` write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from models.artefact import Artefact
from models.batch import pad
from models.checkpoint import Checkpoint
from models.dataset import Recording
from models.evaluation.contender import Contender, Family, Windows
from models.evaluation.networks import Answer, FittedNetwork, NetworkFamily, Recogniser
from models.evaluation.unit import WINDOW_FRAMES, Result, Unit, measured
from models.export import export_network
from models.quantise import quantise_artefact
from models.training import Recipe

FLOAT32, INT8 = "float32", "int8"
AGREED_AT = (10, WINDOW_FRAMES)
"""Frames seen, at which the two answers are compared window by window."""


class ArtefactRecogniser(Recogniser):
    """As the recogniser that the artefact was made of, but it is the artefact that answers."""

    def __init__(self, made_of: Recogniser, artefact: Artefact) -> None:
        super().__init__(made_of.network, made_of.normaliser, artefact.contract.window_frames)
        self._artefact = artefact

    def _batch(self, windows: Windows) -> Answer:
        outputs = self._artefact.run(*pad(windows))
        return outputs.probabilities, outputs.embedding


@dataclass(frozen=True)
class Ready:
    """A family of one contender that is fitted already: what it is asked to learn from, it has seen."""

    of: Family
    contender: Contender

    @property
    def name(self) -> str:
        return self.of.name

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.of.settings

    def fit(self, train: Sequence[Recording], seed: int, progress: bool) -> Contender:
        return self.contender


def compared(recipe: Recipe, unit: Unit, recordings: Sequence[Recording]) -> Result:
    """The recipe's network, fitted once on the unit's fold with the unit's seed, as two artefacts.

    By weights (`float32`, `int8`): `result` as `models.evaluation.unit.measured` has it, and `bytes` of the file. Then
    `windows` tested, and `same_letter`: in how many of them both name the same, by frames seen.
    """
    train = [recordings[index] for index in unit.fold.train]
    fitted = NetworkFamily(recipe).fit(train, unit.seed, progress=False)
    with TemporaryDirectory() as folder:
        paths = write_both(fitted.recogniser, replace(recipe, seed=unit.seed), train, Path(folder))
        sizes = {weights: path.stat().st_size for weights, path in paths.items()}
        both = {
            weights: FittedNetwork(ArtefactRecogniser(fitted.recogniser, Artefact.load(path)))
            for weights, path in paths.items()
        }
    newest = [recordings[index].samples[-WINDOW_FRAMES:] for index in unit.fold.test]
    return {
        weights: {
            "result": measured(replace(unit, family=Ready(unit.family, contender)), recordings),
            "bytes": sizes[weights],
        }
        for weights, contender in both.items()
    } | {
        "windows": len(newest),
        "same_letter": {str(seen): _same_letter(both, [window[:seen] for window in newest]) for seen in AGREED_AT},
    }


def write_both(recogniser: Recogniser, recipe: Recipe, train: Sequence[Recording], folder: Path) -> dict[str, Path]:
    """The artefacts of a network that `fit(train, recipe)` gave, written to the folder; by weights."""
    paths = {weights: folder / f"{weights}.onnx" for weights in (FLOAT32, INT8)}
    network, normaliser = recogniser.network, recogniser.normaliser
    contract = Checkpoint.of((network, normaliser), recipe, train).contract("0", report={})
    export_network(network, normaliser, contract, paths[FLOAT32])
    quantise_artefact(paths[FLOAT32], paths[INT8])
    return paths


def _same_letter(both: Mapping[str, Contender], windows: Windows) -> int:
    one, other = (contender.probabilities(windows).argmax(axis=1) for contender in both.values())
    return int(np.sum(one == other))
