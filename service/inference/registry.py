"""Registry of the served models, the only owner of their sessions, and their costs on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from models.runtime.accelerate import Accelerator, accelerate
from models.runtime.artefact import ArtefactError
from models.runtime.folder import load_folder
from scaleglove.channels import CHANNELS
from scaleglove.language.language_model import language_model
from service.inference.engine import Model, Window
from service.problems import ProblemError

_ROUNDS: Final = 15
"""Timed runs of each model, tenths of a millisecond each: they do not noticeably delay the start."""


@dataclass(frozen=True, slots=True)
class ModelCost:
    """Cost of a served model: the size of its file, and the median time for a single full window."""

    file_bytes: int
    window_ms: float


class ModelRegistry:
    """Models by name, one of them the default; each has passed a test at load."""

    def __init__(self, models: Mapping[str, Model], default: str, costs: Mapping[str, ModelCost] | None = None) -> None:
        self._models = dict(models)
        self._costs = {} if costs is None else dict(costs)
        self.default = default

    @classmethod
    def load(cls, folder: Path, default: str | None, accelerator: Accelerator, usual: str = "") -> Self:
        """Load every artefact of a folder, to run on the kernel, on ONNX Runtime or on a GPU.

        Args:
            folder: of artefacts.
            default: name of the default model; None: `usual` where the folder has it, else its only one.
            accelerator: how models are computed.
            usual: name of the model that is the default among others.

        Raises:
            ArtefactError: an artefact is damaged, or the default model is missing or not named.
            GpuError: a GPU is required and not available.
            KernelError: the kernel is required and not available.
        """
        artefacts = load_folder(folder)
        choice = f"set --model (SCALEGLOVE_MODEL) to one of {', '.join(artefacts)}"
        if default is None and usual not in artefacts and len(artefacts) > 1:
            raise ArtefactError(f"{folder}: several models, and none is named as the default; {choice}")
        if default is None:
            default = usual if usual in artefacts else next(iter(artefacts))
        if default not in artefacts:
            raise ArtefactError(f"{folder}: no model is called {default}; {choice}")
        models = {name: accelerate(artefact, accelerator) for name, artefact in artefacts.items()}
        for model in models.values():  # nearly half a second for each language, for which no stream has to wait
            language_model(model.contract.vocabulary.language)
        try:
            window_ms = _time_windows(models)
        except Exception as error:  # noqa: BLE001 - a model of any kind raises many types
            raise ArtefactError(f"{folder}: a model does not run: {type(error).__name__}: {error}") from None
        costs = {name: ModelCost(artefacts[name].file_bytes, window_ms[name]) for name in models}
        return cls(models, default, costs)

    def take_over(self, other: Self) -> None:
        """Replace the models by those of `other`, at once; users of a previous model keep it."""
        self._models, self.default, self._costs = other._models, other.default, other._costs

    @property
    def names(self) -> list[str]:
        """Names of the models."""
        return list(self._models)

    def cost(self, name: str) -> ModelCost | None:
        """Return the cost of a model, measured at load; None if it was not loaded from a folder."""
        return self._costs.get(name)

    def get(self, name: str | None = None, field: str = "model") -> Model:
        """Return the model of a name, or the default model; `field` is the part of the request with the name.

        Raises:
            ProblemError: 404 `unknown_model`, naming the served models.
        """
        name = self.default if name is None else name
        if name not in self._models:
            detail = f"no model is called {name[:64]!r}; the models are {', '.join(self._models)}"
            raise ProblemError(404, "unknown_model", detail, field)
        return self._models[name]


def _time_windows(models: Mapping[str, Model]) -> dict[str, float]:
    """Return the median milliseconds for a full window of each model. The models run in turn, so that changes in the
    speed of the machine affect all of them alike."""
    windows = {name: _random_window(model) for name, model in models.items()}
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(_ROUNDS):
        for name, model in models.items():
            begun = time.perf_counter()
            model.run_windows([windows[name]])
            seconds[name].append(time.perf_counter() - begun)
    return {name: 1000 * statistics.median(taken) for name, taken in seconds.items()}


def _random_window(model: Model) -> Window:
    rng = np.random.default_rng(0)
    return rng.uniform(0, 900, (model.contract.window_frames, len(CHANNELS))).astype(np.float32)
