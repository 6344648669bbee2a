"""A server as the benchmark sees it: a process on some cores, with an address, CPU time, memory and metrics."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

from scaleglove.child_processes import read_first_line, run_child

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Cores:
    """Who runs where. With one core all share it, and nothing can be said of ceilings."""

    server: frozenset[int]
    client: frozenset[int]
    two_workers: frozenset[int]

    @property
    def apart(self) -> bool:
        return not self.server & self.client


def share_out(available: Sequence[int]) -> Cores:
    """The first core for the server, the last for the client, the first two for a server of two workers."""
    return Cores(frozenset(available[:1]), frozenset(available[-1:]), frozenset(available[:2]))


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `pid` is that of its first process."""

    name: str
    address: tuple[str, int]
    pid: int

    def cpu_s(self) -> float:
        """CPU time of all its processes so far, in user and in kernel mode, in steps of 10 ms each."""
        return cpu_s(self.pid)

    def resident_bytes(self) -> int:
        return sum(int(_proc(pid, "statm").split()[1]) * _PAGE for pid in _family(self.pid))

    def open_files(self) -> int:
        return sum(sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()) for pid in _family(self.pid))

    def metric(self, name: str, **labels: str) -> float | None:
        """The sum of a metric's samples with these labels; None where the server has no such metric."""
        host, port = self.address
        with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=_TIMEOUT_S) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        values = [
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(values) if values else None

    def settle(self, seconds: float = 5.0) -> None:
        """Wait until it has nothing left to do, at most so long."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            before_s = self.cpu_s()
            time.sleep(0.1)
            if self.cpu_s() - before_s <= _TICK_S:
                return


def plain_service(artefact: Path, cores: frozenset[int]) -> contextlib.AbstractContextManager[Server]:
    """The textbook service; its access log, on as it is by default, is thrown away."""
    arguments = ("benchmarks.serve.plain", str(artefact))
    return running("plain FastAPI", cores, *arguments, stderr=subprocess.DEVNULL)


def our_service(
    artefact: Path, model: str, cores: frozenset[int], *options: str
) -> contextlib.AbstractContextManager[Server]:
    """`scaleglove serve`; further settings are taken from the environment, as always."""
    served = ("--models-dir", str(artefact.parent), "--model", model)
    bounds = ("--max-streams", "4096", "--log-level", "warning")
    listening = ("--host", "127.0.0.1", "--port", "0")
    return running("scaleglove", cores, "scaleglove", "serve", *listening, *served, *bounds, *options)


@contextlib.contextmanager
def running(name: str, cores: frozenset[int], *arguments: str, stderr: int | None = None) -> Iterator[Server]:
    """`python -m ARGUMENTS`, which prints a line that ends with its address, kept to these cores.

    A thread that chooses another core for itself, as those of a default ONNX Runtime session do, stays there: held on
    the server's core it would be in its way, and the plain service half as fast.

    Raises:
        StartError: it did not start.
    """
    with run_child(*arguments, stderr=stderr) as process:
        os.sched_setaffinity(process.pid, cores)
        url = urlsplit(read_first_line(process, name).rpartition(" ")[2])
        yield Server(name, (url.hostname or "127.0.0.1", url.port or 80), process.pid)


def cpu_s(pid: int) -> float:
    """CPU time of a process and all that descend from it, in user and in kernel mode, in steps of 10 ms each."""
    return sum(_cpu_s(member) for member in _family(pid))


def _family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children = [int(child) for thread in Path(f"/proc/{pid}/task").iterdir() for child in _children(thread)]
    return [pid, *(descendant for child in children for descendant in _family(child))]


def _children(thread: Path) -> list[str]:
    return (thread / "children").read_text().split()


def _cpu_s(pid: int) -> float:
    fields = _proc(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _proc(pid: int, file: str) -> str:
    return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")
