"""One episode while it is recorded, and whether it is good enough to keep. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from firmware_bridge.codec.events import Damaged, DeviceRestarted, Event, FrameRead, FramesMissing
from scaleglove.channels import ANGLES, CHANNELS, DROPPED_FLEX_BELOW, FLEX

_RAIL: Final = 1023.0
"""The highest count of a 10-bit ADC."""


@dataclass(slots=True)
class Take:
    """Takes frames, with the host's time of each in ms since 1970, until there are `wanted`."""

    wanted: int
    frames: list[FrameRead] = field(default_factory=list)
    received_ms: list[int] = field(default_factory=list)
    missing: int = 0
    damaged: int = 0
    restarted: bool = False

    @property
    def done(self) -> bool:
        return len(self.frames) == self.wanted

    def add(self, events: Sequence[Event], host_ms: int) -> None:
        """What the glove said up to `host_ms`. What comes before the first frame is not about this take."""
        for event in events:
            if self.done:
                return
            match event:
                case FrameRead():
                    self.frames.append(event)
                    self.received_ms.append(host_ms)
                case FramesMissing(count=count) if self.frames:
                    self.missing += count
                case DeviceRestarted() if self.frames:
                    self.restarted = True
                case Damaged() if self.frames:
                    self.damaged += 1
                case _:
                    pass

    def faults(self) -> list[str]:
        """Why it should be recorded again, in words; nothing when it is good."""
        faults = []
        if self.missing:
            faults.append(f"{self.missing} frames were lost")
        if self.damaged:
            faults.append(f"{self.damaged} times what came was damaged")
        if self.restarted:
            faults.append("the glove started again")
        return faults + self._sensor_faults()

    def _sensor_faults(self) -> list[str]:
        by_channel = dict(zip(CHANNELS, zip(*(frame.values for frame in self.frames), strict=True), strict=True))
        stuck = {channel for channel, values in by_channel.items() if len(set(values)) == 1}
        faults = [fault for channel in CHANNELS[FLEX] if (fault := _flex_fault(channel, by_channel[channel]))]
        if stuck.issuperset(CHANNELS[ANGLES]):
            faults.append("the motion sensor repeats itself")
        return faults

    def rate_hz(self) -> float:
        """Frames a second, by the device's clock."""
        span_ms = self.frames[-1].t_ms - self.frames[0].t_ms
        return 1000.0 * (len(self.frames) - 1) / span_ms if span_ms > 0 else 0.0


def _flex_fault(channel: str, values: Sequence[float]) -> str:
    """A take lasts long enough for a healthy flex sensor to tremble by a count (docs/reference/sensors.md)."""
    if min(values) < DROPPED_FLEX_BELOW:
        return f"{channel} has no contact"
    if min(values) >= _RAIL:
        return f"{channel} is at its limit"
    if len(set(values)) == 1:
        return f"{channel} is stuck"
    return ""
