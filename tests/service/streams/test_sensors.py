from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scaleglove.channels import CHANNELS
from scaleglove.protocol import SensorFault, Sensors
from service.streams.rail import FLEX_RAIL
from service.streams.sensors import (
    CLEAR_MS,
    DROPPED_MS,
    REPEATING_MS,
    SATURATED_MS,
    STUCK_MS,
    SensorHealth,
)

FLEX2, ROLL = CHANNELS.index("flex2"), CHANNELS.index("roll")
STEP_MS = 20.0
BEGUN = 50
"""Frame at which a hand's sensors break in these tests, and the device time of it."""
BEGUN_MS = BEGUN * STEP_MS

Values = NDArray[np.float32]


def hand(count: int, seed: int = 0) -> Values:
    """Return float32[count, 8]: whole ADC counts and hundredths of a degree that are never twice the same in a row."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([-2, -1, 1, 2], (count, 8)) * ([1.0] * 5 + [0.01] * 3)
    return (([800.0] * 5 + [10.0, -60.0, 30.0]) + np.cumsum(steps, axis=0) % 50).astype(np.float32)


def times(count: int) -> list[float]:
    return (np.arange(count) * STEP_MS).tolist()


def reports(values: Values, t_ms: Sequence[float] | None = None) -> list[Sensors]:
    return SensorHealth().push(0, times(len(values)) if t_ms is None else t_ms, values)


def faults_of(report: Sensors) -> list[tuple[str, str]]:
    return [(fault.channel, fault.fault) for fault in report.faults]


def dropped(values: Values) -> None:
    values[BEGUN:, FLEX2] = np.arange(len(values) - BEGUN) % 50


def stuck(values: Values) -> None:
    values[BEGUN:, FLEX2] = values[BEGUN, FLEX2]


def at_the_rail(values: Values) -> None:
    values[BEGUN:, FLEX2] = FLEX_RAIL


def at_the_bound(values: Values) -> None:
    values[BEGUN:, ROLL] = -180.0


def repeating(values: Values) -> None:
    values[BEGUN:, 5:] = values[BEGUN, 5:]


ANGLES = [("pitch", "repeating"), ("roll", "repeating"), ("yaw", "repeating")]


@pytest.mark.parametrize(
    ("break_it", "faults", "lasts_ms"),
    [
        (dropped, [("flex2", "dropped")], DROPPED_MS),
        (stuck, [("flex2", "stuck")], STUCK_MS),
        (at_the_rail, [("flex2", "saturated")], SATURATED_MS),
        (at_the_bound, [("roll", "saturated")], SATURATED_MS),
        (repeating, ANGLES, REPEATING_MS),
    ],
)
def test_a_fault_is_reported_once_when_it_has_lasted(
    break_it: Callable[[Values], None], faults: list[tuple[str, str]], lasts_ms: float
) -> None:
    values = hand(1000)
    break_it(values)
    (report,) = reports(values)
    assert faults_of(report) == faults
    assert report.t_ms == BEGUN_MS + lasts_ms
    assert report.seq == BEGUN + lasts_ms / STEP_MS
    assert {fault.since_ms for fault in report.faults} == {BEGUN_MS}


@pytest.mark.parametrize("break_it", [dropped, stuck, at_the_rail, at_the_bound, repeating])
def test_all_is_well_again(break_it: Callable[[Values], None]) -> None:
    values = hand(1000)
    break_it(values[:250])
    report, well = reports(values)
    assert report.faults
    assert well.faults == ()
    assert CLEAR_MS - STUCK_MS <= well.t_ms - 249 * STEP_MS <= CLEAR_MS + STEP_MS


def test_what_does_not_last_is_no_fault() -> None:
    values = hand(1000)
    values[100:105, FLEX2] = 0  # 80 ms
    values[300:324, FLEX2] = FLEX_RAIL  # 460 ms
    values[500:550, FLEX2] = 900  # 980 ms
    values[700:750, 5:] = 12
    assert reports(values) == []


def test_a_still_hand_is_no_fault() -> None:
    """Nothing at all changes, as in a recording that is played in a loop of one frame: the IMU repeats itself, and
    nobody can know what the flex sensors do."""
    still = np.tile(hand(1), (500, 1))
    (report,) = reports(still)
    assert faults_of(report) == ANGLES


def test_a_contact_that_flickers_is_one_fault() -> None:
    values = hand(2000)
    values[BEGUN:1000:7, FLEX2] = 0  # every 140 ms
    first, well = reports(values)
    assert first.faults == (SensorFault("flex2", "dropped", BEGUN_MS),)
    assert first.t_ms == BEGUN_MS + 140
    assert well.faults == ()


def test_a_sensor_that_dropped_to_exactly_nothing_is_not_stuck_too() -> None:
    values = hand(500)
    values[BEGUN:, FLEX2] = 0
    assert [faults_of(report) for report in reports(values)] == [[("flex2", "dropped")]]


def test_faults_at_the_same_frame_are_one_report_in_the_order_of_channels() -> None:
    values = hand(500)
    values[BEGUN:, [4, 0]] = 3
    assert [faults_of(report) for report in reports(values)] == [[("flex1", "dropped"), ("flex5", "dropped")]]


def test_a_gap_neither_prolongs_nor_clears_a_fault() -> None:
    values = hand(600)
    values[50:97, FLEX2] = values[50, FLEX2]  # the same for 940 ms, then a gap, then the same again
    values[97:140, FLEX2] = values[50, FLEX2]
    t_ms = np.array(times(600))
    t_ms[97:] += 5000
    assert reports(values, t_ms.tolist()) == []

    values = hand(600)
    values[50:100, FLEX2] = 0
    report, well = reports(values, (np.array(times(600)) + 10_000 * (np.arange(600) >= 100)).tolist())
    assert faults_of(report) == [("flex2", "dropped")]
    assert well.t_ms == 12_000 + CLEAR_MS  # of frames, not of silence


def test_a_reboot_resets_everything() -> None:
    values = hand(400)
    values[50:200, FLEX2] = 0
    t_ms = times(200) + times(200)
    first, second = reports(values, t_ms)
    assert (faults_of(first), first.seq) == ([("flex2", "dropped")], 55)
    assert (faults_of(second), second.seq, second.t_ms) == ([], 200, 0.0)


def test_late_and_repeated_frames_change_nothing() -> None:
    values = hand(400)
    t_ms = times(400)
    for frame in range(100, 300, 2):
        t_ms[frame] = t_ms[frame - 1] - 40.0 * (frame % 3)
        values[frame, FLEX2] = 0
    assert reports(values, t_ms) == []


BREAKS = st.tuples(st.integers(0, 7), st.sampled_from([0.0, 3.0, 500.0, 1023.0, 180.0, -180.0]), st.integers(1, 120))
JUMPS = st.sampled_from([-2000.0, -30.0, 0.0, 300.0])


@given(st.lists(BREAKS, max_size=8), st.lists(JUMPS, max_size=3), st.data())
def test_however_frames_are_cut_into_messages(
    breaks: list[tuple[int, float, int]], jumps: list[float], data: st.DataObject
) -> None:
    count = 500
    values, t_ms = hand(count), np.array(times(count)) + 5000
    for channel, reading, length in breaks:
        begin = data.draw(st.integers(0, count - 1))
        values[begin : begin + length, channel] = reading
    for jump in jumps:
        t_ms[data.draw(st.integers(1, count - 1)) :] += jump
    cuts = sorted({0, count, *data.draw(st.lists(st.integers(0, count), max_size=20))})
    seq = 2**32 - 200
    whole = SensorHealth().push(seq, t_ms.tolist(), values)
    pieces, singly = SensorHealth(), SensorHealth()
    in_pieces = [
        report
        for begin, end in pairwise(cuts)
        for report in pieces.push((seq + begin) % 2**32, t_ms[begin:end].tolist(), values[begin:end])
    ]
    one_by_one = [
        report
        for at in range(count)
        for report in singly.push((seq + at) % 2**32, t_ms[at : at + 1].tolist(), values[at : at + 1])
    ]
    assert in_pieces == one_by_one == whole
    assert pieces.faults == (whole[-1].faults if whole else ())
    faults = [report.faults for report in whole]
    assert all(before != after for before, after in pairwise([(), *faults]))


@pytest.mark.parametrize("missing", [[0], [1], [5, 6, 7], [0, 1, 2, 3, 4]])
def test_a_sensor_that_the_glove_does_not_have_has_no_fault_and_hides_none(missing: list[int]) -> None:
    count, broken = 200, 4 if 4 not in missing else 6
    values = np.random.default_rng(0).uniform(700, 900, (count, 8)).astype(np.float32)
    values[:, 5:] = np.random.default_rng(1).uniform(-60, 60, (count, 3))
    values[:, broken] = 40.0 if broken == 4 else 180.0
    values[:, missing] = np.nan
    health = SensorHealth()
    health.push(0, (np.arange(count) * 20.0).tolist(), values)
    assert [fault.channel for fault in health.faults] == [CHANNELS[broken]]


def test_a_still_hand_without_a_motion_sensor_has_no_stuck_sensors() -> None:
    values = np.full((200, 8), 800.0, np.float32)
    values[:, 5:] = np.nan
    health = SensorHealth()
    health.push(0, (np.arange(200) * 20.0).tolist(), values)
    assert health.faults == ()


@pytest.mark.parametrize("rail", [1.0, 3.3, 5.0, 255.0, 1023.0, 4095.0, 65535.0])
def test_sensors_are_judged_by_the_rail_of_their_own_converter(rail: float) -> None:
    share = np.random.default_rng(0).uniform(0.7, 0.95, (400, 8))
    values = (share * rail).astype(np.float32)
    values[:, 5:] = np.random.default_rng(1).uniform(-60, 60, (400, 3))
    healthy = SensorHealth()
    healthy.push(0, (np.arange(400) * STEP_MS).tolist(), values)
    assert healthy.faults == ()
    values[:, 1], values[:, 3] = rail, 0.01 * rail
    broken = SensorHealth()
    broken.push(0, (np.arange(400) * STEP_MS).tolist(), values)
    assert [(fault.channel, fault.fault) for fault in broken.faults] == [("flex2", "saturated"), ("flex4", "dropped")]


@pytest.mark.parametrize(("rail", "stated"), [(3.3, 3.3), (4095.0, 4095.0), (1023.0, 12.0), (4095.0, 1023.0)])
def test_a_stated_rail_counts_unless_readings_exceed_it(rail: float, stated: float) -> None:
    share = np.random.default_rng(0).uniform(0.11, 0.2, (400, 8))
    share[:, 0] = 0.9 if rail > stated else 0.2
    values = (share * rail).astype(np.float32)
    values[:, 5:] = np.random.default_rng(1).uniform(-60, 60, (400, 3))
    values[:, 0] += np.random.default_rng(2).uniform(0, 0.01 * rail, 400)
    healthy = SensorHealth()
    healthy.state(stated)
    healthy.push(0, (np.arange(400) * STEP_MS).tolist(), values)
    assert healthy.faults == ()
    values[:, 1], values[:, 3] = rail, 0.01 * rail
    broken = SensorHealth()
    broken.push(0, (np.arange(10) * STEP_MS).tolist(), values[:10])
    broken.state(stated)  # a header that comes late
    broken.push(10, (np.arange(10, 400) * STEP_MS).tolist(), values[10:])
    assert [(fault.channel, fault.fault) for fault in broken.faults] == [("flex2", "saturated"), ("flex4", "dropped")]
    broken.state(None)
    broken.push(400, (np.arange(400, 600) * STEP_MS).tolist(), values[:200])
    assert ("flex4", "dropped") in [(fault.channel, fault.fault) for fault in broken.faults]


@pytest.mark.parametrize("most", [90.0, 100.0, 180.0])
def test_readings_that_are_computed_have_no_rail(most: float) -> None:
    """Percent and degrees: both ends are fingers, not wires."""
    rng = np.random.default_rng(3)
    values = np.hstack([rng.uniform(0.1, 0.9, (400, 5)) * most, rng.uniform(-80, 80, (400, 3))]).astype(np.float32)
    values[100:250, 1], values[100:250, 3] = 0.0, most
    values[100:250, [1, 3]] += rng.uniform(0, 0.5, (150, 2)) * np.array([1, -1])  # a sensor that says the same is stuck
    health = SensorHealth()
    assert not health.push(0, [20.0 * place for place in range(400)], values)
    values[:, 0] *= 20  # they are of a converter after all
    reports = health.push(400, [8000 + 20.0 * place for place in range(400)], values)
    assert {fault.channel for report in reports for fault in report.faults} >= {"flex2"}


def test_a_stated_range_of_percent_has_no_rail_either() -> None:
    values = np.random.default_rng(5).uniform(10, 90, (400, 8)).astype(np.float32)
    values[:, 1] = np.random.default_rng(6).uniform(0, 0.5, 400)  # a straight finger
    health = SensorHealth()
    health.state(100.0)
    assert not health.push(0, (np.arange(400) * STEP_MS).tolist(), values)
