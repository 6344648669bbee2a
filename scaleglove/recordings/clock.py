"""The times of a recording: which clock is one, in which unit it counts, and steps that rise.

Pure. `clients/page/recordings/clock.js` decides by the same rules.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scaleglove.channel_names import HeaderField
from scaleglove.recordings.errors import RecordingError

_Times = NDArray[np.float64]

_TO_MS: Final = {"ms": 1.0, "us": 1e-3, "s": 1e3, "ns": 1e-6}
_PLAUSIBLE_MS: Final = (2.0, 500.0)
"""The time between two frames of a glove: no sketch sends 500 frames a second, and none means two a second."""

_AGREE: Final = 3.0
"""Ratio within which two clocks tell the same time: units are a thousand apart, and pauses and jumps are real."""

_LEAST_GROUPS: Final = 4
"""Distinct times that frames share in groups, from which on they are a clock of coarse ticks."""

_LEAST_COUNTED: Final = 5
"""Frames by which a unit is judged; fewer times may be anything."""


MAX_SPAN_MS: Final = 1e10
"""Longest recording, some four months. Beyond it a time is none, and at 1e300 the next sample has the same time."""


class Clock(NamedTuple):
    """A column of times: float64[n] as in the file, and its header field."""

    times: _Times
    field: HeaderField


def times_of(device: Clock | None, computer: Clock | None) -> tuple[_Times, Counter[str]]:
    """Return times in ms that rise from 0, and the codes of what was done to them.

    Raises:
        RecordingError: code `no_clock`: neither column is a usable clock, or they span more than MAX_SPAN_MS.
    """
    times, said = _times_of(device, computer)
    if not times[-1] <= MAX_SPAN_MS:
        raise RecordingError(
            f"its times span {times[-1]:.3g} ms, more than the {MAX_SPAN_MS:.0e} of the longest recording: remove the "
            "lines whose times are wrong",
            code="no_clock",
        )
    return times, said


def _times_of(device: Clock | None, computer: Clock | None) -> tuple[_Times, Counter[str]]:
    said: Counter[str] = Counter()
    received = None if computer is None else _received_ms(computer)
    if device is not None and (ticks := _rising(device.times, said)) is not None:
        factor = _factor(ticks, device.field, received, said)
        if factor is not None:
            return ticks * factor, said
    if received is None:
        raise RecordingError(
            "no column of times is a usable clock, they stand still, fall or only count the lines: export the file "
            "with all digits of timestamp_ms (a spreadsheet rounds 1753000000000 to 1.753E+12)",
            code="no_clock",
        )
    return received, Counter({"clock_replaced": 1})


def _rising(times: _Times, said: Counter[str]) -> _Times | None:
    """Return the times from 0, each step that does not rise replaced by the median, as a file's lines are in true
    order; None where the times are no clock."""
    steps = np.diff(times)
    wrong = steps <= 0
    if not wrong.any():
        from_zero: _Times = times - times[0]
        return from_zero
    if 2 * int(wrong.sum()) > len(steps):
        spread = _spread(times)
        said["clock_spread"] += spread is not None
        return spread
    said["time_not_rising"] += int(wrong.sum())
    steps[wrong] = np.median(steps[~wrong])
    risen: _Times = np.concatenate([[0.0], np.cumsum(steps)])
    return risen


def _spread(times: _Times) -> _Times | None:
    """Return times that frames share in groups, from 0: the frames of a group are spread over the time until the
    next."""
    begins = np.flatnonzero(np.diff(times, prepend=-np.inf) != 0)
    if len(begins) < _LEAST_GROUPS or (np.diff(times) < 0).any():
        return None
    sizes = np.diff(begins, append=len(times))
    spans = np.diff(times[begins])
    per_frame = np.append(spans / sizes[:-1], spans[-1] / sizes[-2])
    within = np.arange(len(times)) - np.repeat(begins, sizes)
    spread: _Times = times - times[0] + within * np.repeat(per_frame, sizes)
    return spread


def _received_ms(clock: Clock) -> _Times | None:
    """Return the computer's times in ms from 0; None where they are no clock. Frames of one read share a time."""
    times = clock.times
    if not np.isfinite(times).all():
        return None
    risen = times - times[0] if (np.diff(times) > 0).all() else _spread(times)
    if risen is None:
        return None
    unit = clock.field.unit or _unit_by_step(risen)
    return risen * _TO_MS[unit]


def _factor(ticks: _Times, field: HeaderField, received: _Times | None, said: Counter[str]) -> float | None:
    """Return the factor from the device's times to ms, None where they only number the frames."""
    stated = field.unit or "ms"
    if len(ticks) < _LEAST_COUNTED:
        return _TO_MS[stated]
    if received is not None and received[-1] > 0:
        passed = float(received[-1])
        if unit := _agreeing(ticks, stated, passed):
            return _said(unit, stated, field, said)
        if said["clock_spread"]:
            return None  # a few rounded times, and another clock that tells the true ones
        if not field.unit or not _PLAUSIBLE_MS[0] <= _step(ticks) * _TO_MS[stated] <= _PLAUSIBLE_MS[1]:
            said["clock_scaled"] += 1
            return passed / float(ticks[-1])
    step = _step(ticks)
    if not field.unit and step == 1 and ticks[-1] == len(ticks) - 1:
        return None
    return _said(_plausible(step, stated) or stated, stated, field, said)


def _agreeing(ticks: _Times, stated: str, passed_ms: float) -> str | None:
    """Return the unit in which the device's times tell the time that has passed, the stated one where it does."""
    total = float(ticks[-1])
    if _agree(total * _TO_MS[stated], passed_ms):
        return stated
    without_pauses = _step(ticks) * (len(ticks) - 1)  # and without jumps
    for unit in (stated, *_TO_MS):
        if any(_agree(span * _TO_MS[unit], passed_ms) for span in (total, without_pauses)):
            return unit
    return None


def _said(unit: str, stated: str, field: HeaderField, said: Counter[str]) -> float:
    if unit != stated or (not field.unit and unit != "ms"):
        said[f"time_in_{unit}"] += 1
    return _TO_MS[unit]


def _agree(span_ms: float, passed_ms: float) -> bool:
    return 1 / _AGREE < span_ms / passed_ms < _AGREE


def _step(times: _Times) -> float:
    return float(np.median(np.diff(times)))


def _unit_by_step(times: _Times) -> str:
    """Return the unit of times without a stated one; ms where there are too few to judge by."""
    return (_plausible(_step(times), "ms") if len(times) >= _LEAST_COUNTED else None) or "ms"


def _plausible(step: float, stated: str) -> str | None:
    """Return the unit in which a step is that of a glove, the stated one where it is."""
    least, most = _PLAUSIBLE_MS
    return next((unit for unit in (stated, *_TO_MS) if least <= step * _TO_MS[unit] <= most), None)
