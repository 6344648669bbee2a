"""The machine under the benchmark: what it is, and what else it had to do meanwhile."""

from __future__ import annotations

import os
import platform
import resource
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_IDLE: Final = {3, 4}
"""Columns of /proc/stat: idle, and idle while a disk works. Steal counts as busy: others had the core."""

_COLUMNS: Final = 8
"""Guests' time, which follows, is in user time already."""


@dataclass(frozen=True, slots=True)
class Moment:
    """CPU seconds up to now: of some cores for anybody, and of this process and those of its children that ended."""

    at_s: float
    cores: int
    busy_s: float
    own_s: float


def now(cores: frozenset[int]) -> Moment:
    text = Path("/proc/stat").read_text(encoding="utf-8")
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own_s = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return Moment(time.monotonic(), len(cores), busy_s(text.splitlines(), cores), own_s)


def busy_s(stat: Iterable[str], cores: frozenset[int]) -> float:
    """Seconds that these cores were busy, by the lines of /proc/stat."""
    names = {f"cpu{core}" for core in cores}
    rows = [line.split() for line in stat]
    ticks = [row[1 : 1 + _COLUMNS] for row in rows if row and row[0] in names]
    return sum(int(count) for row in ticks for place, count in enumerate(row) if place not in _IDLE) * _TICK_S


def others_share(before: Moment, after: Moment) -> float:
    """Of the cores' time, what other programs took; children must have ended."""
    others_s = (after.busy_s - before.busy_s) - (after.own_s - before.own_s)
    return max(0.0, others_s / ((after.at_s - before.at_s) * after.cores))


def processor() -> str:
    """As far as the system tells."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
