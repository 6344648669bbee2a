"""What the bytes of a glove say, event by event. docs/link.md is the specification."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple


class Fault(StrEnum):
    """Why bytes could not be read."""

    FIELDS = "wrong number of fields"
    NUMBER = "not a number"
    FINITE = "NaN or infinity"
    RANGE = "out of range"
    ASCII = "not ASCII"
    LONG = "line too long"
    HEADER = "header that does not name a frame"
    ORDER = "follows a header that does not name a frame"
    COBS = "not COBS"
    LENGTH = "wrong length"
    VERSION = "unknown version"
    TYPE = "unknown type"
    CRC = "wrong CRC"
    CUT = "cut off"


class FrameRead(NamedTuple):
    """One frame: 8 values in the order and units of `models.runtime.contract.CHANNELS`.

    `t_ms` is the device's time in ms, unwrapped: it rises on where the device's counter wraps around, and falls only
    where the device has started again. `acceleration` (g, x y z) and `seq` (modulo 2**16) where the format has them.
    """

    t_ms: float
    values: tuple[float, ...]
    acceleration: tuple[float, float, float] | None = None
    seq: int | None = None


class LetterRead(NamedTuple):
    """The letter that the glove itself makes of its frames, whose newest is that of `t_ms` (as FrameRead's) and `seq`.

    `confidence` from 0 to 1; `shares` of the scales 3, 5 and 7 in it, None: the glove does not say.
    """

    t_ms: float
    letter: str
    confidence: float
    shares: tuple[float, float, float] | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class FramesMissing:
    """Frames were lost before the one at `t_ms`: `count` of them by sequence number, or by the time between frames."""

    t_ms: float
    count: int
    reason: Literal["sequence", "time"]


@dataclass(frozen=True, slots=True)
class FrameRepeated:
    """The frame at `t_ms` came again and is left out."""

    t_ms: float


@dataclass(frozen=True, slots=True)
class DeviceRestarted:
    """The device's clock, which stood at `before_ms`, began anew at `t_ms`."""

    before_ms: float
    t_ms: float


@dataclass(frozen=True, slots=True)
class Remark:
    """What the device says to people: a `#` line without the `#`, or a binary remark."""

    text: str


@dataclass(frozen=True, slots=True)
class HeaderRead:
    """The device named its columns; they hold from the next line on."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes left out: the first 60 characters of them as text or in hexadecimal, the kind of fault, and it in words."""

    shown: str
    reason: Fault
    detail: str


Event = FrameRead | LetterRead | FramesMissing | FrameRepeated | DeviceRestarted | Remark | HeaderRead | Damaged
