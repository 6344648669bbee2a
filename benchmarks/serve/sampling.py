"""Where a server spends its CPU time, by sampling its Python stacks from outside.

`py-spy` reads them from the process's memory; the server needs nothing for it. The innermost function that a rule names
decides what a sample counts for, so that what NumPy or the kernel does counts for who called it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.server import Server

MODEL: Final = "the model"
LETTERS: Final = "letters and text"
PUBLISHING: Final = "encoding and publishing"
METRICS: Final = "metrics"
FRAMES_IN: Final = "taking frames in"
BATCHING: Final = "batching windows"
WRITING: Final = "writing to sockets"
LOOP: Final = "reading, event loop"
OTHER: Final = "other of the service"

FOLLOWS: Final = (LETTERS, PUBLISHING, METRICS)
"""What follows a prediction, without the socket."""

_RULES: Final = tuple(
    (part, re.compile(rule))
    for part, rule in (
        (MODEL, r"\(models/runtime/(kernel|gpu|artefact|accelerate)"),
        (METRICS, r"\(prometheus_client/|\(service/telemetry/|\(service/streams/stream_telemetry\.py"),
        (BATCHING, r"\(service/inference/engine\.py"),
        (WRITING, r"\.send_\w+ \(service/streams/websocket/fast_websocket\.py"),
        (PUBLISHING, r"\(service/streams/(websocket/(send_queue|text_frames)|output_queue|stream|hub)\.py|^encode"),
        (LETTERS, r"\(service/streams/native/holds\.py"),
        (FRAMES_IN, r"\(service/streams/(websocket/|native/|intake|packed_frames|rail|sensors|unread_frames|window)"),
        (FRAMES_IN, r"\(scaleglove/(resampling|channels|protocol/)|^decode_"),
        (LETTERS, r"\(models/(adaptation|runtime)/|\(scaleglove/(language|spelling|hangul)|\(service/inference/"),
        (LETTERS, r"answer\w* \(service/streams/|_predict \(service/streams/"),
        (FRAMES_IN, r"\(service/streams/(session|glove_connection|handshake)\.py"),
        (LETTERS, r"\(service/streams/"),
        (OTHER, r"\((service|models|scaleglove)/"),
    )
)
"""Part of the first rule that a frame `function (path:line)` matches."""

ORDER: Final = (MODEL, LETTERS, PUBLISHING, METRICS, FRAMES_IN, BATCHING, WRITING, LOOP, OTHER)

_RATE_HZ: Final = 250
_STARTING_S: Final = 1.0
"""In which the sampler starts, while the load runs already."""

_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Shares:
    """Samples of one server's running threads, by part."""

    server: str
    load: str
    samples: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.samples.values())

    def share(self, *parts: str) -> float:
        """Return the share of these parts together."""
        return sum(self.samples.get(part, 0) for part in parts) / self.total if self.total else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {"server": self.server, "load": self.load, "samples": self.samples}


class SamplingError(Exception):
    """Raised if a process cannot be sampled here; the text says why."""


def sample(server: Server, count: int, rhythm: Rhythm, warm_up_s: float, seconds: int) -> dict[str, int]:
    """Return the samples of a server under a load, by part.

    Raises:
        SamplingError: there is no sampler, or it may not read the process.
    """
    command = sampler()
    warm_up, counted = rhythm.messages_in(warm_up_s), rhythm.messages_in(_STARTING_S + seconds)
    with (
        tempfile.TemporaryDirectory() as folder,
        Gloves(server.address, count, rhythm, warm_up + counted, gives_up=False) as gloves,
    ):
        file = Path(folder) / "stacks"
        gloves.run(warm_up)
        options = ("--format", "raw", "--rate", str(_RATE_HZ), "--duration", str(seconds), "--output", str(file))
        with subprocess.Popen(
            [command, "record", "--pid", str(server.pid), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            gloves.run(counted)
            gloves.drain(1.0)
            try:
                _, errors = running.communicate(timeout=_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                running.kill()
                raise SamplingError("py-spy did not end") from None
        if running.returncode or not file.is_file():
            lines = errors.strip().splitlines()
            raise SamplingError(f"py-spy failed: {lines[-1] if lines else running.returncode}")
        return by_part(file.read_text(encoding="utf-8").splitlines())


def sampler() -> str:
    """Return the path of the sampler, of this environment first.

    Raises:
        SamplingError: it is not installed.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which("py-spy", path=path)
    if found is None:
        raise SamplingError("py-spy is not installed (the extra bench has it)")
    return found


def by_part(stacks: Iterable[str]) -> dict[str, int]:
    """Return the samples by part, in ORDER, of lines `outermost;...;innermost count`."""
    found: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        found[part_of(stack.split(";"))] += int(count)
    return {part: found[part] for part in ORDER if found[part]}


def part_of(stack: list[str]) -> str:
    """Return what a stack, outermost function first, counts for."""
    for frame in reversed(stack):
        for part, rule in _RULES:
            if rule.search(frame):
                # The command that runs the server is below everything.
                return LOOP if _is_command(frame) else part
    return LOOP


def _is_command(frame: str) -> bool:
    return re.search(r"\((scaleglove/(__main__|cli)|service/(cli|server|process))\.py", frame) is not None
