"""Programs and libraries built by `make`: each once in a test run, whichever of its processes needs it first."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from firmware_bridge.emulator.qemu import QEMU
from tests.conftest import ROOT

FIRMWARE: Final = ROOT / "firmware_bridge" / "firmware"
CLIENT: Final = ROOT / "clients" / "c"
ARM_GCC: Final = "arm-none-eabi-gcc"
ARM_PACKAGES: Final = "gcc-arm-none-eabi libnewlib-arm-none-eabi"


@dataclass(frozen=True, slots=True)
class Build:
    """A build: its folder, and the output and errors of `make`."""

    folder: Path
    output: str
    errors: str

    def path(self, name: str) -> Path:
        return self.folder / name


class Builds:
    """The builds of a test run in `folder`, which its processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, target: str = "stm32f405-qemu", network: Path | None = None, *, source: Path = FIRMWARE, **defines: str
    ) -> Build:
        """Make `target` of the Makefile in `source`, with these settings and maybe the network of an exported package.

        The test skips where the compiler is missing.
        """
        folder = self.once(
            f"{source} {target} {network} {sorted(defines.items())}",
            lambda folder: _keep(make(target, folder, defines, network, source)),
        )
        return Build(folder, (folder / _OUTPUT).read_text(), (folder / _ERRORS).read_text())

    def once(self, name: str, fill: Callable[[Path], None]) -> Path:
        """Return a folder that `fill` has filled, in this process or in another one of the test run."""
        folder = self._folder / hashlib.sha256(name.encode()).hexdigest()[:16]
        with _locked(folder.with_suffix(".lock")):
            if not folder.exists():
                unfinished = folder.with_suffix(".unfinished")
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                fill(unfinished)
                unfinished.rename(folder)
        return folder


_OUTPUT: Final = "make.output"
_ERRORS: Final = "make.errors"


def _keep(build: Build) -> None:
    build.path(_OUTPUT).write_text(build.output)
    build.path(_ERRORS).write_text(build.errors)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make(
    target: str,
    folder: Path,
    defines: Mapping[str, str] | None = None,
    network: Path | None = None,
    source: Path = FIRMWARE,
) -> Build:
    """Make `target` into `folder`; the test skips where its compiler is missing."""
    needs(*(ARM_GCC, ARM_PACKAGES) if target.startswith("stm32") else ("gcc", "gcc"))
    needs("make", "make")
    settings = " ".join(f"-D{name}={value}" for name, value in (defines or {}).items())
    variables = [f"BUILD={folder}", f"DEFINES={settings}", f"NET={network or ''}"]
    made = subprocess.run(
        ["make", "-C", str(source), target.replace("BUILD", str(folder)), *variables],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return Build(folder, made.stdout, made.stderr)


def needs(program: str, packages: str) -> None:
    """Skip the test when `program` is missing."""
    if shutil.which(program) is None:
        pytest.skip(f"no {program} (Debian: apt install {packages})")


def needs_qemu() -> None:
    """Skip the test when QEMU is missing."""
    needs(QEMU, "qemu-system-arm")


def version(program: str) -> str:
    """Return the first line of a program's version."""
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return shown.stdout.splitlines()[0]
