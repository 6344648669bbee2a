"""Libraries for this computer (the firmware's core, the decoder in C) and firmware images, each built once."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

from models.export.c.package import export_package
from tests.conftest import ROOT
from tests.firmware import client as client_library
from tests.firmware import core as core_library
from tests.firmware.builds import Builds

BuildImage = Builds


@pytest.fixture(scope="session")
def build_image(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """Return the builds: `build_image("stm32f405-qemu", SG_INTERVAL_US="10000u")` is an image with these settings."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    return Builds(folder / "builds")


@pytest.fixture(scope="session")
def core(build_image: Builds) -> ctypes.CDLL:
    """Build the firmware's core as a library of this computer."""
    return core_library.load(build_image("lib"))


@pytest.fixture(scope="session")
def client(build_image: Builds) -> ctypes.CDLL:
    """Build the decoder in C as a library of this computer."""
    return client_library.load(build_image)


@pytest.fixture(scope="session")
def package(build_image: Builds) -> Path:
    """Export the shipped network as a package in C, in integers."""
    artefact = ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware.onnx"
    return build_image.once("package", lambda folder: export_package(artefact, folder, "integer"))


@pytest.fixture(scope="session")
def image(build_image: Builds) -> Path:
    """Build the image for QEMU as a user builds it."""
    return build_image().path("stm32f405-qemu.elf")
