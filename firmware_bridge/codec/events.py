"""The events of a glove's bytes. docs/reference/link.md is the specification."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from firmware_bridge.codec.commands import MAX_INTERVAL_MS, MIN_INTERVAL_MS
from scaleglove.channels import CHANNELS, FLEX, MAX_MAGNITUDE

_INTERVAL: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_MOST: Final = re.compile(r"[1-9][0-9]{0,5}")


class Fault(StrEnum):
    """The kind of damage in bytes that could not be read."""

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


class NoticeCode(StrEnum):
    """What is odd about a glove's bytes; docs/reference/codes.md describes each."""

    TIME_UNIT = "time_unit"
    TIME_BY_ARRIVAL = "time_by_arrival"
    TIME_SPREAD = "time_spread"
    TOO_SLOW = "too_slow"
    MOTION_UNITS = "motion_units"
    UNLIKELY_COLUMNS = "unlikely_columns"
    UNREADABLE = "unreadable"
    ONLY_WORDS = "only_words"
    UNKNOWN_LABELS = "unknown_labels"


class FrameRead(NamedTuple):
    """One frame: 8 values in the order and units of CHANNELS, None for a sensor that the glove does not have.

    `t_ms` is the device's time in ms, unwrapped: it keeps rising where the device's counter wraps around, and falls
    only where the device has restarted. `acceleration` (g, x y z) and `seq` (modulo 2**16) where the format has them.
    """

    t_ms: float
    values: tuple[float | None, ...]
    acceleration: tuple[float, float, float] | None = None
    seq: int | None = None


class LetterRead(NamedTuple):
    """The letter that the glove itself recognises in its frames.

    `t_ms` (as in FrameRead) and `seq` are those of the newest frame. `place` is the index in the vocabulary of its
    network, which a remark of the glove says. `confidence` is from 0 to 1; `shares` are those of
    the scales 3, 5 and 7, None if the glove does not give them.
    """

    t_ms: float
    place: int
    confidence: float
    shares: tuple[float, float, float] | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class FramesMissing:
    """The loss of `count` frames before the one at `t_ms`, by sequence number or by the time between frames."""

    t_ms: float
    count: int
    reason: Literal["sequence", "time"]


@dataclass(frozen=True, slots=True)
class FrameRepeated:
    """The repeat of the frame at `t_ms`, which is left out."""

    t_ms: float


@dataclass(frozen=True, slots=True)
class DeviceRestarted:
    """The restart of the device: its clock fell from `before_ms` to `t_ms`."""

    before_ms: float
    t_ms: float


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark of the device: the words for people, and the values for programs by key (docs/reference/link.md lists
    them).

    `text` is the values as sent where the device adds no words.
    """

    text: str
    values: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def interval_ms(self) -> float | None:
        """The time between frames from here on; None when the remark gives none from 1 to 1000 ms."""
        value = self.values.get("interval_ms", "")
        ms = float(value) if _INTERVAL.fullmatch(value) else 0.0
        return ms if MIN_INTERVAL_MS <= ms <= MAX_INTERVAL_MS else None

    @property
    def letters(self) -> str | None:
        """The mode of the device's own letters from here on: `on`, `only` or `off`; None when the remark gives none."""
        return self.values.get("letters")

    @property
    def flex_most(self) -> float | None:
        """The highest reading of the flex sensors' converter; None when the remark gives none."""
        value = self.values.get("flex_most", "")
        return float(value) if _MOST.fullmatch(value) else None

    @property
    def error(self) -> str | None:
        """The code of the reason why a command was not obeyed; None when the remark is no refusal."""
        return self.values.get("error")


@dataclass(frozen=True, slots=True)
class HeaderRead:
    """The header line of the device; it names the columns from the next line on. `ranges`: the lowest and the highest
    reading of the channels that give them."""

    names: tuple[str, ...]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict, hash=False)

    @property
    def flex_most(self) -> float | None:
        """The highest reading of the flex sensors' converter; None when the header gives none above 0."""
        most = max((self.ranges[name][1] for name in CHANNELS[FLEX] if name in self.ranges), default=0.0)
        return most if 0 < most <= MAX_MAGNITUDE else None


@dataclass(frozen=True, slots=True)
class Notice:
    """What is odd about the glove, said once: `code` and `values` for programs, `text` for people."""

    code: NoticeCode
    text: str
    channel: str | None = None
    values: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes left out: the first 60 characters of them as text or in hexadecimal, the kind of fault, its description."""

    shown: str
    reason: Fault
    detail: str


Event = (
    FrameRead | LetterRead | FramesMissing | FrameRepeated | DeviceRestarted | Remark | HeaderRead | Notice | Damaged
)
