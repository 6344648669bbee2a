"""Labelled episodes: which to record next, whether a take is good enough, and its file in the public layout.

An episode is the file `COLLECTION/LABEL/BEND/episode_DATE_TIME_LABEL_BEND.csv`.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from firmware_bridge.codec.events import Damaged, DeviceRestarted, Event, FrameRead, FramesMissing
from firmware_bridge.codec.header_fields import ACCELERATION
from firmware_bridge.recorder.sensor_rails import SensorRails
from scaleglove.atomic_file import atomic_write
from scaleglove.channels import ANGLES, CHANNELS

_ANGLE_COLUMNS: Final = ("pitch", "roll", "yaw")
COLUMNS: Final = (
    "timestamp_ms",
    "recv_timestamp_ms",
    *_ANGLE_COLUMNS,
    *CHANNELS[:5],
    "sampling_hz",
    *ACCELERATION,
)


@dataclass(frozen=True, slots=True)
class Slot:
    """An episode to be recorded: number `number` of `of` for this label and bend."""

    label: str
    bend: str
    number: int
    of: int


def recorded(collection: Path) -> Counter[tuple[str, str]]:
    """Count the episodes of each label and bend in a folder `COLLECTION/LABEL/BEND/`."""
    return Counter((path.parent.parent.name, path.parent.name) for path in collection.glob("*/*/episode_*.csv"))


def plan(
    labels: Sequence[str], bends: Sequence[str], episodes: int, have: Mapping[tuple[str, str], int]
) -> Iterator[Slot]:
    """Yield the missing episodes in rounds over all labels, because two recorded back to back are nearly the same."""
    for number in range(1, episodes + 1):
        for bend in bends:
            for label in labels:
                if have.get((label, bend), 0) < number:
                    yield Slot(label, bend, number, episodes)


@dataclass(slots=True)
class Take:
    """One attempt at an episode: `wanted` frames, with the host's time of each in ms since 1970.

    `rails` are those of the session, so that a sensor is judged by all that the glove has sent.
    """

    wanted: int
    rails: SensorRails = field(default_factory=SensorRails)
    frames: list[FrameRead] = field(default_factory=list)
    received_ms: list[int] = field(default_factory=list)
    missing: int = 0
    damaged: int = 0
    restarted: bool = False

    @property
    def done(self) -> bool:
        """Whether all frames have been received."""
        return len(self.frames) == self.wanted

    def add(self, events: Sequence[Event], host_ms: int) -> None:
        """Add the events of one read at `host_ms`; losses before the first frame are ignored."""
        for event in events:
            if self.done:
                return
            match event:
                case FrameRead():
                    self.frames.append(event)
                    self.rails.push(event.values)
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
        """Return the reasons why the episode should be recorded again; empty if it is good."""
        faults = []
        if self.missing:
            faults.append(f"{self.missing} frames were lost")
        if self.damaged:
            faults.append(f"{self.damaged} messages of the glove were damaged")
        if self.restarted:
            faults.append("the glove restarted")
        return faults + self._sensor_faults()

    def _sensor_faults(self) -> list[str]:
        frames = [frame.values for frame in self.frames]
        faults = self.rails.faults(frames)
        angles: list[tuple[float | None, ...]] = list(zip(*frames, strict=True))[ANGLES]
        if all(None not in angle and len(set(angle)) == 1 for angle in angles):
            faults.append("the motion sensor repeats one value")
        return faults

    def absent(self) -> list[str]:
        """Return the channels that the glove does not have."""
        values: Sequence[float | None] = self.frames[0].values
        return [channel for channel, value in zip(CHANNELS, values, strict=True) if value is None]

    def rate_hz(self) -> float:
        """Return the frames per second by the device's clock."""
        span_ms = self.frames[-1].t_ms - self.frames[0].t_ms
        return 1000.0 * (len(self.frames) - 1) / span_ms if span_ms > 0 else 0.0


def save(take: Take, collection: Path, label: str, bend: str, now: datetime) -> Path:
    """Write the episode atomically under a name that is not in use, and return its path.

    Raises:
        OSError: the folder is not writable.
    """
    folder = collection / label / bend
    folder.mkdir(parents=True, exist_ok=True)
    while (path := folder / f"episode_{now:%Y%m%d_%H%M%S}_{label}_{bend}.csv").exists():
        now += timedelta(seconds=1)
    with atomic_write(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_rows(take))
    return path


def _rows(take: Take) -> Iterator[list[str]]:
    begin_ms = take.frames[0].t_ms
    before_ms = begin_ms - (1000.0 / take.rate_hz() if take.rate_hz() else 0.0)
    for frame, received_ms in zip(take.frames, take.received_ms, strict=True):
        values = dict(zip(CHANNELS, map(_shortest, frame.values), strict=True))
        step_ms, before_ms = frame.t_ms - before_ms, frame.t_ms
        yield [
            f"{frame.t_ms - begin_ms:.3f}".rstrip("0").rstrip("."),
            str(received_ms),
            *(values[name] for name in (*_ANGLE_COLUMNS, *CHANNELS[:5])),
            repr(1000.0 / step_ms) if step_ms > 0 else "",
            *(map(_shortest, frame.acceleration) if frame.acceleration else [""] * 3),
        ]


def _shortest(value: float | None) -> str:
    """Return the shortest text that reads back as the same float32; none for a sensor that the glove does not have."""
    if value is None:
        return ""
    return np.format_float_positional(np.float32(value), unique=True, trim="-")
