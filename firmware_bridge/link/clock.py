"""A glove's clock and its rate, from the frames as they come in. Pure: the caller says when."""

from __future__ import annotations

from collections.abc import Iterable

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FramesMissing
from firmware_bridge.link.rate import RateEstimate
from scaleglove.device_clock import ClockMapping, DeviceClock


class GloveClock:
    """Follows one glove over restarts, after which its clock is another one."""

    def __init__(self) -> None:
        self._clock = DeviceClock()
        self._rate = RateEstimate()

    def observe(self, events: Iterable[Event], now_s: float) -> None:
        """The events of one read, which arrived at `now_s` of the computer's monotonic clock."""
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
        return self._clock.mapping

    @property
    def rate_hz(self) -> float | None:
        """Frames per second of the computer's clock: the device's own count, put right by what its clock drifts."""
        rate_hz, mapping = self._rate.hz, self._clock.mapping
        if rate_hz is None or mapping is None or mapping.drift_ppm is None:
            return rate_hz
        # host = device + offset, and the offset grows by the drift: a second of ours is 1 - drift of the device's.
        return rate_hz * (1 - mapping.drift_ppm * 1e-6)
