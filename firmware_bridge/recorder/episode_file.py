"""A labelled episode as a file of the public layout: `COLLECTION/LETTER/BEND/episode_DATE_TIME_LETTER_BEND.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from firmware_bridge.codec.lines import ACCELERATION
from firmware_bridge.recorder.take import Take
from scaleglove.atomic_file import atomic_write
from scaleglove.channels import CHANNELS

_ANGLES: Final = ("pitch", "roll", "yaw")
COLUMNS: Final = (
    "timestamp_ms",
    "recv_timestamp_ms",
    *_ANGLES,
    *CHANNELS[:5],
    "sampling_hz",
    *ACCELERATION,
)


def save(take: Take, collection: Path, letter: str, bend: str, now: datetime) -> Path:
    """Write the episode whole or not at all, under a name that is not taken.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder = collection / letter / bend
    folder.mkdir(parents=True, exist_ok=True)
    while (path := folder / f"episode_{now:%Y%m%d_%H%M%S}_{letter}_{bend}.csv").exists():
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
            *(values[name] for name in (*_ANGLES, *CHANNELS[:5])),
            repr(1000.0 / step_ms) if step_ms > 0 else "",
            *(map(_shortest, frame.acceleration) if frame.acceleration else [""] * 3),
        ]


def _shortest(value: float) -> str:
    """The shortest text that reads back as the same float32."""
    return np.format_float_positional(np.float32(value), unique=True, trim="-")
