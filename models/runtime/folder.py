"""Folder of models: every artefact in it, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from models.runtime.artefact import Artefact, ArtefactError, read_contract, read_file
from models.runtime.kernel import KernelError
from models.runtime.kernel.onnx_file import read_graph
from models.runtime.kernel.weights import read_weights
from models.runtime.trial import try_out

SUFFIX: Final = ".onnx"


def load_folder(folder: Path) -> dict[str, Artefact]:
    """Load every artefact in a folder, by model name.

    A graph that is not one of this project's is first tried in a process of its own.

    Raises:
        ArtefactError: there is none, one cannot be used, or two have the same name.
    """
    artefacts: dict[str, Artefact] = {}
    for path in _files(folder):
        artefact = _load(path)
        name = artefact.contract.name
        if name in artefacts:
            raise ArtefactError(f"{path}: the name {name} is already taken by {artefacts[name].path}")
        artefacts[name] = artefact
    if not artefacts:
        raise ArtefactError(f"{folder}: no model artefact (*{SUFFIX}) in this folder")
    return artefacts


def _files(folder: Path) -> list[Path]:
    if not folder.exists():
        return []
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except OSError as error:
        raise ArtefactError(f"{folder}: cannot be read as a folder: {error.strerror}") from None


def _load(path: Path) -> Artefact:
    data = read_file(path)
    read_contract(data, path)  # what this refuses need not be tried
    if not _is_known(data):
        try_out(data, path)
    return Artefact.of(data, path)


def _is_known(data: bytes) -> bool:
    """Return whether a file's nodes are of this project and its sizes are bounded, so that its time and memory are."""
    try:
        read_weights(read_graph(data))
    except KernelError:
        return False
    return True
