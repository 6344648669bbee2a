"""Clock and frame rate of a glove, estimated from its frames. Pure: time is an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FramesMissing
from scaleglove.device_clock import ClockMapping, DeviceClock

_WINDOW_MS: Final = 5000.0
"""Long enough that times in whole milliseconds give the rate to a thousandth, short enough to follow a change."""

_MIN_SPAN_MS: Final = 500.0
"""Over a shorter span, the rate depends more on how the bytes are delivered than on the glove."""


class RateEstimate:
    """Frame rate by the device's clock over the last 5 s; frames known to be missing count as sent."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._sent = 0

    def reset(self) -> None:
        """Forget the frames of a device clock that has restarted."""
        self._seen.clear()

    def observe(self, first_ms: float, t_ms: float, sent: int) -> None:
        """Add `sent` frames, the first at device time `first_ms` and the last at `t_ms`."""
        if not self._seen:
            self._seen.append((first_ms, self._sent + 1))
        self._sent += sent
        self._seen.append((t_ms, self._sent))
        while t_ms - self._seen[0][0] > _WINDOW_MS:
            self._seen.popleft()

    @property
    def hz(self) -> float | None:
        """Frames per second of the device's clock, or None before half a second of frames."""
        if not self._seen:
            return None
        (first_ms, before), (last_ms, after) = self._seen[0], self._seen[-1]
        if last_ms - first_ms < _MIN_SPAN_MS:
            return None
        return 1000.0 * (after - before) / (last_ms - first_ms)


class GloveClock:
    """Clock mapping and frame rate of one glove; both start over when the device restarts."""

    def __init__(self) -> None:
        self._clock = DeviceClock()
        self._rate = RateEstimate()

    def observe(self, events: Iterable[Event], now_s: float) -> None:
        """Add the events of one read, which arrived at time `now_s` of the computer's monotonic clock."""
        first: FrameRead | None = None
        newest: FrameRead | None = None
        sent = 0
        for event in events:
            if isinstance(event, FrameRead):
                first = first or event
                newest = event
                sent += 1
            elif isinstance(event, FramesMissing):
                sent += event.count
            elif isinstance(event, DeviceRestarted):
                self._clock.reset()
                self._rate.reset()
                first, sent = None, 0
        if first is not None and newest is not None:
            self._rate.observe(first.t_ms, newest.t_ms, sent)
            self._clock.observe(newest.t_ms, 1000.0 * now_s)

    @property
    def mapping(self) -> ClockMapping | None:
        """Offset and drift of the device's clock, or None before the first frame."""
        return self._clock.mapping

    @property
    def rate_hz(self) -> float | None:
        """Frames per second of the computer's clock: the device's rate corrected by its clock drift."""
        rate_hz, mapping = self._rate.hz, self._clock.mapping
        if rate_hz is None or mapping is None or mapping.drift_ppm is None:
            return rate_hz
        # host = device + offset, and the offset grows by the drift: one host second is 1 - drift device seconds.
        return rate_hz * (1 - mapping.drift_ppm * 1e-6)
