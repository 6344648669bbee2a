"""The image's own layer: what the Dockerfile leaves of the packages is small enough, and still runs.

Docker is not needed: the command that removes what no program loads is read from the Dockerfile and run on a copy of
the packages that are installed here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

import pytest
from mcap.writer import CompressionType
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from firmware_bridge.recorder.reader import read_recording
from firmware_bridge.recorder.schemas import FRAMES
from tests.conftest import ROOT
from tests.firmware_bridge.recorder.test_damage import CHUNKS, IN_CHUNK, WHOLE
from tests.package.conftest import run
from tests.package.test_install import line, running

IMAGE_MB: Final = 300
BASE_MB: Final = 125
"""python:3.11-slim on disk: 124.84 MB on linux/amd64 in August 2026 (docker-library/repo-info)."""
BYTECODE: Final = 1.25
"""Bytes of bytecode for each byte of a program's text, which pip may not have made here: 1.24 in the image."""
PLACE: Final = "/opt/scaleglove/lib/python3*/site-packages"


def required(name: str, extras: frozenset[str], found: dict[str, Distribution]) -> None:
    """Add the installed packages that a package with extras needs to `found`, by name."""
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is not None and not any(marker.evaluate({"extra": extra}) for extra in (extras or {""})):
            continue
        key = canonicalize_name(requirement.name)
        if key not in found:
            found[key] = distribution(requirement.name)
            required(requirement.name, frozenset(requirement.extras), found)


@pytest.fixture(scope="module")
def packages(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder as the image has it: the wheel, what it needs, and of those what the Dockerfile leaves."""
    if shutil.which("strip") is None:
        pytest.skip("no strip: install it (apt install binutils)")
    place = tmp_path_factory.mktemp("image")
    run(sys.executable, "-m", "venv", "--without-pip", place, cwd=place)
    (folder,) = place.glob("lib/python3*/site-packages")
    zipfile.ZipFile(wheel).extractall(folder)
    found: dict[str, Distribution] = {}
    required("scaleglove", frozenset({"bridge", "serve"}), found)
    for package in found.values():
        for file in package.files or ():
            source = Path(str(package.locate_file(file)))
            if ".." not in file.parts and source.is_file():
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    commands = re.findall(r"^RUN ((?:.+\\\n)*.+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    (command,) = (each for each in commands if PLACE in each)
    subprocess.run(["sh", "-ec", command.replace(PLACE, str(folder))], check=True, timeout=60)
    return folder


def test_the_image_has_at_most_300_mb(packages: Path) -> None:
    files = [path for path in packages.rglob("*") if path.is_file() and not path.is_symlink()]
    compiled = sum(path.stat().st_size for path in files if path.suffix == ".pyc")
    size = sum(path.stat().st_size for path in files)
    texts = sum(path.stat().st_size for path in files if path.suffix == ".py")
    whole = (size - compiled + BYTECODE * texts) / 1e6
    print(f"the image's own layer has {whole:.0f} MB, {compiled / 1e6:.0f} MB of it bytecode here")  # noqa: T201 - the figure
    assert BASE_MB + whole < IMAGE_MB


def python(packages: Path) -> Path:
    return packages.parents[2] / "bin" / "python"


def test_what_is_left_runs_the_demo(packages: Path, tmp_path: Path) -> None:
    with running(python(packages), "-m", "scaleglove", "demo", "--port", "0", cwd=tmp_path) as demo:
        line(demo, "ㅇ")


@pytest.mark.parametrize("compression", WHOLE, ids=str)
def test_what_is_left_recovers_recordings(packages: Path, tmp_path: Path, compression: CompressionType) -> None:
    (tmp_path / "cut.mcap").write_bytes(WHOLE[compression][:-100])
    run(python(packages), "-m", "scaleglove", "recover", "cut.mcap", "whole.mcap", cwd=tmp_path)
    assert len(read_recording(tmp_path / "whole.mcap").of(FRAMES)) == CHUNKS * IN_CHUNK


def test_what_is_left_shows_its_help(packages: Path, tmp_path: Path) -> None:
    assert "Usage" in run(python(packages), "-m", "scaleglove", "bench", "--help", cwd=tmp_path).stdout
