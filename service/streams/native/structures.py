"""The structures of intake.h: what the C keeps of one stream, and the constants of its reference."""

from __future__ import annotations

import ctypes
import math
from typing import Any, ClassVar, Final, get_args

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE, MAX_TIME_MS
from scaleglove.protocol import MAX_FRAMES_PER_MESSAGE, SensorFaultKind
from scaleglove.resampling import MAX_GAP_MS, MAX_LATE_MS, NEW_CLOCK_FRAMES, ROUNDING_MS
from service.streams.sensors import ANGLE_BOUND, CLEAR_MS, LASTS_MS, UNCHANGED_MS
from service.streams.window import RATE_SMOOTHING, REMEMBERED, Reason

KINDS: Final[tuple[SensorFaultKind, ...]] = tuple(sorted(get_args(SensorFaultKind)))
"""Faults in the order of `enum sg_kind`."""

INVALID, END, FRAME, RAIL, REPORT = range(-1, 4)
"""`enum sg_outcome`."""

REASONS: Final[tuple[Reason | None, ...]] = (None, "sequence", "time", "clock", "duplicate")
"""`enum sg_reason`."""

_PER_CHANNEL: Final = len(CHANNELS)
_Fields = list[tuple[str, Any]]


class Rules(ctypes.Structure):
    """`struct sg_rules`."""

    _fields_: ClassVar[_Fields] = [
        ("max_magnitude", ctypes.c_double),
        ("max_time_ms", ctypes.c_double),
        ("max_gap_ms", ctypes.c_double),
        ("max_late_ms", ctypes.c_double),
        ("rounding_ms", ctypes.c_double),
        ("rate_smoothing", ctypes.c_double),
        ("unchanged_ms", ctypes.c_double),
        ("clear_ms", ctypes.c_double),
        ("angle_bound", ctypes.c_double),
        ("lasts_ms", ctypes.c_double * len(KINDS)),
        ("new_clock_frames", ctypes.c_int64),
        ("most_frames", ctypes.c_int64),
    ]


RULES: Final = Rules(
    MAX_MAGNITUDE,
    MAX_TIME_MS,
    MAX_GAP_MS,
    MAX_LATE_MS,
    ROUNDING_MS,
    RATE_SMOOTHING,
    UNCHANGED_MS,
    CLEAR_MS,
    ANGLE_BOUND,
    tuple(LASTS_MS[kind] for kind in KINDS),
    NEW_CLOCK_FRAMES,
    MAX_FRAMES_PER_MESSAGE,
)


class Timeline(ctypes.Structure):
    """`struct sg_timeline`."""

    _fields_: ClassVar[_Fields] = [
        ("period_ms", ctypes.c_double),
        ("anchor_ms", ctypes.c_double),
        ("last_ms", ctypes.c_double),
        ("complete", ctypes.c_int64),
        ("behind", ctypes.c_int32),
        ("has_last", ctypes.c_int32),
        ("last", ctypes.c_float * _PER_CHANNEL),
    ]


class Window(ctypes.Structure):
    """`struct sg_window`."""

    newest_ms: float
    interval_ms: float
    intervals: int
    frames: int
    late_frames: int
    duplicate_frames: int
    missing_frames: int
    count: int
    gap_end: int
    end: int
    next_seq: int
    has_next: int
    _fields_: ClassVar[_Fields] = [
        ("samples", ctypes.c_void_p),
        ("newest_ms", ctypes.c_double),
        ("interval_ms", ctypes.c_double),
        ("intervals", ctypes.c_int64),
        ("frames", ctypes.c_int64),
        ("late_frames", ctypes.c_int64),
        ("duplicate_frames", ctypes.c_int64),
        ("missing_frames", ctypes.c_int64),
        ("count", ctypes.c_int64),
        ("gap_end", ctypes.c_int64),
        ("size", ctypes.c_uint32),
        ("hop", ctypes.c_uint32),
        ("capacity", ctypes.c_uint32),
        ("end", ctypes.c_uint32),
        ("most_drawn", ctypes.c_uint32),
        ("next_seq", ctypes.c_uint32),
        ("has_next", ctypes.c_int32),
        ("is_repeating", ctypes.c_int32),
        ("skipped_count", ctypes.c_uint32),
        ("skipped", ctypes.c_uint32 * REMEMBERED),
    ]


class Sign(ctypes.Structure):
    """`struct sg_sign`."""

    _fields_: ClassVar[_Fields] = [
        ("since_ms", ctypes.c_double),
        ("last_ms", ctypes.c_double),
        ("is_present", ctypes.c_int32),
        ("is_fault", ctypes.c_int32),
    ]


class Sensors(ctypes.Structure):
    """`struct sg_sensors`."""

    _fields_: ClassVar[_Fields] = [
        ("newest_ms", ctypes.c_double),
        ("most", ctypes.c_double),
        ("judged_most", ctypes.c_double),
        ("valid_to", ctypes.c_double),
        ("rail", ctypes.c_double),
        ("lost_below", ctypes.c_double),
        ("changed_ms", ctypes.c_double * _PER_CHANNEL),
        ("signs_present", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("row", ctypes.c_float * _PER_CHANNEL),
        ("signs", Sign * len(KINDS) * _PER_CHANNEL),
    ]


class Event(ctypes.Structure):
    """`struct sg_event`."""

    _fields_: ClassVar[_Fields] = [
        ("t_ms", ctypes.c_double),
        ("before_t_ms", ctypes.c_double),
        ("missing", ctypes.c_int64),
        ("seq", ctypes.c_uint32),
        ("reason", ctypes.c_uint32),
        ("restarted", ctypes.c_uint32),
        ("dues", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class Intake(ctypes.Structure):
    """`struct sg_intake`, of a stream without frames."""

    _fields_: ClassVar[_Fields] = [
        ("rules", ctypes.c_void_p),
        ("stride", ctypes.c_uint32),
        ("place", ctypes.c_uint32),
        ("event", Event),
        ("timeline", Timeline),
        ("window", Window),
        ("sensors", Sensors),
    ]

    def __init__(self) -> None:
        super().__init__(rules=ctypes.addressof(RULES))
        self.sensors.newest_ms = -math.inf  # the first frame follows a gap


def check(library: ctypes.CDLL) -> None:
    """Refuse a library whose structures are not these.

    Raises:
        RuntimeError: they differ in size.
    """
    if library.scaleglove_intake_size() != ctypes.sizeof(Intake):
        raise RuntimeError("the structures of intake.h and structures.py differ")
