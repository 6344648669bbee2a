"""Runs of the firmware in QEMU that are the same to the byte each time, kept in `kept/`.

    python -m tests.firmware.kept_runs

keeps them anew, with what they were made with: do so when the firmware is meant to say something else.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_bridge.emulator.qemu import BOARD, QEMU, UNPACED
from tests.firmware.builds import ARM_GCC, make, version

KEPT: Final = Path(__file__).with_name("kept")
MADE_WITH: Final = KEPT / "made_with.json"
_PATIENCE_S: Final = 60.0
_STEP_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Run:
    """One of them: its settings, and how many bytes of it are kept, some 6 s of device time."""

    name: str
    defines: dict[str, str]
    size: int

    @property
    def path(self) -> Path:
        return KEPT / f"{self.name}.bin"


RUNS: Final = (
    Run("text", {}, 18_000),
    Run("binary", {"SG_FORMAT": "SG_FORMAT_BINARY", "SG_ACCELERATION": "true"}, 17_000),
)


def tools() -> dict[str, str]:
    """What decides each byte, beside the sources."""
    emulator, _, _ = version(QEMU).partition(" (")
    return {"compiler": version(ARM_GCC), "emulator": emulator.rpartition(".")[0]}


def say(image: Path, size: int, folder: Path) -> bytes:
    """The first `size` bytes that the image says."""
    said = folder / "said.bin"
    command = [QEMU, "-M", BOARD, "-display", "none", "-monitor", "none", *UNPACED]
    process = subprocess.Popen([*command, "-serial", f"file:{said}", "-kernel", str(image)])
    try:
        end = time.monotonic() + _PATIENCE_S
        while not said.exists() or said.stat().st_size < size:
            assert process.poll() is None
            assert time.monotonic() < end, "the machine says nothing"
            time.sleep(_STEP_S)
    finally:
        process.kill()
        process.wait()
    return said.read_bytes()[:size]


def keep() -> None:
    """Make the runs and keep them."""
    for run in RUNS:
        with tempfile.TemporaryDirectory() as name:
            build = make("stm32f405-qemu", Path(name), run.defines)
            run.path.write_bytes(say(build.path("stm32f405-qemu.elf"), run.size, Path(name)))
    MADE_WITH.write_text(json.dumps(tools(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    keep()
