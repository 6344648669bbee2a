"""Checkpoint: a trained network before it becomes an artefact, with its weights, normaliser, recipe and origin."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import torch

from models.data.dataset import NOTHING_LEFT_OUT, HoldOut, Recording
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import Network, parameter_count
from models.runtime.contract import (
    VOCABULARY_SINCE,
    Channel,
    ModelContract,
    Provenance,
    ScaleNorms,
)
from models.training.recipe import Recipe
from models.training.training import fingerprint, first_network
from scaleglove.atomic_file import atomic_write
from scaleglove.channels import CHANNELS, UNITS
from scaleglove.errors import ScaleGloveError
from scaleglove.scales import SCALES

_LIBRARIES = ("torch", "lightning", "numpy")
"""Libraries whose version can change the result of a training."""


class CheckpointError(ScaleGloveError):
    """Raised for a file that is not a checkpoint, or does not match a report."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Data, code and libraries that a network was trained with."""

    episodes: dict[str, int]
    """Number of episodes by collection."""
    fingerprint: str
    """`models.training.training.fingerprint` of the recordings trained on, in their order."""
    left_out: str
    """What was left out; empty: nothing."""
    revision: str
    libraries: dict[str, str]

    @classmethod
    def of(cls, recordings: Sequence[Recording], left_out: HoldOut) -> Self:
        """Describe recordings that were trained on by the running code and libraries."""
        counts = Counter(recording.collection for recording in recordings)
        libraries = {name: version(name) for name in _LIBRARIES}
        return cls(dict(sorted(counts.items())), fingerprint(recordings), left_out.names(), git_revision(), libraries)

    def data(self) -> str:
        """Describe the data."""
        counts = ", ".join(f"{name} ({count} episodes)" for name, count in self.episodes.items())
        return f"{counts}; sha256 of the samples {self.fingerprint}"

    def split(self) -> str:
        """Describe the part of the data that was trained on."""
        return f"all of the data but {self.left_out}" if self.left_out else "all of the data"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A trained network and its origin."""

    network: Network
    normaliser: Normaliser
    recipe: Recipe
    origin: Origin
    initial_importance: ScaleNorms
    """`get_scale_importance()` of the network before its first step."""
    name: str = ""
    """What its artefact is served under; empty: the network's name."""
    measured: dict[str, str] = field(default_factory=dict)
    """Metadata of its artefact that is measured on the training's recordings (`models.export.measured_metadata`)."""

    @classmethod
    def of(
        cls,
        fitted: tuple[Network, Normaliser],
        recipe: Recipe,
        recordings: Sequence[Recording],
        left_out: HoldOut = NOTHING_LEFT_OUT,
        name: str = "",
    ) -> Self:
        """Make a checkpoint of the result of `fit(recordings, recipe)`."""
        origin = Origin.of(recordings, left_out)
        return cls(*fitted, recipe, origin, first_network(recipe).get_scale_importance(), name)

    def save(self, path: Path) -> None:
        """Write the checkpoint, whole or not at all."""
        stored = {
            "weights": self.network.state_dict(),
            "normaliser": self.normaliser.as_dict(),
            "recipe": self.recipe.as_dict(),
            "origin": asdict(self.origin),
            "initial_importance": self.initial_importance,
            "name": self.name,
            "measured": self.measured,
        }
        with atomic_write(path) as draft:
            torch.save(stored, draft)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read a checkpoint.

        Raises:
            CheckpointError: the file is missing or not a checkpoint.
        """
        try:
            stored: dict[str, Any] = torch.load(path, weights_only=True)
            recipe = Recipe.of(stored["recipe"])
            network = first_network(recipe)
            network.load_state_dict(stored["weights"])
            normaliser = Normaliser.from_dict(stored["normaliser"])
            origin = Origin(**stored["origin"])
            of_later = {key: stored[key] for key in ("name", "measured") if key in stored}
            return cls(network.eval(), normaliser, recipe, origin, stored["initial_importance"], **of_later)
        except FileNotFoundError:
            raise CheckpointError(f"{path}: no such file") from None
        except Exception:  # noqa: BLE001 - unpickling raises many types
            raise CheckpointError(f"{path}: not a checkpoint of `scaleglove train`") from None

    def contract(self, version: str, report: dict[str, Any], name: str = "") -> ModelContract:
        """Return the metadata of an artefact made of this checkpoint; `report` is a summary of
        `models.evaluation.report`, which is over several seeds, or empty; `name` is what it is served under, by default
        the checkpoint's, else that of the network.

        Raises:
            CheckpointError: the report is of another recipe, or of other recordings.
        """
        recipe, vocabulary = self.recipe, self.recipe.vocabulary
        split = self.origin.split()
        if report:
            if report.get("recipe", {}) | {"seed": recipe.seed} != json.loads(json.dumps(recipe.as_dict())):
                raise CheckpointError("the report is of another recipe than the checkpoint")
            if not self.origin.left_out and report["data"]["fingerprint"] != self.origin.fingerprint:
                raise CheckpointError("the report was measured on other recordings than the checkpoint was trained on")
            split += "; the report's figures are of the same recipe fitted without each test part"
        return ModelContract(
            schema_version=VOCABULARY_SINCE,
            name=name or self.name or recipe.model,
            version=version,
            channels=tuple(Channel(name=name, unit=unit) for name, unit in zip(CHANNELS, UNITS, strict=True)),
            sample_rate_hz=recipe.sample_rate_hz,
            window_frames=recipe.window_frames,
            min_frames=recipe.min_frames,
            labels=vocabulary.names,
            vocabulary=vocabulary,
            scales=SCALES,
            parameters=parameter_count(self.network),
            provenance=Provenance(
                data=self.origin.data(),
                split=split,
                seed=recipe.seed,
                revision=self.origin.revision,
                recipe=recipe.as_dict(),
                libraries=self.origin.libraries,
            ),
            report=report,
            weight_importance=self.network.get_scale_importance(),
            initial_importance=self.initial_importance,
        )


@cache
def git_revision() -> str:
    """Return the git revision of the checkout when first called, `unknown` outside a checkout of this project."""
    root = Path(__file__).resolve().parents[2]
    try:
        if Path(_git(root, "rev-parse", "--show-toplevel")) != root:
            return "unknown"  # installed inside another project
        return _git(root, "describe", "--always", "--dirty", "--abbrev=12")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(folder: Path, *arguments: str) -> str:
    answer = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return answer.stdout.strip()
