"""The package as an image of an ESP32-C3: made and checked by esptool; there is nothing here to run it on."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.chip.emulated_chip import ESP32C3, build
from models.export.c.package import SOURCE
from models.export.c.readings import Arithmetic, to_readings
from tests.firmware.builds import needs
from tests.models.export.c.conftest import MISSION, Windows

SRAM = range(0x3FC80000, 0x3FCE0000), range(0x40380000, 0x403E0000)
"""By the bus of data and by that of instructions; ESP32-C3 Technical Reference Manual, "System and Memory"."""


def esptool(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "esptool", "--chip", "esp32c3", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def program(
    letters: Windows, folder_of: Callable[[str, Arithmetic], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Link the largest of the mission's four networks; test_on_chip.py compiles each for this processor."""
    needs(ESP32C3.compiler, ESP32C3.packages)
    name = max(MISSION, key=lambda name: (folder_of(name, "integer") / SOURCE).stat().st_size)
    readings = [to_readings(letters[0], "integer")]
    return build(ESP32C3, folder_of(name, "integer"), readings, tmp_path_factory.mktemp("esp32c3"))[0]


def test_an_image_is_made_and_checked(program: Path, tmp_path: Path) -> None:
    image = tmp_path / "net.bin"
    esptool("elf2image", "--ram-only-header", "-o", image, program)
    printed = esptool("image-info", image)
    assert "(valid)" in printed
    assert "invalid" not in printed
    magic, segments, _, _, entry = struct.unpack_from("<BBBBI", image.read_bytes())
    assert (magic, segments) == (0xE9, 2)
    assert entry in SRAM[1]


def test_a_damaged_image_is_noticed(program: Path, tmp_path: Path) -> None:
    """That the check of the test before can fail."""
    image = tmp_path / "net.bin"
    esptool("elf2image", "-o", image, program)
    content = bytearray(image.read_bytes())
    content[len(content) // 2] ^= 1
    image.write_bytes(content)
    assert "invalid" in esptool("image-info", image)
