"""The package answers on chips as it does here, float32 to the bit and integers exactly, for no more instructions,
flash and RAM than were promised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.chip.emulated_chip import (
    CHIPS,
    CORTEX_M4F,
    HOST,
    RV32IMC,
    MachineError,
    Run,
    Target,
    run,
)
from models.export.c.host import Package
from models.export.c.readings import Arithmetic, to_readings
from tests.firmware.builds import needs
from tests.models.export.c.conftest import MISSION, NAMES, Windows

FLOAT32_WINDOW = 7_000_000
INTEGER_WINDOW = {CORTEX_M4F.name: 4_000_000, RV32IMC.name: 12_000_000}
INTEGER_STEP = 150_000
"""On the Cortex-M4F: less than 1 ms at 168 MHz, were an instruction a cycle."""

FLASH, RAM = 80_000, 12_000
"""Bytes, of integers; the stack of the package is in the latter."""

ENCODED, STREAM = (name for name in NAMES if name not in MISSION)
SANITIZED_FLOAT32 = ("MSCGRU_ScaleAware", "MSCSGRU_ScaleHard", ENCODED)
SANITIZED_INTEGER = ("MSCSGRU", "MSCSGRU_ScaleAware", ENCODED, STREAM)
"""Each network under sanitizers in one arithmetic; in both the one that has code of its own for its bins."""


def case(name: str, target: Target) -> Any:
    return pytest.param(name, target, id=f"{name}-{target.name}")


FLOAT32 = [
    *(case(name, HOST) for name in SANITIZED_FLOAT32),
    *(case(name, CORTEX_M4F) for name in NAMES),
]
INTEGER = [
    *(case(name, HOST) for name in SANITIZED_INTEGER),
    *(case(name, chip) for name in MISSION for chip in CHIPS),
    case(ENCODED, RV32IMC),
    case(STREAM, CORTEX_M4F),
]
"""All that has bounds to keep on all chips; of the two others, each on one."""

FolderOf = Callable[[str, Arithmetic], Path]
PackageOf = Callable[[str, Arithmetic], Package]


def needs_target(target: Target) -> None:
    needs(target.compiler, target.packages)
    if target.qemu:
        needs(target.qemu[0], target.packages)


def bits(shares: NDArray[Any]) -> tuple[int, ...]:
    unsigned = {4: np.uint32, 2: np.uint16}[shares.itemsize]
    return tuple(shares.view(unsigned).tolist())


def assert_answers_as_here(ran: Run, package: Package, windows: Windows) -> None:
    assert len(ran.windows) == len(windows)
    for window, found in zip(windows, ran.windows, strict=True):
        letter, probabilities = package.window(window)
        assert found.answer == (letter, *bits(probabilities))
        assert found.answer_by_steps == found.answer
        assert found.shares == found.shares_by_pieces == bits(package.importance())


def windows_of(letters: Windows) -> Windows:
    """Return two whole windows, the longest that a network is asked for, and windows that are short, odd or wild.

    Which letters they hold does not matter: what a package answers to each one is compared on this computer.
    """
    wild = np.tile(np.float32([[0, 2000] * 4]), (33, 1))
    return [*letters[::12], letters[0][:1], letters[1][:2], letters[2][:11], letters[3][:38], wild]


@pytest.mark.parametrize(("name", "target"), FLOAT32)
def test_float32_answers_to_the_bit(
    name: str, target: Target, letters: Windows, folder_of: FolderOf, package_of: PackageOf, tmp_path: Path
) -> None:
    needs_target(target)
    windows = windows_of(letters)
    readings = [to_readings(window, "float32") for window in windows]
    ran = run(target, folder_of(name, "float32"), readings, tmp_path)
    assert_answers_as_here(ran, package_of(name, "float32"), windows)
    if name in MISSION:
        assert max(found.window for found in ran.windows) <= FLOAT32_WINDOW


@pytest.mark.parametrize(("name", "target"), INTEGER)
def test_integers_answer_exactly(
    name: str, target: Target, letters: Windows, folder_of: FolderOf, package_of: PackageOf, tmp_path: Path
) -> None:
    needs_target(target)
    windows = windows_of(letters)
    readings = [to_readings(window, "integer") for window in windows]
    ran = run(target, folder_of(name, "integer"), readings, tmp_path)
    assert_answers_as_here(ran, package_of(name, "integer"), windows)
    if target is not HOST and name in MISSION:
        assert max(found.window for found in ran.windows) <= INTEGER_WINDOW[target.name]
        assert ran.state + ran.stack <= RAM
        assert ran.flash <= FLASH
    if target is CORTEX_M4F:
        assert max(found.dearest_step for found in ran.windows) <= INTEGER_STEP


def test_the_count_is_the_same_on_every_run(letters: Windows, folder_of: FolderOf, tmp_path: Path) -> None:
    needs_target(CORTEX_M4F)
    readings = [to_readings(letters[0], "float32")]
    first, second = (run(CORTEX_M4F, folder_of("MSCGRU_ScaleAware", "float32"), readings, tmp_path) for _ in range(2))
    assert first == second
    assert first.windows[0].window > 1_000_000


def test_what_does_not_compile_is_reported(tmp_path: Path) -> None:
    needs("gcc", "gcc")
    (tmp_path / "sg_net.c").write_text("int broken", encoding="utf-8")
    with pytest.raises(MachineError, match="error"):
        run(HOST, tmp_path, [np.zeros((1, 8), np.float32)], tmp_path)
