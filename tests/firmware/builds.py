"""`make` in the firmware's folder, into a folder of the test's own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from firmware_bridge.emulator.qemu import QEMU

FIRMWARE: Final = Path(__file__).parents[2] / "firmware_bridge" / "firmware"
ARM_GCC: Final = "arm-none-eabi-gcc"
ARM_PACKAGES: Final = "gcc-arm-none-eabi libnewlib-arm-none-eabi"


@dataclass(frozen=True, slots=True)
class Build:
    """What a build left in `folder` and said."""

    folder: Path
    output: str
    errors: str

    def path(self, name: str) -> Path:
        return self.folder / name


def make(target: str, folder: Path, defines: Mapping[str, str] | None = None, network: Path | None = None) -> Build:
    """Make `target`, with the `network` of an exported package; the test skips where its compiler is missing."""
    if target.startswith("stm32"):
        needs(ARM_GCC, ARM_PACKAGES)
    needs("make", "make")
    settings = " ".join(f"-D{name}={value}" for name, value in (defines or {}).items())
    variables = [f"BUILD={folder}", f"DEFINES={settings}", f"NET={network or ''}"]
    made = subprocess.run(
        ["make", "-C", str(FIRMWARE), target.replace("BUILD", str(folder)), *variables],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return Build(folder, made.stdout, made.stderr)


def needs(program: str, packages: str) -> None:
    """Skip the test when `program` is not there."""
    if shutil.which(program) is None:
        pytest.skip(f"no {program} (Debian: apt install {packages})")


def needs_qemu() -> None:
    needs(QEMU, "qemu-system-arm")


def version(program: str) -> str:
    """The first line of what it says of its version."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()[0]
