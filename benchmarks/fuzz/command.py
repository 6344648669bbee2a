"""Fuzz what takes bytes from outside, each kind for some minutes, and report in one table.

    python -m benchmarks.fuzz [--minutes 10] [--only streams] [--seed 1]

A finding is an answer 5xx other than 503, an exception that is no refusal, a traceback in the service's log, a process
that ends or hangs, or memory that grows by more than a third after the first fifth of the time. Each case has a seed of
its own, which is named with what it found. The exit status is 1 where something was found. (The firmware's and the
kernel's C is fuzzed with sanitizers by `make -C firmware_bridge/firmware fuzz` and by tests.)
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, Final

import typer

from benchmarks import machine
from benchmarks.fuzz.offline import OFFLINE
from benchmarks.fuzz.served import SERVED, Case
from benchmarks.serve.server import Server, running

KINDS: Final = (*SERVED, *OFFLINE)
GROWTH: Final = 4 / 3
MOST_FINDINGS: Final = 5

_PLACES: Final = 6
_WARM: Final = 0.2
_HANGS_S: Final = 60.0
_SERVICE: Final = ("scaleglove", "serve", "--host", "127.0.0.1", "--port", "0", "--log-level", "error")


@dataclass
class Found:
    """What came of the cases of one kind."""

    kind: str
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    warm_mib: float = 0.0
    mib: float = 0.0

    def judge(self) -> None:
        """Add growth of memory to the findings."""
        if self.mib > GROWTH * self.warm_mib > 0:
            self.findings.append(f"memory grew from {self.warm_mib:.0f} to {self.mib:.0f} MiB")

    def row(self) -> str:
        common = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.most_common(6))
        found = "; ".join(self.findings) or "nothing"
        memory = f"{self.warm_mib:.0f} to {self.mib:.0f}"
        return f"| {self.kind} | {self.outcomes.total()} | {self.seconds:.0f} | {common} | {memory} | {found} |"


def explore(kind: str, case: Case, seconds: float, seed: int, resident: Callable[[], int]) -> Found:
    """Try cases for some seconds; `resident` returns the bytes of the process that is judged."""
    found, begin_s, number = Found(kind), time.perf_counter(), 0
    while (passed_s := time.perf_counter() - begin_s) < seconds and len(found.findings) < MOST_FINDINGS:
        number += 1
        try:
            found.outcomes[case(random.Random(f"{kind} {seed} {number}"))] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
            found.outcomes["found"] += 1
            found.findings.append(f"case {number}: {type(error).__name__}: {error}"[:300].replace("\n", " "))
        if passed_s < _WARM * seconds:
            found.warm_mib = resident() / 2**20
    found.seconds, found.mib = time.perf_counter() - begin_s, resident() / 2**20
    found.judge()
    return found


def explore_offline(kind: str, seconds: float, seed: int) -> Found:
    """Try cases in a process of its own, so that a signal is found too."""
    receiving, sending = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_child, args=(sending, kind, seconds, seed))
    process.start()
    sending.close()
    try:
        if not receiving.poll(seconds + _HANGS_S):
            return Found(kind, findings=["a case hangs"], seconds=seconds)
        found: Found = receiving.recv()
    except EOFError:
        process.join()
        return Found(kind, findings=[f"the process ended with status {process.exitcode}"])
    else:
        return found
    finally:
        process.kill()
        process.join()


def _child(sending: Connection, kind: str, seconds: float, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place, case = Path(folder), OFFLINE[kind]
        own = os.getpid()
        sending.send(explore(kind, lambda draw: case(draw, place), seconds, seed, lambda: machine.resident_bytes(own)))


def explore_served(kind: str, seconds: float, seed: int) -> Found:
    """Try cases on a service of their own, and look what it has logged."""
    with tempfile.TemporaryDirectory() as folder, _service(Path(folder)) as (server, log):
        found = explore(kind, SERVED[kind](server.address), seconds, seed, server.resident_bytes)
        text = log.read_text(encoding="utf-8")
        if "Traceback" in text:
            found.findings.append(f"a traceback: {_last_of(text)}")
        try:
            SERVED[kind](server.address)(random.Random(seed))
        except OSError as error:
            found.findings.append(f"the service does not answer any more: {error}")
    return found


def _last_of(log: str) -> str:
    """Return what the first exception in a log says, and the last places that it came through."""
    lines = log[log.index("Traceback") :].splitlines()
    end = next((at for at, line in enumerate(lines) if at and not line.startswith(" ")), len(lines) - 1)
    places = re.findall(r'([^/"]+)", line (\d+)', "\n".join(lines[:end]))
    return f"{lines[end][:200]} ({', '.join(f'{file}:{line}' for file, line in places[-_PLACES:])})"


@contextmanager
def _service(folder: Path) -> Iterator[tuple[Server, Path]]:
    log = folder / "log"
    cores = frozenset(os.sched_getaffinity(0))
    os.environ["SCALEGLOVE_DATABASE_URL"] = f"sqlite:///{folder}/wearers.db"
    with log.open("w") as written, running("scaleglove", cores, *_SERVICE, stderr=written.fileno()) as server:
        yield server, log


def main(
    minutes: Annotated[float, typer.Option(min=0.05, help="Of each kind.")] = 10,
    only: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}; by default all.")] = "",
    seed: Annotated[int, typer.Option(help="Of all cases.")] = 1,
) -> None:
    """Print a row for each kind."""
    if only and only not in KINDS:
        raise typer.BadParameter(f"{only!r} is none of {', '.join(KINDS)}")
    failed = False
    print("| fuzzed | cases | seconds | came to | memory, MiB | found |\n|---|---|---|---|---|---|", flush=True)
    with machine.interruptible():
        for kind in (only,) if only else KINDS:
            found = (explore_offline if kind in OFFLINE else explore_served)(kind, 60 * minutes, seed)
            print(found.row(), flush=True)
            failed = failed or bool(found.findings)
    sys.exit(failed)
