from __future__ import annotations

import os
import time

import pytest

from benchmarks.machine import CpuUsage, assign_cores, busy_s, cpu_s, others_share

STAT = """\
cpu  300 0 60 900 0 0 0 40 0 0
cpu0 100 10 20 500 7 1 2 30 99 99
cpu1 200 0 40 400 0 0 0 10 0 0
intr 5
"""


def test_busy_is_what_is_not_idle_and_guests_are_not_counted_twice() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    assert busy_s(STAT.splitlines(), frozenset({0})) == pytest.approx(163 / ticks)
    assert busy_s(STAT.splitlines(), frozenset({0, 1})) == pytest.approx(413 / ticks)


def test_others_have_what_is_neither_idle_nor_ours() -> None:
    before, after = CpuUsage(10.0, 2, 100.0, 5.0), CpuUsage(20.0, 2, 115.0, 15.0)
    assert others_share(before, after) == pytest.approx(0.25)
    assert others_share(before, CpuUsage(20.0, 2, 115.0, 21.0)) == 0.0


def test_cpu_time_is_that_of_the_system() -> None:
    before_s = time.process_time()
    found_s = cpu_s(os.getpid())  # of its children too, of which it may have some
    assert before_s <= found_s
    assert found_s <= cpu_s(os.getpid())


def test_cores_are_assigned() -> None:
    cores = assign_cores([0, 1, 2, 3])
    assert (cores.server, cores.client, cores.two_workers, cores.apart) == ({0}, {3}, {0, 1}, True)
    alone = assign_cores([5])
    assert (alone.server, alone.client, alone.apart) == ({5}, {5}, False)
