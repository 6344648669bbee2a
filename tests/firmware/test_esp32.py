"""The sketch for ESP32 fits the core: it compiles against declarations of what it uses of Arduino, and no more."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from models.export.c.package import export_package
from tests.conftest import ROOT
from tests.firmware.builds import make, needs

ARDUINO = Path(__file__).with_name("arduino")
STRICT = ["-Wall", "-Wextra", "-Werror"]


@pytest.fixture(scope="module", params=[False, True], ids=["no network", "network"])
def sketch(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = tmp_path_factory.mktemp("package") if request.param else None
    if package is not None:
        export_package(ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware.onnx", package, "integer")
    return make("esp32-sketch", tmp_path_factory.mktemp("esp32"), network=package).path("scaleglove")


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
