"""Link with the real firmware for a minute: STM32F405 in QEMU -> pseudo-terminal -> bridge -> service -> viewer.

    python -m benchmarks.link.firmware_link --seconds 60
    python -m benchmarks.link.firmware_link --seconds 60 --network models/artefacts/MSCSGRU_ScaleAware.onnx

With a network the firmware predicts letters itself too, ten a second. The benchmark fails (exit status 1) when the
rate of the frames at the viewer is more than 1 % off, by the device's clock or by the host's, or when a frame was lost
or damaged anywhere. It needs a quiet machine: QEMU samples late when it waits for a processor.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.machine import interruptible, processor
from benchmarks.pipeline import new_stream, running_pipeline
from benchmarks.report import as_table
from models.cli.options import Json
from models.export.c.package import export_package
from scaleglove.client import Gesture, GloveLetter, LinkReport, ViewedFrames, watch

RATE_PERCENT: Final = 1.0
FIRMWARE: Final = Path(__file__).parents[2] / "firmware_bridge" / "firmware"


@dataclass(slots=True)
class Seen:
    """Messages at the viewer after the first one."""

    frames: int = 0
    lost: int = 0
    """By the numbers that the bridge gives to frames, so frames lost on the serial line are counted too."""
    device_ms: list[float] = field(default_factory=list)
    """First and newest time by the device's clock."""
    host_s: list[float] = field(default_factory=list)
    """First and newest time by the host's clock."""
    letters: str = ""
    device_letters_ms: list[float] = field(default_factory=list)
    """Device times of the letters that the firmware itself predicts."""
    link: LinkReport | None = None

    def take(self, message: ViewedFrames, next_seq: int | None, now_s: float) -> int:
        """Count these frames and return the number that the next one should have."""
        if next_seq is not None:
            self.lost += message.seq - next_seq
            self.frames += len(message.t_ms)
        self.device_ms = [*self.device_ms[:1], message.t_ms[-1]]
        self.host_s = [*self.host_s[:1], now_s]
        return message.seq + len(message.t_ms)


@dataclass(frozen=True, slots=True)
class Result:
    """Rates and losses of a run; `missing`, `damaged` and `repeated` are the bridge's counts from its start."""

    seconds: float
    nominal_hz: float
    frames: int
    device_hz: float
    host_hz: float
    lost: int
    missing: int
    damaged: int
    repeated: int
    letters: str
    device_letters_hz: float | None = None
    """Letters per second that the firmware itself predicts, by its clock."""

    def faults(self) -> list[str]:
        """Return what was wrong, as sentences."""
        found = []
        for clock, hz in (("device", self.device_hz), ("host", self.host_hz)):
            if abs(hz / self.nominal_hz - 1) * 100 > RATE_PERCENT:
                found.append(f"{hz:.2f} Hz by the {clock}'s clock, not {self.nominal_hz:g}")
        counts = {"lost": self.lost, "missing": self.missing, "damaged": self.damaged, "repeated": self.repeated}
        return found + [f"{count} frames {name}" for name, count in counts.items() if count]


def main(
    seconds: Annotated[float, typer.Option(min=5, help="Duration of the measurement.")] = 60.0,
    interval_ms: Annotated[float, typer.Option(min=1, max=1000, help="Time between frames.")] = 20.0,
    binary: Annotated[bool, typer.Option("--binary", help="Binary packets instead of text.")] = False,
    network: Annotated[Path | None, typer.Option(help="Artefact that the firmware runs itself, as integers.")] = None,
    as_json: Json = False,
) -> None:
    """Run the firmware, the bridge and the service, and report rates and losses."""
    with tempfile.TemporaryDirectory() as folder:
        image = build(Path(folder), interval_ms, binary, network)
        letters = ("--letters", "off" if network is None else "on")
        with interruptible(), running_pipeline("--firmware", str(image), bridge=letters) as url:
            result = asyncio.run(observe(url, seconds, 1000.0 / interval_ms))
    faults = result.faults()
    if as_json:
        print(json.dumps({**asdict(result), "faults": faults}, ensure_ascii=False))
    else:
        rows = [["", ""], *([name.replace("_", " "), _shown(value)] for name, value in asdict(result).items())]
        Console().print(as_table(rows, f"{'binary' if binary else 'text'}, {processor()}"))
    for fault in faults:
        print(fault, file=sys.stderr)
    raise typer.Exit(1 if faults else 0)


def _shown(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def build(folder: Path, interval_ms: float, binary: bool, network: Path | None) -> Path:
    """Build the image for QEMU with these settings and return its path."""
    if network is not None:
        export_package(network, folder, "integer")
    defines = f"-DSG_INTERVAL_US={round(interval_ms * 1000)}u" + (" -DSG_FORMAT=SG_FORMAT_BINARY" if binary else "")
    command = ["make", "--quiet", "-C", str(FIRMWARE), "stm32f405-qemu", f"BUILD={folder}", f"DEFINES={defines}"]
    command += [] if network is None else [f"NET={folder}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "stm32f405-qemu.elf"


async def observe(url: str, seconds: float, nominal_hz: float) -> Result:
    """Watch the only stream of the service for `seconds`."""
    seen = Seen()
    next_seq: int | None = None
    async with watch(url, await new_stream(url)) as messages:
        async for message in messages:
            now_s = time.perf_counter()
            if isinstance(message, ViewedFrames):
                next_seq = seen.take(message, next_seq, now_s)
                if seen.host_s[-1] - seen.host_s[0] >= seconds:
                    break
            elif isinstance(message, LinkReport):
                seen.link = message
            elif isinstance(message, Gesture) and message.phase == "begin":
                seen.letters += message.label
            elif isinstance(message, GloveLetter):
                seen.device_letters_ms.append(message.t_ms)
    if seen.link is None:
        raise SystemExit("the bridge sent no report on its link")
    return Result(
        seen.host_s[-1] - seen.host_s[0],
        nominal_hz,
        seen.frames,
        1000 * seen.frames / (seen.device_ms[-1] - seen.device_ms[0]),
        seen.frames / (seen.host_s[-1] - seen.host_s[0]),
        seen.lost,
        seen.link.missing,
        seen.link.damaged,
        seen.link.repeated,
        seen.letters,
        rate_hz(seen.device_letters_ms),
    )


def rate_hz(times_ms: list[float]) -> float | None:
    """Return the rate of events at these times, None for fewer than two."""
    return None if len(times_ms) < 2 else 1000 * (len(times_ms) - 1) / (times_ms[-1] - times_ms[0])


if __name__ == "__main__":
    typer.run(main)
