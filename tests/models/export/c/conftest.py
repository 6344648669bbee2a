"""Packages of the shipped artefacts, made and compiled once in a test run."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.export.c.host import LIBRARY, Package
from models.export.c.package import export_package
from models.export.c.readings import Arithmetic
from models.runtime.artefact import Artefact
from scaleglove.letters import LETTERS
from scaleglove.native.compiler import find_compiler
from scaleglove.recordings import load_episode
from tests.conftest import ROOT
from tests.firmware.builds import Builds
from tests.firmware.conftest import build_image  # noqa: F401 - a fixture

MISSION = ("MSCGRU_ScaleAware", "MSCSGRU", "MSCSGRU_ScaleAware", "MSCSGRU_ScaleHard")
NAMES = (*MISSION, "MSCSGRU_ScaleAware_Encoded", "MSCSGRU_ScaleAware_Stream")

FAST_TO_COMPILE = ("-O0",)
"""Of a package that runs a few windows: the numbers are the same, and the compiler takes a third of the time."""

LENGTHS = (*range(1, 25), 39, 54, 69, *range(77, 81))
"""Of windows: all short ones, where towers and recurrence have yet to begin, then some of every remainder of a division
by four, up to the longest."""

Windows = list[NDArray[np.float32]]


def artefact_path_of(name: str) -> Path:
    return ROOT / "models" / "artefacts" / f"{name}.onnx"


@pytest.fixture(scope="session")
def artefact_of() -> Callable[[str], Artefact]:
    """Load an artefact by name. The last one is kept: each holds 40 MB for the largest batch that it has run."""
    return lru_cache(maxsize=1)(lambda name: Artefact.load(artefact_path_of(name)))


@pytest.fixture(scope="session")
def folder_of(build_image: Builds) -> Callable[[str, Arithmetic], Path]:  # noqa: F811
    """Export a package by name and arithmetic; return its folder, which the processes of the test run share."""
    return lambda name, arithmetic: build_image.once(
        f"package {name} {arithmetic}", lambda folder: export_package(artefact_path_of(name), folder, arithmetic)
    )


@pytest.fixture(scope="session")
def package_of(
    build_image: Builds,  # noqa: F811
    folder_of: Callable[[str, Arithmetic], Path],
) -> Callable[[str, Arithmetic], Package]:
    """Compile a package for this computer, by name and arithmetic."""
    if find_compiler() is None:
        pytest.skip("there is no C compiler")

    @cache
    def make(name: str, arithmetic: Arithmetic) -> Package:
        def compile_into(folder: Path) -> None:
            shutil.copytree(folder_of(name, arithmetic), folder, dirs_exist_ok=True)
            Package.compiled(folder, arithmetic)

        folder = build_image.once(f"compiled package {name} {arithmetic}", compile_into)
        return Package(ctypes.CDLL(str(folder / LIBRARY)), arithmetic)

    return make


@pytest.fixture(scope="session")
def letters(recorded_files: list[Path]) -> Windows:
    """Read a recording of each letter, float32[n, 8]."""
    firsts = {letter: next(path for path in recorded_files if path.parts[-3] == letter) for letter in LETTERS}
    return [load_episode(path).values for path in firsts.values()]


@pytest.fixture(scope="session")
def episodes(recorded_files: list[Path]) -> Windows:
    """Read every eightieth recording, float32[n, 8]."""
    return [load_episode(path).values for path in recorded_files[::80]]
