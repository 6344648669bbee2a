"""The models that are served: the only owner of their sessions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from models.artefact import Artefact, ArtefactError, load_folder
from service.problems import ProblemError


class ModelRegistry:
    """Artefacts by name, one of them the default. What is in here was tried out at load."""

    def __init__(self, artefacts: Mapping[str, Artefact], default: str) -> None:
        self._artefacts = dict(artefacts)
        self.default = default

    @classmethod
    def load(cls, folder: Path, default: str) -> Self:
        """Every artefact of a folder.

        Raises:
            ArtefactError: one is broken, or the default is not among them.
        """
        artefacts = load_folder(folder)
        if default not in artefacts:
            raise ArtefactError(f"{folder}: no model is called {default}; there are: {', '.join(artefacts)}")
        return cls(artefacts, default)

    @property
    def names(self) -> list[str]:
        return list(self._artefacts)

    def get(self, name: str | None = None, field: str = "model") -> Artefact:
        """The artefact of this name; None means the default. `field` is where the request names it.

        Raises:
            ProblemError: 404 `unknown_model`, naming those there are.
        """
        name = self.default if name is None else name
        if name not in self._artefacts:
            detail = f"no model is called {name[:64]!r}; there are: {', '.join(self._artefacts)}"
            raise ProblemError(404, "unknown_model", detail, field)
        return self._artefacts[name]
