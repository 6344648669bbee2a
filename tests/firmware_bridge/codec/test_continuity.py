"""Continuity: losses, repeats, restarts and counters that wrap around."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.continuity import WRAP_MS, WRAP_US_MS, Continuity
from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FrameRepeated, FramesMissing
from scaleglove.recordings import load_folder

Sent = tuple[float, int | None]


def follow(sent: Iterable[Sent], continuity: Continuity | None = None) -> list[Event]:
    continuity = continuity or Continuity()
    return [
        event
        for number, (t_ms, seq) in enumerate(sent)
        for event in continuity.follow(FrameRead(t_ms, (float(number),) * 8, None, seq))
    ]


def times(events: Iterable[Event]) -> list[float]:
    return [event.t_ms for event in events if isinstance(event, FrameRead)]


def others(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, FrameRead)]


@given(st.sets(st.integers(0, 3000), min_size=2), st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1))
def test_by_sequence_every_lost_frame_is_counted_wherever_the_counters_stand(
    arrived: set[int], first: int, begin_us: int
) -> None:
    """Try gaps of any size up to half the sequence's range, over wrap-arounds of sequence and time."""
    numbers = sorted(arrived)
    events = follow((((begin_us + number * 2_000) % 2**32) / 1000, (first + number) % 2**16) for number in numbers)
    lost = sum(event.count for event in events if isinstance(event, FramesMissing))
    assert lost == numbers[-1] - numbers[0] + 1 - len(numbers)
    assert np.diff(times(events)) == pytest.approx(np.diff(numbers) * 2.0)
    assert not any(isinstance(event, DeviceRestarted | FrameRepeated) for event in events)


def test_a_silence_longer_than_the_sequence_goes_round_is_counted_by_the_time() -> None:
    before = [(n * 10.0, n) for n in range(100)]
    later = 99 + 2 * 2**16 + 500
    events = follow([*before, (later * 10.0, later % 2**16)])
    assert others(events) == [FramesMissing(later * 10.0, later - 100, "sequence")]


@pytest.mark.parametrize("seqs", [range(100), [None] * 100])
def test_a_reboot_with_the_clock_at_0_is_reported(seqs: Iterable[int | None]) -> None:
    before = [(5000 + 20.0 * n, None if seq is None else seq + 250) for n, seq in enumerate(seqs)]
    after = [(20.0 * n, seq) for n, seq in enumerate(seqs)]
    events = follow([*before, *after])
    assert others(events) == [DeviceRestarted(5000 + 20 * 99, 0.0)]
    assert times(events) == [t_ms for t_ms, _ in [*before, *after]]


@pytest.mark.parametrize("seq", [0, 1, 7, 98])
def test_a_reboot_soon_after_the_start_is_no_repetition_even_if_its_first_frames_are_lost(seq: int) -> None:
    before = [(20.0 * n, n) for n in range(100)]
    after = [(19.0 + 20.0 * n, n) for n in range(seq, seq + 50)]
    events = follow([*before, *after])
    assert others(events)[0] == DeviceRestarted(1980.0, 19.0 + 20.0 * seq)
    assert times(events)[100:] == [t_ms for t_ms, _ in after]


def test_a_reboot_just_before_the_counter_would_have_wrapped_shows_in_the_sequence() -> None:
    events = follow([(WRAP_US_MS - 40, 500), (WRAP_US_MS - 20, 501), (3.0, 0), (23.0, 1)])
    assert [type(event) for event in others(events)] == [DeviceRestarted]


@pytest.mark.parametrize("wrap_ms", [WRAP_US_MS, WRAP_MS])
def test_text_times_run_on_where_the_device_counter_wraps(wrap_ms: float) -> None:
    events = follow([((wrap_ms - 1000 + 20.0 * n) % wrap_ms, None) for n in range(100)])
    assert others(events) == []
    assert np.diff(times(events)) == pytest.approx(20.0)


@pytest.mark.parametrize("silence_ms", [11_000.0, 60_000.0, 590_000.0])
@pytest.mark.parametrize("interval_ms", [1.0, 10.0, 20.0, 33.333])
def test_the_counter_may_wrap_in_a_silence_and_the_lost_frames_are_counted(
    silence_ms: float, interval_ms: float
) -> None:
    first = int((WRAP_US_MS - 5000.0) / interval_ms)
    lost = int(silence_ms / interval_ms)
    numbers = [*range(first, first + 100), first + 100 + lost]
    events = follow((number * interval_ms % WRAP_US_MS, number % 2**16) for number in numbers)
    assert [type(event) for event in others(events)] == [FramesMissing]
    assert isinstance(events[-2], FramesMissing)
    assert events[-2].count == lost
    assert times(events)[-1] == pytest.approx(numbers[-1] * interval_ms)


