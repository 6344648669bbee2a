"""The models that are served: the only owner of their sessions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from models.runtime.artefact import ArtefactError, load_folder
from models.runtime.kernel.kernel import Accelerator, accelerate
from service.inference.engine import Model
from service.inference.model_costs import ModelCost, time_windows
from service.problems import ProblemError


class ModelRegistry:
    """Models by name, one of them the default. What is in here was tried out at load."""

    def __init__(self, models: Mapping[str, Model], default: str, costs: Mapping[str, ModelCost] | None = None) -> None:
        self._models = dict(models)
        self._costs = {} if costs is None else dict(costs)
        self.default = default

    @classmethod
    def load(cls, folder: Path, default: str, accelerator: Accelerator) -> Self:
        """Every artefact of a folder, by the kernel or by ONNX Runtime.

        Raises:
            ArtefactError: one is broken, or the default is not among them.
            KernelError: the kernel is asked for and cannot be had.
        """
        artefacts = load_folder(folder)
        if default not in artefacts:
            raise ArtefactError(f"{folder}: no model is called {default}; there are: {', '.join(artefacts)}")
        models = {name: accelerate(artefact, accelerator) for name, artefact in artefacts.items()}
        taken_ms = time_windows(models)
        costs = {name: ModelCost(artefacts[name].path.stat().st_size, taken_ms[name]) for name in models}
        return cls(models, default, costs)

    def take_over(self, other: Self) -> None:
        """Serve what `other` does, from now on and in one step; whoever holds a model of before keeps it."""
        self._models, self.default, self._costs = other._models, other.default, other._costs

    @property
    def names(self) -> list[str]:
        return list(self._models)

    def cost(self, name: str) -> ModelCost | None:
        """Measured when it was loaded; None where it was not loaded from a folder."""
        return self._costs.get(name)

    def get(self, name: str | None = None, field: str = "model") -> Model:
        """The model of this name; None means the default. `field` is where the request names it.

        Raises:
            ProblemError: 404 `unknown_model`, naming those there are.
        """
        name = self.default if name is None else name
        if name not in self._models:
            detail = f"no model is called {name[:64]!r}; there are: {', '.join(self._models)}"
            raise ProblemError(404, "unknown_model", detail, field)
        return self._models[name]
