"""The sampling schedule: without drift, however late the board is, and over the timer's wrap-around."""

from __future__ import annotations

import ctypes

from hypothesis import given
from hypothesis import strategies as st

from tests.firmware.core import Schedule

INTERVALS = st.integers(1000, 1_000_000)
TIMES = st.integers(0, 2**32 - 1)


class Asked:
    """A schedule asked at times that only rise; the timer it sees has 32 bits."""

    def __init__(self, core: ctypes.CDLL, start_us: int, interval_us: int) -> None:
        self._core = core
        self._schedule = Schedule()
        core.sg_schedule_start(self._schedule, start_us % 2**32, interval_us)

    def due(self, now_us: int) -> int:
        return int(self._core.sg_schedule_due(self._schedule, now_us % 2**32))

    def wait(self, now_us: int) -> int:
        return int(self._core.sg_schedule_wait(self._schedule, now_us % 2**32))

    def change(self, now_us: int, interval_us: int) -> None:
        self._core.sg_schedule_change(self._schedule, now_us % 2**32, interval_us)


@given(start_us=TIMES, interval_us=INTERVALS, steps=st.lists(st.integers(0, 5_000_000), max_size=50))
def test_every_sample_is_counted_once_and_none_drifts(
    core: ctypes.CDLL, start_us: int, interval_us: int, steps: list[int]
) -> None:
    asked, now_us, counted = Asked(core, start_us, interval_us), start_us, 0
    for step in [0, *steps]:
        now_us += step
        counted += asked.due(now_us)
        assert counted == (now_us - start_us) // interval_us + 1
        assert asked.due(now_us) == 0


@given(start_us=TIMES, interval_us=INTERVALS, late_us=st.lists(st.integers(0, 900), min_size=1, max_size=200))
def test_a_board_that_sleeps_until_the_next_sample_misses_nothing(
    core: ctypes.CDLL, start_us: int, interval_us: int, late_us: list[int]
) -> None:
    asked, now_us = Asked(core, start_us, interval_us), start_us
    for number, late in enumerate(late_us):
        now_us += asked.wait(now_us)
        assert now_us == start_us + number * interval_us
        assert asked.wait(now_us) == 0
        assert asked.due(now_us + late) == 1
        now_us += late


@given(start_us=TIMES, interval_us=INTERVALS, seen_us=st.integers(0, 10_000_000), new_us=INTERVALS)
def test_a_new_interval_counts_from_now(
    core: ctypes.CDLL, start_us: int, interval_us: int, seen_us: int, new_us: int
) -> None:
    asked = Asked(core, start_us, interval_us)
    asked.change(start_us + seen_us, new_us)
    assert asked.wait(start_us + seen_us) == new_us
    assert asked.due(start_us + seen_us + new_us - 1) == 0
    assert asked.due(start_us + seen_us + 2 * new_us) == 2


def test_the_longest_silence_that_is_counted(core: ctypes.CDLL) -> None:
    asked = Asked(core, 0, 1_000_000)
    assert asked.due(0) == 1
    assert asked.due(2**31) == 2**31 // 1_000_000