@pytest.mark.parametrize("interval_ms", [1.0, 2.5, 5.0, 10.0, 20.0, 33.333, 40.0, 50.0, 100.0])
@pytest.mark.parametrize("before_wrap_ms", [1000.0, 60_000.0, 500_000.0])
def test_a_restart_after_a_silence_is_not_taken_for_a_wrap(interval_ms: float, before_wrap_ms: float) -> None:
    first = int((WRAP_US_MS - before_wrap_ms) / interval_ms)
    before = [(number * interval_ms, number % 2**16) for number in range(first - 100, first)]
    after = [(number * interval_ms, number % 2**16) for number in range(int(30_000 / interval_ms), 40_000)][:5]
    assert [type(event) for event in others(follow([*before, *after]))] == [DeviceRestarted]


def test_after_two_wraps_the_time_still_runs_on() -> None:
    sent = [((2_000_000.0 * n) % WRAP_US_MS, None) for n in range(3)]
    assert len(follow(sent)) >= 3  # steps this long are no wrap to anybody
    near = [((WRAP_US_MS * turn + offset) % WRAP_US_MS, None) for turn in (1, 2) for offset in (-20.0, 0.0, 20.0)]
    restarts = [event for event in follow(near) if isinstance(event, DeviceRestarted)]
    assert len(restarts) == 0


def test_by_time_a_gap_is_counted_in_intervals() -> None:
    sent = [(20.0 * n, None) for n in range(20)] + [(20.0 * n, None) for n in range(24, 30)]
    assert others(follow(sent)) == [FramesMissing(480.0, 4, "time")]


def test_the_same_line_again_is_left_out_and_one_of_the_same_millisecond_is_not() -> None:
    continuity = Continuity()
    frame = FrameRead(20.0, (1.0,) * 8)
    assert list(continuity.follow(frame)) == [frame]
    assert list(continuity.follow(frame)) == [FrameRepeated(20.0)]
    other = FrameRead(20.0, (2.0,) * 8)
    assert list(continuity.follow(other)) == [other]


def test_a_faster_rate_makes_no_false_gap_and_is_kept_to_at_once() -> None:
    slow = [(50.0 * n, None) for n in range(20)]
    fast = [(1000 + 10.0 * n, None) for n in range(20)]
    assert others(follow([*slow, *fast])) == []
    gap = [(1200 + 50.0, None)]
    assert others(follow([*slow, *fast, *gap])) == [FramesMissing(1250.0, 5, "time")]


@given(late_ms=st.floats(0, 10), every=st.integers(2, 10))
def test_a_frame_that_is_late_makes_no_gap_nor_does_the_next_that_is_not(late_ms: float, every: int) -> None:
    frames = [(20.0 * n + late_ms * (n % every == 0 and n > 5), None) for n in range(100)]
    assert others(follow(frames)) == []


def test_a_slower_rate_is_taken_for_losses_twice_at_most_and_never_where_the_device_says_it() -> None:
    fast = [(10.0 * n, None) for n in range(20)]
    slow = [(240.0 + 50.0 * n, None) for n in range(20)]
    assert len(others(follow([*fast, *slow]))) == 2
    continuity = Continuity()
    follow(fast, continuity)
    continuity.expect_interval(50.0)
    assert others(follow(slow, continuity)) == []


@given(before_ms=st.integers(1, 1000), after_ms=st.integers(1, 1000), ran=st.floats(0, 1))
def test_the_step_across_a_change_that_the_device_says_may_hold_what_had_run_before_it(
    before_ms: int, after_ms: int, ran: float
) -> None:
    continuity = Continuity()
    follow([(float(before_ms * n), None) for n in range(20)], continuity)
    continuity.expect_interval(float(after_ms))
    changed_ms = (19 + ran) * before_ms
    assert others(follow([(changed_ms + after_ms * n, None) for n in range(1, 10)], continuity)) == []
    gap_ms = changed_ms + after_ms * 13
    assert others(follow([(gap_ms, None)], continuity)) == [FramesMissing(gap_ms, 3, "time")]


def test_the_wavering_of_real_gloves_is_no_loss(recordings_root: Path, recorded_files: list[Path]) -> None:
    """Allow at most 0.05 % of the steps of real episodes as losses: those that are much longer than the others."""
    episodes, _ = load_folder(recordings_root, recorded_files)
    lost = sum(
        len(others(follow(zip(episode.t_ms.tolist(), [None] * len(episode.t_ms), strict=True)))) for episode in episodes
    )
    assert lost <= 0.0005 * sum(len(episode.t_ms) for episode in episodes)
