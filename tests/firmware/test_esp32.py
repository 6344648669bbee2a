"""The sketch for ESP32 with the core: it compiles against declarations of the Arduino functions that it uses."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.firmware.builds import needs
from tests.firmware.conftest import BuildImage

ARDUINO = Path(__file__).with_name("arduino")
STRICT = ["-Wall", "-Wextra", "-Werror"]


@pytest.fixture(scope="module", params=[False, True], ids=["no network", "network"])
def sketch(request: pytest.FixtureRequest, build_image: BuildImage) -> Path:
    package = request.getfixturevalue("package") if request.param else None
    return build_image("esp32-sketch", package).path("scaleglove")


def test_the_sketch_compiles_against_arduino_s_declarations(sketch: Path) -> None:
    needs("g++", "g++")
    source = sketch / "scaleglove.ino"
    command = ["g++", "-std=gnu++17", *STRICT, f"-I{ARDUINO}", "-fsyntax-only", "-x", "c++", str(source)]
    subprocess.run(command, check=True)


def test_the_folder_holds_all_of_the_core_and_nothing_else(sketch: Path) -> None:
    needs("gcc", "gcc")
    assert {path.suffix for path in sketch.iterdir()} == {".ino", ".c", ".h"}
    sources = sorted(str(path) for path in sketch.glob("*.c"))
    subprocess.run(["gcc", "-std=gnu99", *STRICT, "-fsyntax-only", *sources], check=True)
