from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.runtime.artefact import Artefact
from models.runtime.contract import ModelContract
from scaleglove.resampling import resample
from service.streams.window import DueWindow, Event, GapFound, StreamWindow

Glove = Callable[..., np.ndarray]


@pytest.fixture(scope="module")
def contract(artefact: Artefact) -> ModelContract:
    return artefact.contract


@st.composite
def journeys(draw: st.DrawFn) -> tuple[list[int], list[float]]:
    """Sequence numbers and times of a glove on a bad day: losses, repeats, steps back, pauses, reboots."""
    seq, t_ms = draw(st.integers(0, 2**32 - 1)), 5000.0
    seqs, times = [], []
    for _ in range(draw(st.integers(1, 120))):
        seqs.append(seq)
        times.append(t_ms)
        seq += draw(st.sampled_from([1] * 20 + [0, -3, 2, 5, 2**31 + 7]))
        t_ms = max(0.0, t_ms + draw(st.sampled_from([20.0, 25.5, 31.0] * 7 + [0.0, -40.0, 240.0, 260.0, -2000.0])))
    return [number % 2**32 for number in seqs], times


def describe(events: list[Event]) -> list[object]:
    return [
        event
        if isinstance(event, GapFound)
        else (event.seq, event.t_ms, event.gap, event.frames.shape, event.frames.tobytes())
        for event in events
    ]


@settings(max_examples=60)
@given(journeys(), st.sampled_from([None, 50.0, 34.0]), st.data())
def test_cutting_into_messages_changes_nothing(
    contract: ModelContract,
    glove: Glove,
    journey: tuple[list[int], list[float]],
    rate: float | None,
    data: st.DataObject,
) -> None:
    seqs, times = journey
    values = glove(len(seqs))
    single = StreamWindow(contract, rate, 100)
    one_by_one: list[Event] = []
    for number, seq in enumerate(seqs):
        one_by_one += single.push(seq, np.array(times[number : number + 1]), values[number : number + 1])

    blocks = StreamWindow(contract, rate, 100)
    in_blocks: list[Event] = []
    begin = 0
    while begin < len(seqs):
        end = begin + 1
        longest = begin + data.draw(st.integers(1, 40))
        while end < min(longest, len(seqs)) and seqs[end] == (seqs[end - 1] + 1) % 2**32:
            end += 1
        in_blocks += blocks.push(seqs[begin], np.array(times[begin:end]), values[begin:end])
        begin = end

    assert describe(in_blocks) == describe(one_by_one)
    assert counts(blocks) == counts(single)
    assert single.frames + single.late_frames + single.duplicate_frames == len(seqs)


def counts(window: StreamWindow) -> tuple[int, int, int, int]:
    return window.frames, window.late_frames, window.duplicate_frames, window.missing_frames


@settings(max_examples=60)
@given(st.lists(st.sampled_from([12.0, 20.0, 25.5, 31.0, 240.0, 251.0]), min_size=1, max_size=250))
def test_window_at_the_end_is_the_resampled_recording(
    contract: ModelContract, glove: Glove, intervals: list[float]
) -> None:
    times = np.cumsum([0.0, *intervals])
    values = glove(len(times))
    window = StreamWindow(contract, None, 100)
    list(window.push(0, times, values))
    expected = resample(times, values, contract.sample_rate_hz)[-contract.window_frames :]
    np.testing.assert_array_equal(window.window, expected)


def test_declared_rate_of_the_model_passes_frames_through(contract: ModelContract, glove: Glove) -> None:
    values = glove(contract.window_frames + 40)
    window = StreamWindow(contract, contract.sample_rate_hz, 100)
    list(window.push(0, np.arange(len(values)) * 21.0, values))
    np.testing.assert_array_equal(window.window, values[-contract.window_frames :])


def test_due_every_hop_and_copies(contract: ModelContract, glove: Glove) -> None:
    values = glove(23)
    dues = list(StreamWindow(contract, 50, 100).push(7, np.arange(23) * 20.0, values))
    assert [(due.seq, due.t_ms, len(due.frames)) for due in dues if isinstance(due, DueWindow)] == [
        (7 + n - 1, (n - 1) * 20.0, n) for n in (5, 10, 15, 20)
    ]
    np.testing.assert_array_equal(dues[0].frames, values[:5])


def test_finish_answers_what_is_left_once(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 100)
    assert window.finish() == []
    list(window.push(0, np.arange(10) * 20.0, glove(10)))
    assert window.finish() == []
    list(window.push(10, np.array([200.0]), glove(1)))
    (due,) = window.finish()
    assert (due.seq, len(due.frames)) == (10, 11)


def test_lost_frames_mark_the_window_while_they_are_in_it(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 20)
    size = contract.window_frames
    assert not any(isinstance(event, GapFound) for event in window.push(0, np.arange(10) * 20.0, glove(10)))
    gap, *dues = window.push(13, (13 + np.arange(2 * size)) * 20.0, glove(2 * size))
    assert gap == GapFound(13, 260.0, 180.0, 3, "sequence", restarted=False)
    marked = [due.gap for due in dues if isinstance(due, DueWindow)]
    # The jump stands between two samples until the older of them has left the window.
    assert marked == [True] * (size - 1) + [False] * (size + 1)
    assert window.missing_frames == 3


def test_samples_drawn_across_a_gap_belong_to_it(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, None, 20)
    size = contract.window_frames
    list(window.push(0, np.arange(10) * 20.0, glove(10)))
    events = list(window.push(13, (13 + np.arange(2 * size)) * 20.0, glove(2 * size)))
    marked = [event.gap for event in events if isinstance(event, DueWindow)]
    # Four samples complete the gap (three drawn, one at the frame); the last of them is the last to leave.
    assert marked == [True] * (4 + size - 1) + [False] * (size)


