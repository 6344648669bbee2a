"""A trained network on disk, before it becomes an artefact: weights, normaliser, recipe and where they come from."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.contract import (
    CHANNELS,
    LETTERS,
    SCALES,
    UNITS,
    Channel,
    ModelContract,
    Provenance,
    ScaleGloveError,
)
from models.dataset import Augmentation
from models.network import NETWORKS, Network, parameter_count
from models.normaliser import Normaliser
from models.training import Recipe


class CheckpointError(ScaleGloveError):
    """A file that is not a checkpoint of ours."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    network: Network
    normaliser: Normaliser
    recipe: Recipe
    data: str
    revision: str

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(
            {
                "weights": self.network.state_dict(),
                "normaliser": self.normaliser.as_dict(),
                "recipe": self.recipe.as_dict(),
                "data": self.data,
                "revision": self.revision,
            },
            path,
        )

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """
        Raises:
            CheckpointError: the file is missing or not one of ours.
        """
        try:
            stored: dict[str, Any] = torch.load(path, weights_only=True)
            recipe = Recipe(**stored["recipe"] | {"augmentation": Augmentation(**stored["recipe"]["augmentation"])})
            network = NETWORKS[recipe.model]()
            network.load_state_dict(stored["weights"])
            normaliser = Normaliser.from_dict(stored["normaliser"])
            return cls(network.eval(), normaliser, recipe, stored["data"], stored["revision"])
        except FileNotFoundError:
            raise CheckpointError(f"{path}: no such file") from None
        except Exception:  # noqa: BLE001 - unpickling raises many types; whatever it is, this is no checkpoint
            raise CheckpointError(f"{path}: not a checkpoint of `scaleglove train`") from None

    def contract(self, version: str, report: dict[str, Any]) -> ModelContract:
        """What the artefact made of this checkpoint will say of itself; `report` is that of `scaleglove evaluate`, or
        empty.

        Raises:
            CheckpointError: the report is of another recipe.
        """
        recipe = self.recipe
        split = "all of the data"
        if report:
            if report.get("recipe") != json.loads(json.dumps(recipe.as_dict())):
                raise CheckpointError("the report is of another recipe than the checkpoint")
            split += "; the report's figures are of the same recipe fitted without each test part"
        return ModelContract(
            schema_version=1,
            name=recipe.model,
            version=version,
            channels=tuple(Channel(name=name, unit=unit) for name, unit in zip(CHANNELS, UNITS, strict=True)),
            sample_rate_hz=recipe.sample_rate_hz,
            window_frames=recipe.window_frames,
            min_frames=recipe.min_frames,
            labels=LETTERS,
            scales=SCALES,
            parameters=parameter_count(self.network),
            provenance=Provenance(
                data=self.data,
                split=split,
                seed=recipe.seed,
                revision=self.revision,
                recipe=recipe.as_dict(),
            ),
            report=report,
            weight_importance=self.network.get_scale_importance(),
        )


def git_revision() -> str:
    """The revision of the code that runs, `unknown` outside a checkout of its own."""
    root = Path(__file__).resolve().parent.parent
    try:
        if Path(_git(root, "rev-parse", "--show-toplevel")) != root:
            return "unknown"  # installed somewhere inside another project
        return _git(root, "describe", "--always", "--dirty", "--abbrev=12")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(folder: Path, *arguments: str) -> str:
    answer = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return answer.stdout.strip()
