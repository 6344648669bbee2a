"""What was done to a recording while it was read: codes, counted, with their sentences."""

from __future__ import annotations

from typing import Final, NamedTuple

from scaleglove.resampling import MAX_GAP_MS

FULL_EPISODE_FRAMES: Final = 80


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
