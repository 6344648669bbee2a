"""Faults of a recording, and what was done to it while it was read: codes, counted, with their sentences."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import ANGLES, CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.resampling import MAX_GAP_MS

FULL_EPISODE_FRAMES: Final = 80

_HEALTHY_FLEX: Final = 300.0
"""ADC counts that some sensor of a 10-bit glove reads: public recordings read 318 and more with contact."""


class Repair(NamedTuple):
    """A kind of repair or fault: its code (docs/reference/codes.md), and the channel that it concerns."""

    code: str
    channel: str = ""


TEXTS: Final = {
    "angle_wrapped": "{} crossings of +-180 degrees: joined along the shorter arc",
    "angles_from_quaternion": "episodes whose pitch, roll and yaw were computed from their quaternions",
    "channel_missing": "episodes without {}: read without it",
    "clock_replaced": "episodes whose device time is no usable clock: timed by the computer's (recv_timestamp_ms)",
    "clock_scaled": "episodes whose device time is in no unit of time: scaled by the computer's (recv_timestamp_ms)",
    "clock_spread": "episodes in which several frames share a time: spread evenly",
    "cp949": "files in the encoding cp949",
    "decimal_comma": "files with decimal commas",
    "flex_dropped": "{} frames dropped out: kept, neutralised inside the model",
    "gap": f"gaps of more than {MAX_GAP_MS:g} ms: frames before the last one are not used",
    "label_differs": "episodes whose file name and folder name different letters: the folder's is used",
    "line_left_out": "lines left out: not nine plausible numbers",
    "repetition_twice": "repetitions that another file has too: left out",
    "repetitions": "episodes cut out of files with several repetitions",
    "short": f"episodes shorter than {FULL_EPISODE_FRAMES} frames: kept as they are",
    "time_in_ns": "episodes whose device time is in nanoseconds: converted",
    "time_in_s": "episodes whose device time is in seconds: converted",
    "time_in_us": "episodes whose device time is in microseconds: converted",
    "time_not_rising": "device time that does not rise: step replaced by the median",
    "windows_1252": "files in the encoding windows-1252",
}
"""The sentence of each code, to which a count belongs; `{}` is the channel."""


def text_of(repair: Repair) -> str:
    """Return the sentence of a repair."""
    return TEXTS[repair.code].format(repair.channel)


def faults_of(t_ms: NDArray[np.float64], values: NDArray[np.float32]) -> Counter[Repair]:
    """Count the faults of an episode: frames float32[n, 8] at times float64[n] in ms."""
    faults: Counter[Repair] = Counter()
    faults[Repair("gap")] = int((np.diff(t_ms) > MAX_GAP_MS).sum())
    faults[Repair("short")] = int(len(values) < FULL_EPISODE_FRAMES)
    low = values[:, FLEX] < DROPPED_FLEX_BELOW
    # On another scale low readings say nothing: in counts of 10 bits not all sensors of a hand are this low.
    lost = low.sum(axis=0) if (values[:, FLEX] >= _HEALTHY_FLEX).any() else np.zeros(5, int)
    jumps = (np.abs(np.diff(values[:, ANGLES], axis=0)) > 180).sum(axis=0)
    missing = np.isnan(values[0])
    for code, channels, counts in (
        ("flex_dropped", CHANNELS[FLEX], lost),
        ("angle_wrapped", CHANNELS[ANGLES], jumps),
        ("channel_missing", CHANNELS, missing),
    ):
        if counts.any():
            faults.update({Repair(code, channel): int(count) for channel, count in zip(channels, counts, strict=True)})
    return faults
