"""Faults of a glove's sensors by channel: frames in, the present faults out at each change. Pure.

However the same frames are split into messages, the reports are the same. docs/reference/sensors.md has the constants,
and what healthy and broken sensors of real recordings do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import CHANNELS, FLEX
from scaleglove.protocol import SensorFault, SensorFaultKind, Sensors
from scaleglove.resampling import MAX_GAP_MS, MAX_LATE_MS
from service.streams.rail import rail_of, rounded

DROPPED_MS: Final = 100.0
"""A flex sensor has lost contact when it reads next to nothing (DROPPED_FLEX_BELOW), and again this much later."""

SATURATED_MS: Final = 500.0
"""How long a flex sensor is at the converter's rail, or an angle at +-180 degrees."""

STUCK_MS: Final = 1000.0
"""How long a flex sensor reads exactly the same while other channels change."""

REPEATING_MS: Final = 1000.0
"""How long pitch, roll and yaw are all exactly the same while time advances."""

CLEAR_MS: Final = 2000.0
"""A fault is over when its sign has been absent for so long: an intermittent contact is one fault, not many."""

ANGLE_BOUND: Final = 180.0

LASTS_MS: Final[dict[SensorFaultKind, float]] = {
    "dropped": DROPPED_MS,
    "saturated": SATURATED_MS,
    "stuck": STUCK_MS,
    "repeating": REPEATING_MS,
}
"""By kind, how long its sign lasts before it is a fault."""

UNCHANGED_MS: Final = min(SATURATED_MS, STUCK_MS, REPEATING_MS)
"""A frame is plain as long as every channel has changed within this time."""

_FLEX: Final = FLEX.stop
_CHANNELS: Final = tuple(range(len(CHANNELS)))
_U32: Final = 2**32

_Key = tuple[int, SensorFaultKind]


@dataclass(slots=True)
class _Sign:
    """A sign at a channel that is a fault if it lasts. Times are the device's."""

    since_ms: float
    last_ms: float
    is_fault: bool = False


class SensorHealth:
    """The state of one glove's sensors. A sensor that it does not have (NaN) has no fault."""

    def __init__(self) -> None:
        self._newest_ms = -math.inf  # the first frame follows a gap
        self._most, self._stated = 0.0, 0.0
        self._use_rail()
        self._row: list[float] = []
        self._changed_ms: list[float] = []
        """By channel, when its value last changed."""
        self._signs: dict[_Key, _Sign] = {}

    @property
    def faults(self) -> tuple[SensorFault, ...]:
        """The present faults, in the order of channels."""
        signs = sorted((key, sign.since_ms) for key, sign in self._signs.items() if sign.is_fault)
        return tuple(SensorFault(CHANNELS[channel], kind, since_ms) for (channel, kind), since_ms in signs)

    def state(self, most: float | None) -> None:
        """Take the highest reading of the converter as the glove states it, None where it states none."""
        stated = rounded(most or 0.0)
        if stated != self._stated:
            self._stated = stated
            self._use_rail()

    def push(self, seq: int, t_ms: Sequence[float], values: NDArray[np.float32]) -> list[Sensors]:
        """Take frames `values` float32[n, 8] at device times `t_ms` [n], numbered from `seq` on.

        Return a report for each frame at which the faults change. Late and repeated frames are ignored. Durations do
        not continue across a gap, and no fault ends there; after a restart of the device's clock all state is reset.
        """
        reports: list[Sensors] = []
        for offset, (time_ms, row) in enumerate(zip(t_ms, values.tolist(), strict=True)):
            if self._push_frame(time_ms, row):
                reports.append(Sensors((seq + offset) % _U32, time_ms, self.faults))
        return reports

    def _push_frame(self, t_ms: float, row: list[float]) -> bool:
        """Take one frame; return whether the faults have changed."""
        step_ms = t_ms - self._newest_ms
        if not 0 < step_ms <= MAX_GAP_MS:
            if -MAX_LATE_MS <= step_ms <= 0:
                return False
            return self._begin(t_ms, row, restarted=step_ms <= 0)
        self._newest_ms = t_ms
        before, changed_ms = self._row, self._changed_ms
        for channel in _CHANNELS:  # a loop without calls, since it runs for every frame of every glove
            value = row[channel]
            if value != before[channel] and value == value:  # noqa: PLR0124 - NaN: a sensor that the glove does not have
                changed_ms[channel] = t_ms
        self._row = row
        flex = row[:_FLEX]
        if not max(flex) <= self._valid_to:  # NaN too, where the first sensor is missing
            self._raise_rail(flex)
        is_plain = min(flex) >= self._lost_below and max(flex) < self._rail and t_ms - min(changed_ms) < UNCHANGED_MS
        return (not is_plain or bool(self._signs)) and self._judge(t_ms, row)

    def _begin(self, t_ms: float, row: list[float], restarted: bool) -> bool:
        """Take the first frame, or the first after a gap or after a restart of the clock."""
        had_faults = any(sign.is_fault for sign in self._signs.values())
        self._newest_ms, self._row, self._changed_ms = t_ms, row, [t_ms] * len(row)
        self._raise_rail(row[:_FLEX])
        self._signs = {} if restarted else {key: sign for key, sign in self._signs.items() if sign.is_fault}
        for sign in self._signs.values():
            sign.last_ms = t_ms
        return self._judge(t_ms, row) or (restarted and had_faults)

    def _raise_rail(self, flex: list[float]) -> None:
        """Judge by the rail of a converter that gives these readings too, NaN for a sensor that the glove lacks."""
        most = max((value for value in flex if not math.isnan(value)), default=0.0)
        self._most = max(self._most, most)
        if most > self._valid_to:
            self._use_rail()

    def _use_rail(self) -> None:
        found = rail_of(self._stated, self._most)
        self._valid_to, self._rail, self._lost_below = found.valid_to, found.rail, found.lost_below

    def _judge(self, t_ms: float, row: list[float]) -> bool:
        changed = False
        for key, since_ms in self._find_signs(t_ms, row):
            sign = self._signs.setdefault(key, _Sign(since_ms, t_ms))
            sign.last_ms = t_ms
            if not sign.is_fault and t_ms - sign.since_ms >= LASTS_MS[key[1]]:
                sign.is_fault = changed = True
        for key, sign in list(self._signs.items()):
            if t_ms - sign.last_ms >= CLEAR_MS:
                del self._signs[key]
                changed |= sign.is_fault
        return changed

    def _find_signs(self, t_ms: float, row: list[float]) -> Iterator[tuple[_Key, float]]:
        """Yield the signs in this frame, each with the device time since which it has been present continuously."""
        changed_ms = self._changed_ms
        newest_change_ms = max(changed_ms)
        for channel, value in enumerate(row[:_FLEX]):
            if value < self._lost_below:
                yield (channel, "dropped"), t_ms
            elif value >= self._rail:
                yield (channel, "saturated"), t_ms
            elif newest_change_ms - changed_ms[channel] >= STUCK_MS and not math.isnan(value):
                yield (channel, "stuck"), changed_ms[channel]
        angles_changed_ms = max(changed_ms[_FLEX:])
        for channel in range(_FLEX, len(row)):
            if math.isnan(row[channel]):
                continue
            if t_ms - angles_changed_ms >= REPEATING_MS:
                yield (channel, "repeating"), angles_changed_ms
            elif abs(row[channel]) >= ANGLE_BOUND and t_ms - changed_ms[channel] >= SATURATED_MS:
                yield (channel, "saturated"), changed_ms[channel]
