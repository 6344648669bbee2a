"""The core for this computer, and firmware built for these tests: each build once."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.firmware.builds import Build, make
from tests.firmware.core import load

BuildImage = Callable[..., Build]


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The firmware's core as a library of this computer."""
    if shutil.which("gcc") is None or shutil.which("make") is None:
        pytest.skip("gcc or make is missing")
    return load(tmp_path_factory.mktemp("core"))


@pytest.fixture(scope="session")
def build_image(tmp_path_factory: pytest.TempPathFactory) -> BuildImage:
    """`build_image("stm32f405-qemu", SG_INTERVAL_US="10000u")`: an image with these settings, and maybe a network."""
    built: dict[tuple[object, ...], Build] = {}

    def build(target: str = "stm32f405-qemu", network: Path | None = None, **defines: str) -> Build:
        key = (target, network, *sorted(defines.items()))
        if key not in built:
            built[key] = make(target, tmp_path_factory.mktemp("firmware"), defines, network)
        return built[key]

    return build


@pytest.fixture(scope="session")
def image(build_image: BuildImage) -> Path:
    """What a user builds for QEMU."""
    return build_image().path("stm32f405-qemu.elf")
