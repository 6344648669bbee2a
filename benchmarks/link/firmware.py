"""The whole road with firmware for a minute: STM32F405 in QEMU -> pseudo-terminal -> bridge -> service -> a viewer.

    python -m benchmarks.link.firmware --seconds 60
    python -m benchmarks.link.firmware --seconds 60 --network models/artefacts/MSCSGRU_ScaleAware.onnx

With a network the glove says its own letters too, ten a second. The benchmark fails (exit status 1) when the frames
that the viewer sees come at a rate more than 1 % off, by the device's clock or by ours, or when a frame was lost or
damaged anywhere on the road. Wants a quiet machine: QEMU that has to wait for a processor samples late.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer
from rich.console import Console

from benchmarks.machine import processor
from benchmarks.serve.report import as_table
from firmware_bridge.codec.commands import Letters
from models.cli.options import Json
from models.export.c.package import export_package
from scaleglove.child_processes import read_first_line, run_child
from scaleglove.client import (
    Gesture,
    GloveLetter,
    LinkReport,
    ViewedFrames,
    watch,
)

RATE_PERCENT: Final = 1.0
FIRMWARE: Final = Path(__file__).parents[2] / "firmware_bridge" / "firmware"

_APPEARS_S: Final = 20.0
_STEP_S: Final = 0.1


@dataclass(slots=True)
class Seen:
    """What came to the viewer, after the message that it begins with."""

    frames: int = 0
    lost: int = 0
    """By the numbers that the bridge gives the frames: those lost on the serial line are counted too."""
    device_ms: list[float] = field(default_factory=list)
    """Where it began and where it stands, by the device's clock, and below by ours in s."""
    own_s: list[float] = field(default_factory=list)
    letters: str = ""
    own_letters: list[float] = field(default_factory=list)
    """Device times in ms of the letters that the glove itself says."""
    link: LinkReport | None = None

    def take(self, message: ViewedFrames, next_seq: int | None, now_s: float) -> int:
        """Count these frames; gives the number that the next one should have."""
        if next_seq is not None:
            self.lost += message.seq - next_seq
            self.frames += len(message.t_ms)
        self.device_ms = [*self.device_ms[:1], message.t_ms[-1]]
        self.own_s = [*self.own_s[:1], now_s]
        return message.seq + len(message.t_ms)


@dataclass(frozen=True, slots=True)
class Result:
    """A run: rates in frames a second; `missing`, `damaged` and `repeated` as the bridge counts them from its start."""

    seconds: float
    nominal_hz: float
    frames: int
    device_hz: float
    own_hz: float
    lost: int
    missing: int
    damaged: int
    repeated: int
    letters: str
    own_letters_hz: float | None = None
    """Letters that the glove itself says, a second by its clock."""

    def faults(self) -> list[str]:
        """What was not as it should be, in words."""
        said = []
        for clock, hz in (("the device's", self.device_hz), ("our", self.own_hz)):
            if abs(hz / self.nominal_hz - 1) * 100 > RATE_PERCENT:
                said.append(f"{hz:.2f} Hz by {clock} clock, not {self.nominal_hz:g}")
        counts = {"lost": self.lost, "missing": self.missing, "damaged": self.damaged, "repeated": self.repeated}
        return said + [f"{count} frames {name}" for name, count in counts.items() if count]


def main(
    seconds: Annotated[float, typer.Option(min=5, help="How long to look.")] = 60.0,
    interval_ms: Annotated[float, typer.Option(min=1, max=1000, help="Time between frames.")] = 20.0,
    binary: Annotated[bool, typer.Option("--binary", help="Binary packets instead of text.")] = False,
    network: Annotated[Path | None, typer.Option(help="Artefact that the firmware runs itself, as integers.")] = None,
    as_json: Json = False,
) -> None:
    """Run the road and say what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        image = build(Path(folder), interval_ms, binary, network)
        with road(image, "off" if network is None else "on") as url:
            result = asyncio.run(look(url, seconds, 1000.0 / interval_ms))
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
    """The image for QEMU with these settings."""
    if network is not None:
        export_package(network, folder, "integer")
    defines = f"-DSG_INTERVAL_US={round(interval_ms * 1000)}u" + (" -DSG_FORMAT=SG_FORMAT_BINARY" if binary else "")
    command = ["make", "--quiet", "-C", str(FIRMWARE), "stm32f405-qemu", f"BUILD={folder}", f"DEFINES={defines}"]
    command += [] if network is None else [f"NET={folder}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "stm32f405-qemu.elf"


@contextlib.contextmanager
def road(image: Path, letters: Letters) -> Iterator[str]:
    """The parts, as processes that a user would start; gives the service's address."""
    nowhere = subprocess.DEVNULL
    with contextlib.ExitStack() as parts:
        service = parts.enter_context(run_child("scaleglove", "serve", "--port", "0", stderr=nowhere))
        url = read_first_line(service, "service").rpartition(" ")[2]
        glove = parts.enter_context(run_child("scaleglove", "emulate", "--firmware", str(image)))
        path = read_first_line(glove, "glove")
        bridge = ("scaleglove", "bridge", "--port", path, "--url", url, "--letters", letters)
        parts.enter_context(run_child(*bridge, stdout=nowhere, stderr=nowhere))
        yield url


async def look(url: str, seconds: float, nominal_hz: float) -> Result:
    """Watch the one stream of the service for so long."""
    seen = Seen()
    next_seq: int | None = None
    async with watch(url, await the_stream(url)) as messages:
        async for message in messages:
            now_s = time.perf_counter()
            if isinstance(message, ViewedFrames):
                next_seq = seen.take(message, next_seq, now_s)
                if seen.own_s[-1] - seen.own_s[0] >= seconds:
                    break
            elif isinstance(message, LinkReport):
                seen.link = message
            elif isinstance(message, Gesture) and message.phase == "begin":
                seen.letters += message.label
            elif isinstance(message, GloveLetter):
                seen.own_letters.append(message.t_ms)
    if seen.link is None:
        raise SystemExit("the bridge did not report on its link")
    return Result(
        seen.own_s[-1] - seen.own_s[0],
        nominal_hz,
        seen.frames,
        1000 * seen.frames / (seen.device_ms[-1] - seen.device_ms[0]),
        seen.frames / (seen.own_s[-1] - seen.own_s[0]),
        seen.lost,
        seen.link.missing,
        seen.link.damaged,
        seen.link.repeated,
        seen.letters,
        own_letters_hz(seen.own_letters),
    )


def own_letters_hz(times_ms: list[float]) -> float | None:
    return None if len(times_ms) < 2 else 1000 * (len(times_ms) - 1) / (times_ms[-1] - times_ms[0])


async def the_stream(url: str) -> str:
    """The id of the bridge's stream, once it is there."""
    end = time.monotonic() + _APPEARS_S
    async with httpx.AsyncClient() as client:
        while time.monotonic() < end:
            if streams := (await client.get(f"{url}/v1/streams")).json()["streams"]:
                return str(streams[0]["stream"])
            await asyncio.sleep(_STEP_S)
    raise SystemExit("the bridge's stream did not appear")


if __name__ == "__main__":
    typer.run(main)
