"""Servers under test: a process on some cores, with its address, CPU time, memory and metrics."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families

from benchmarks import machine
from scaleglove.child_processes import read_first_line, run_child
from scaleglove.client.proxies import open_url

_TIMEOUT_S: Final = 10.0

SERVE: Final = (
    *("scaleglove", "serve", "--host", "127.0.0.1", "--port", "0"),
    *("--max-streams", "4096", "--log-level", "warning"),
)
"""Arguments of Python that run the service on a free port."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `pid` is that of its first process."""

    name: str
    address: tuple[str, int]
    pid: int

    def cpu_s(self) -> float:
        """Return the CPU time of all its processes so far."""
        return machine.cpu_s(self.pid)

    def resident_bytes(self) -> int:
        return machine.resident_bytes(self.pid)

    def open_files(self) -> int:
        return machine.open_files(self.pid)

    def settle(self) -> None:
        """Wait until it is idle, at most some seconds."""
        machine.settle(self.pid)

    def metric(self, name: str, label: str) -> float | None:
        """Return the sum of a metric's samples with this label value, or None where the server has no such metric."""
        host, port = self.address
        with open_url(f"http://{host}:{port}/metrics", _TIMEOUT_S) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        values = [
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and label in sample.labels.values()
        ]
        return sum(values) if values else None


def our_service(
    artefact: Path,
    model: str,
    cores: frozenset[int],
    *options: str,
    name: str = "scaleglove",
    environment: Mapping[str, str] | None = None,
) -> contextlib.AbstractContextManager[Server]:
    """Run `scaleglove serve` with the models of an artefact's folder; further settings are taken from the environment,
    as by the command itself."""
    served = ("--models-dir", str(artefact.parent), "--model", model)
    return running(name, cores, *SERVE, *served, *options, environment=environment)


@contextlib.contextmanager
def running(
    name: str,
    cores: frozenset[int],
    *arguments: str,
    stderr: int | None = None,
    python: str | Path = sys.executable,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run `python -m ARGUMENTS`, which prints a line that ends with its address, on these cores.

    A thread that chooses another core for itself, as those of a default ONNX Runtime session do, stays there: forced
    onto the server's core it would compete with it, and the plain service would be half as fast.

    Raises:
        StartError: it did not start.
    """
    with run_child(*arguments, stderr=stderr, python=python, environment=environment) as process:
        os.sched_setaffinity(process.pid, cores)
        url = urlsplit(read_first_line(process, name).rpartition(" ")[2])
        yield Server(name, (url.hostname or "127.0.0.1", url.port or 80), process.pid)