def test_a_long_gap_restarts_the_window(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 100)
    list(window.push(0, np.arange(30) * 20.0, glove(30)))
    (gap,) = window.push(30, np.array([580.0 + 251]), glove(1))
    assert gap == GapFound(30, 831.0, 580.0, None, "time", restarted=True)
    assert len(window.window) == 1


def test_a_long_gap_with_lost_frames_is_one_gap(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 100)
    list(window.push(0, np.arange(30) * 20.0, glove(30)))
    (gap,) = window.push(130, np.array([2600.0]), glove(1))
    assert gap == GapFound(130, 2600.0, 580.0, 100, "sequence", restarted=True)


def test_reboot_of_the_device(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 100)
    list(window.push(1000, 60_000 + np.arange(30) * 20.0, glove(30)))
    gap, *_ = window.push(0, np.arange(5) * 20.0, glove(5))
    assert gap == GapFound(0, 0.0, 60_580.0, None, "clock", restarted=True)
    assert (window.frames, window.late_frames, len(window.window)) == (35, 0, 5)


def test_restarted_numbers_do_not_silence_the_glove(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 1000)
    list(window.push(1000, np.arange(30) * 20.0, glove(30)))
    events = list(window.push(0, 600 + np.arange(5) * 20.0, glove(5)))
    assert events == [GapFound(0, 600.0, 580.0, None, "sequence", restarted=False)]
    assert window.frames == 35


def test_repeated_frames_are_dropped_and_counted(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 1000)
    times, values = np.arange(30) * 20.0, glove(30)
    list(window.push(0, times, values))
    gap = GapFound(10, 200.0, 580.0, 0, "duplicate", restarted=False)
    assert list(window.push(10, times[10:], values[10:])) == [gap]
    assert counts(window) == (30, 0, 20, 0)
    np.testing.assert_array_equal(window.window, values)


def test_sequence_numbers_wrap(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 1000)
    assert list(window.push(2**32 - 3, np.arange(6) * 20.0, glove(6))) == []
    (gap,) = window.push(5, np.array([160.0]), glove(1))
    assert isinstance(gap, GapFound)
    assert gap.missing == 2


def test_time_that_stands_still_is_late_not_lost(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 1000)
    assert list(window.push(0, np.array([0.0, 20, 20, 40]), glove(4))) == []
    assert (window.frames, window.late_frames, window.missing_frames) == (3, 1, 0)


def test_reset_forgets_the_numbers_too(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 1000)
    list(window.push(500, 9000 + np.arange(30) * 20.0, glove(30)))
    window.reset()
    assert list(window.push(3, np.array([0.0]), glove(1))) == []
    assert len(window.window) == 1


def test_rate_by_device_time(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, None, 100)
    list(window.push(0, np.arange(3) * 29.4, glove(3)))
    assert window.rate_hz is None
    list(window.push(3, (3 + np.arange(60)) * 29.4, glove(60)))
    assert window.rate_hz == pytest.approx(34.0, abs=0.1)


def test_windows_are_computed_on_request(contract: ModelContract, glove: Glove) -> None:
    """A message of many windows is neither held in memory nor answered in one breath."""
    window = StreamWindow(contract, 50, 20)
    events = window.push(0, np.arange(1000) * 20.0, glove(1000))
    assert window.frames == 0
    next(events)
    assert (window.frames, window.newest_ms) == (1, 0.0)
    next(events)
    assert (window.frames, window.newest_ms) == (2, 20.0)


@pytest.mark.parametrize(("hop_ms", "samples"), [(1, 1), (20, 1), (30, 2), (50, 3), (70, 4), (100, 5), (140, 7)])
def test_hop_is_rounded_up_to_samples(contract: ModelContract, glove: Glove, hop_ms: float, samples: int) -> None:
    (first, *_) = StreamWindow(contract, 50, hop_ms).push(0, np.arange(10) * 20.0, glove(10))
    assert isinstance(first, DueWindow)
    assert len(first.frames) == samples


def test_a_number_skipped_before_a_late_frame_is_reported(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 20)
    values = glove(4)
    list(window.push(0, np.array([0.0]), values[:1]))
    assert list(window.push(2, np.array([0.0]), values[2:3])) == [GapFound(2, 0.0, 0.0, 1, "sequence", False)]
    (due,) = window.push(3, np.array([20.0]), values[3:])
    assert isinstance(due, DueWindow)
    assert due.gap
    assert (window.frames, window.late_frames, window.missing_frames) == (2, 1, 1)


def test_frame_that_comes_after_all_was_missing(contract: ModelContract, glove: Glove) -> None:
    window = StreamWindow(contract, 50, 1000)
    gaps = [gap for seq in (0, 2, 1, 3) for gap in window.push(seq, np.array([seq * 20.0]), glove(1))]
    assert gaps == [GapFound(2, 40.0, 0.0, 1, "sequence", False)]
    assert (window.frames, window.late_frames, window.missing_frames) == (3, 1, 1)


@pytest.mark.parametrize("step_ms", [-900.0, 900.0])
def test_a_clock_that_is_set_or_one_wrong_time_is_reported(
    contract: ModelContract, glove: Glove, step_ms: float
) -> None:
    times = 5000 + np.arange(60) * 20.0
    if step_ms < 0:
        times[30:] += step_ms
    else:
        times[29] += step_ms
    window = StreamWindow(contract, 50, 10_000)
    *_, last = window.push(0, times, glove(60))
    assert last == GapFound(32, times[32], times[29], None, "clock", restarted=True)
    assert (window.frames, window.late_frames, len(window.window)) == (58, 2, 28)
