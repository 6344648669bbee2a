"""Recorded runs of the firmware in QEMU, the same to the byte each time, in `kept/`.

    python -m tests.firmware.kept_runs

records them again, with the versions of the tools: do so when the firmware's output is meant to change.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Final

from firmware_bridge.emulator.qemu import BOARD, QEMU, UNPACED
from tests.deadlines import EVENT_S
from tests.firmware.builds import ARM_GCC, make, version

KEPT: Final = Path(__file__).with_name("kept")
MADE_WITH: Final = KEPT / "made_with.json"


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded run: its settings, and the number of bytes that are kept, about 6 s of device time."""

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
    """Return the versions of the tools that decide each byte, beside the sources."""
    emulator, _, _ = version(QEMU).partition(" (")
    return {"compiler": version(ARM_GCC), "emulator": emulator.rpartition(".")[0]}


def output_of(image: Path, size: int) -> bytes:
    """Return the first `size` bytes that the image writes; fewer if it does not write them in a minute."""
    command = [QEMU, "-M", BOARD, "-display", "none", "-monitor", "none", *UNPACED]
    with subprocess.Popen(
        [*command, "-serial", "stdio", "-kernel", str(image)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        deadline = Timer(EVENT_S, process.kill)
        deadline.start()
        try:
            return process.stdout.read(size)
        finally:
            deadline.cancel()
            process.kill()


def keep() -> None:
    """Record the runs."""
    for run in RUNS:
        with tempfile.TemporaryDirectory() as name:
            build = make("stm32f405-qemu", Path(name), run.defines)
            run.path.write_bytes(output_of(build.path("stm32f405-qemu.elf"), run.size))
    MADE_WITH.write_text(json.dumps(tools(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    keep()
