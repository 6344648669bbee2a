"""The time line: what it gives does not depend on how frames arrive, and invents nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scaleglove.channels import ANGLES
from scaleglove.resampling import (
    MAX_GAP_MS,
    MIN_RATE_HZ,
    Arrival,
    Resampler,
    interpolate,
    median,
    resample,
    resample_evenly,
    wrap_degrees,
)

FRAME = np.arange(8, dtype=np.float32)


def frame(flex: float, angle: float) -> np.ndarray:
    return np.array([flex] * 5 + [angle] * 3, np.float32)


def push_all(timeline: Resampler, times: list[float], values: list[np.ndarray]) -> list[np.ndarray]:
    drawn = []
    for t, v in zip(times, values, strict=True):
        timeline.push(t, v.tolist())
        drawn += list(timeline.draw())
    return drawn


@given(st.lists(st.floats(1, 60), min_size=1, max_size=40), st.floats(10, 200))
def test_a_straight_line_stays_straight_at_any_rate_and_any_spacing(steps: list[float], rate: float) -> None:
    times = np.concatenate([[0.0], np.cumsum(steps)])
    samples = resample(times, np.stack([frame(100 + t, 0.01 * t) for t in times]), rate)
    grid = np.arange(len(samples)) * 1000 / rate
    np.testing.assert_allclose(samples[:, 0], 100 + grid, rtol=1e-4)
    assert grid[-1] <= times[-1] + 1e-3 < grid[-1] + 1000 / rate + 2e-3  # as far as the frames go, and no further


def test_frames_at_the_models_rate_come_out_as_they_are() -> None:
    values = np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)
    np.testing.assert_allclose(resample(np.arange(20) * 20.0, values, 50.0), values, atol=1e-6)


@given(st.floats(-180, 179.9), st.floats(-179, 179), st.floats(0, 1))
def test_angles_are_interpolated_along_the_shorter_arc(start: float, turn: float, fraction: float) -> None:
    end = wrap_degrees(np.array([start + turn], np.float32))[0]
    between = interpolate(frame(0, start), frame(0, float(end)), fraction)
    off = (between[ANGLES] - (start + fraction * turn) + 180) % 360 - 180
    np.testing.assert_allclose(off, 0, atol=1e-3)
    assert (between[ANGLES] >= -180).all()
    assert (between[ANGLES] < 180).all()


@pytest.mark.parametrize(
    ("times", "last"),
    [
        ([0, 20, 40], Arrival.IN_ORDER),
        ([0, 20, 20], Arrival.LATE),
        ([0, 20, 10], Arrival.LATE),
        ([0, 20, 21 + MAX_GAP_MS], Arrival.GAP),
        ([5000, 5020, 0], Arrival.RESTART),
        ([5000, 4200, 4220], Arrival.LATE),
        ([5000, 4200, 4220, 4240], Arrival.RESTART),
        ([5000, 4200, 4220, 5020, 4240], Arrival.LATE),
        ([5000, 5000, 5000, 5000, 5000], Arrival.LATE),
    ],
)
def test_arrivals_are_distinguished_by_device_time(times: list[float], last: Arrival) -> None:
    timeline = Resampler(50)
    arrivals = [timeline.push(t, FRAME) for t in times]
    assert arrivals[-1] is last


def test_a_late_frame_changes_nothing() -> None:
    times, values = [0.0, 20.0, 41.0, 62.0], [frame(i, i) for i in range(4)]
    with_late = push_all(Resampler(50), [0.0, 20.0, 10.0, 41.0, 62.0], [*values[:2], frame(99, 99), *values[2:]])
    np.testing.assert_array_equal(with_late, push_all(Resampler(50), times, values))


@given(
    st.lists(st.floats(1, 60), min_size=2, max_size=40), st.lists(st.booleans(), min_size=40, max_size=40), st.data()
)
def test_samples_do_not_depend_on_when_they_are_drawn(
    steps: list[float], draws: list[bool], data: st.DataObject
) -> None:
    times = np.cumsum(steps).tolist()
    angle = st.floats(-1000, 1000, width=32)  # whatever a glove sends
    values = [frame(i, data.draw(angle)) for i in range(len(times))]
    timeline, drawn = Resampler(50), []
    for time, value, draw in zip(times, values, draws, strict=False):
        timeline.push(time, value.tolist())
        if draw:
            drawn += list(timeline.draw())
    drawn += list(timeline.draw())
    np.testing.assert_array_equal(drawn, resample(np.array(times), np.stack(values), 50))


def test_nothing_is_drawn_across_a_gap_or_a_restart() -> None:
    timeline = Resampler(50)
    timeline.push(0, frame(0, 0))
    assert timeline.push(1000, frame(100, 90)) is Arrival.GAP
    np.testing.assert_array_equal(timeline.draw(), [frame(100, 90)])
    assert resample(np.array([0, 20, 2000, 2020.0]), np.stack([frame(i, 0) for i in range(4)]), 50)[:, 0].tolist() == [
        2,
        3,
    ]


def test_the_grid_does_not_drift_over_an_hour() -> None:
    timeline = Resampler(60.0)  # a period that no float holds exactly
    count = 0
    for t in range(360_001):
        timeline.push(t * 10.0, FRAME)
        if t % 1000 == 0:
            count += len(timeline.draw())
    assert count == 3600 * 60 + 1


def test_without_a_rate_every_frame_in_order_is_a_sample() -> None:
    timeline = Resampler(None)
    assert len(push_all(timeline, [0, 13, 50, 50, 51], [FRAME] * 5)) == 4


@pytest.mark.parametrize("wrong_ms", [900.0, 220.0])
def test_one_time_that_ran_ahead_silences_nothing(wrong_ms: float) -> None:
    times = np.arange(40) * 20.0
    times[10] += wrong_ms
    timeline = Resampler(50)
    arrivals = [timeline.push(t, FRAME) for t in times.tolist()]
    assert arrivals[11:] == [Arrival.LATE, Arrival.LATE, Arrival.RESTART] + [Arrival.IN_ORDER] * 26
    values = np.stack([frame(i, 0) for i in range(40)])
    np.testing.assert_array_equal(resample(times, values, 50), values[13:])  # a file as a stream


@given(st.integers(1, 200), st.floats(MIN_RATE_HZ, 1000), st.floats(10, 200), st.integers(1, 100))
def test_even_frames_are_resampled_as_by_their_times(count: int, from_hz: float, to_hz: float, newest: int) -> None:
    rng = np.random.default_rng(count)
    values = np.concatenate([rng.uniform(0, 1000, (count, 5)), rng.uniform(-180, 179, (count, 3))], axis=1)
    values = values.astype(np.float32)
    expected = resample(np.arange(count) * (1000.0 / from_hz), values, to_hz)[-newest:]
    drawn = resample_evenly(values, from_hz, to_hz, newest)
    assert drawn.shape == expected.shape
    difference = drawn - expected
    difference[:, ANGLES] = wrap_degrees(difference[:, ANGLES])
    np.testing.assert_allclose(difference, 0, atol=1e-3)  # float32 of 1000 holds 6e-5


@given(hnp.arrays(st.sampled_from([np.float32, np.float64]), st.tuples(st.integers(1, 9), st.integers(1, 4))))
def test_the_median_is_numpys(values: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        found, expected = median(values), np.median(values, axis=0)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
