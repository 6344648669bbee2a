"""Measurements of the machine and of processes, read from /proc: cores, CPU time, memory and open files."""

from __future__ import annotations

import os
import platform
import resource
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_IDLE: Final = {3, 4}
"""Columns of /proc/stat: idle, and idle while waiting for a disk. Steal counts as busy: other guests had the core."""

_COLUMNS: Final = 8
"""The columns of guest time, which follow, are in user time already."""

_SCHEDULED: Final = 2
"""Of the clocks of a process, the one that counts in nanoseconds what the scheduler gave it (CPUCLOCK_SCHED)."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Assignment of cores to processes. On a machine with one core all share it, and no ceiling can be measured."""

    server: frozenset[int]
    client: frozenset[int]
    two_workers: frozenset[int]

    @property
    def apart(self) -> bool:
        return not self.server & self.client


def assign_cores(available: Sequence[int]) -> Cores:
    """Return the first core for the server, the last for the client, and the first two for a server of two workers."""
    return Cores(frozenset(available[:1]), frozenset(available[-1:]), frozenset(available[:2]))


@dataclass(frozen=True, slots=True)
class CpuUsage:
    """CPU seconds up to a moment: of some cores for all programs, and of this process with its ended children."""

    at_s: float
    cores: int
    busy_s: float
    own_s: float


def cpu_usage(cores: frozenset[int]) -> CpuUsage:
    """Return the CPU usage of these cores and of this process up to now."""
    text = Path("/proc/stat").read_text(encoding="utf-8")
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own_s = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return CpuUsage(time.monotonic(), len(cores), busy_s(text.splitlines(), cores), own_s)


def busy_s(stat: Iterable[str], cores: frozenset[int]) -> float:
    """Return the seconds that these cores were busy, by the lines of /proc/stat."""
    names = {f"cpu{core}" for core in cores}
    rows = [line.split() for line in stat]
    ticks = [row[1 : 1 + _COLUMNS] for row in rows if row and row[0] in names]
    return sum(int(count) for row in ticks for column, count in enumerate(row) if column not in _IDLE) * _TICK_S


def others_share(before: CpuUsage, after: CpuUsage) -> float:
    """Return the share of the cores' time that other programs took; the children of this process must have ended."""
    others_s = (after.busy_s - before.busy_s) - (after.own_s - before.own_s)
    return max(0.0, others_s / ((after.at_s - before.at_s) * after.cores))


def processor() -> str:
    """Return the processor's model name, or the architecture where the system does not report one."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process and its descendants, in user and in kernel mode, by their own clocks."""
    return sum(time.clock_gettime(_cpu_clock(member)) for member in _family(pid))


def _cpu_clock(pid: int) -> int:
    """Return the id of the clock of all threads of a process, as clock_getcpuclockid(3) of Linux computes it."""
    return ~pid << 3 | _SCHEDULED


def waited_s(pid: int, thread: int) -> float:
    """Return the seconds for which a thread of a process was ready and had no processor."""
    return int(_proc(pid, f"task/{thread}/schedstat").split()[1]) * 1e-9


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and its descendants."""
    return sum(int(_proc(member, "statm").split()[1]) * _PAGE_BYTES for member in _family(pid))


def open_files(pid: int) -> int:
    """Return the number of open files of a process and its descendants."""
    return sum(sum(1 for _ in Path(f"/proc/{member}/fd").iterdir()) for member in _family(pid))


def settle(pid: int, seconds: float = 5.0) -> None:
    """Wait until a process and its descendants are idle, at most `seconds`."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        before_s = cpu_s(pid)
        time.sleep(0.1)
        if cpu_s(pid) - before_s <= _TICK_S:
            return


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt, so that the blocks that started child processes end them.

    A shell without job control starts background jobs with SIGINT ignored: without a handler such a benchmark would
    run on to its end.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _family(pid: int) -> list[int]:
    """Return the ids of a process and its descendants."""
    children = [int(child) for thread in Path(f"/proc/{pid}/task").iterdir() for child in _children(thread)]
    return [pid, *(descendant for child in children for descendant in _family(child))]


def _children(thread: Path) -> list[str]:
    return (thread / "children").read_text().split()


def _proc(pid: int, file: str) -> str:
    return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")
