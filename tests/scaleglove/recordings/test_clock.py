"""Times of recordings: whatever the columns hold, times rise from 0, or the file is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.channel_names import HeaderField
from scaleglove.recordings import RecordingError
from scaleglove.recordings.clock import Clock, times_of

MS = HeaderField("received", "ms")
UNITS = {"ms": 1.0, "us": 1e3, "s": 1e-3, "ns": 1e6}
steps = st.lists(st.floats(5, 80), min_size=6, max_size=60)
anything = st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=30)


def clock(times: list[float] | np.ndarray, unit: str = "", quantity: str = "time") -> Clock:
    return Clock(np.array(times, np.float64), HeaderField(quantity, unit))


@given(steps, st.sampled_from(list(UNITS)), st.booleans(), st.booleans())
def test_the_unit_is_found_by_the_computer_s_clock_or_by_the_steps(
    gaps: list[float], unit: str, is_stated: bool, has_computer: bool
) -> None:
    true_ms = np.concatenate([[0.0], np.cumsum(gaps)])
    computer = Clock(1.76e12 + true_ms, MS) if has_computer else None
    t_ms, said = times_of(clock(true_ms * UNITS[unit], unit if is_stated else ""), computer)
    assert t_ms == pytest.approx(true_ms, rel=1e-6, abs=1e-6)
    assert said == ({} if is_stated or unit == "ms" else {f"time_in_{unit}": 1})


@given(st.lists(st.floats(15, 30), min_size=6, max_size=60), st.floats(0.03, 0.15))
def test_ticks_are_scaled_to_the_computer_s_clock(gaps: list[float], ticks_per_ms: float) -> None:
    true_ms = np.concatenate([[0.0], np.cumsum(gaps)])
    t_ms, said = times_of(clock(true_ms * ticks_per_ms), Clock(1.76e12 + true_ms, MS))
    assert said == {"clock_scaled": 1}
    assert t_ms == pytest.approx(true_ms, rel=1e-3)


@given(anything, st.none() | anything, st.sampled_from(["", *UNITS]))
def test_times_rise_from_0_or_the_file_is_refused(device: list[float], computer: list[float] | None, unit: str) -> None:
    count = min(len(device), len(computer or device))
    second = None if computer is None else Clock(np.array(computer[:count]), MS)
    refusal, t_ms = "", np.zeros(count)
    try:
        t_ms, _ = times_of(clock(device[:count], unit), second)
    except RecordingError as error:
        refusal = error.code
    assert refusal in {"", "no_clock"}
    assert (t_ms[0], len(t_ms)) == (0, count)
    assert (np.diff(t_ms) >= 0).all()
