"""Names of a glove's readings as people spell them: from a field of a header to what it measures, its unit, its range.

A header field is `name`, `name_unit`, `name(unit)`, `name[unit]`, `name(lo..hi)` or `name(lo..hi unit)`. Case, blanks,
`_`, `-` and `.` inside a name do not matter. `clients/javascript/channel_names.js` has the same table; both are held to
`tests/scaleglove/channel_names.json`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

TIME: Final = "time"
"""The device's clock."""

RECEIVED: Final = "received"
"""The computer's clock when the frame arrived."""

ACCELERATION: Final = ("accel_x", "accel_y", "accel_z")
ROTATION: Final = ("gyro_x", "gyro_y", "gyro_z")
QUATERNION: Final = ("quat_w", "quat_x", "quat_y", "quat_z")


@dataclass(frozen=True, slots=True)
class HeaderField:
    """What a field of a header names.

    `quantity` is `TIME`, `RECEIVED`, a channel, or one of `ACCELERATION`, `ROTATION` and `QUATERNION`; empty for any
    other field. `unit` is the canonical unit, empty where none is stated; `limits` is the stated range.
    """

    quantity: str
    unit: str = ""
    limits: tuple[float, float] | None = None

    @property
    def is_suited(self) -> bool:
        """Whether the unit is one that the quantity may have."""
        return not self.unit or self.unit in _UNITS.get(_kind(self.quantity), {})

    @property
    def factor(self) -> float | None:
        """The factor to ms, degrees, g or degrees/s; 1 without a unit, None for a unit that does not convert."""
        return 1.0 if not self.unit else _FACTORS.get(_kind(self.quantity), {}).get(self.unit)


UNKNOWN: Final = HeaderField("")

_FINGERS: Final[Mapping[str, Sequence[str]]] = {
    "flex1": ("thumb", "엄지"),
    "flex2": ("index", "pointer", "forefinger", "검지"),
    "flex3": ("middle", "중지"),
    "flex4": ("ring", "약지"),
    "flex5": ("little", "pinky", "pinkie", "소지", "새끼"),
}
_SENSORS: Final = ("flex", "flexsensor", "flexfinger", "finger", "bend", "bendsensor", "sensor", "f")
_MOTION: Final[Mapping[str, Sequence[str]]] = {
    "accel_": ("accel", "acc", "acceleration", "accelerometer", "ac", "a"),
    "gyro_": ("gyro", "gyr", "gyroscope", "gy", "g"),
    "quat_": ("quat", "quaternion", "q"),
}
_TIMES: Final = (
    "time", "timestamp", "timestamps", "t", "ts", "tick", "ticks", "devicetime", "clock", "elapsed", "elapsedtime",
    "uptime", "시간",
)  # fmt: skip
_NAMED_BY_UNIT: Final = {
    **dict.fromkeys(("millis", "milliseconds", "ms"), "ms"),
    **dict.fromkeys(("micros", "microseconds", "us"), "us"),
    **dict.fromkeys(("seconds", "secs", "sec"), "s"),
}
"""Names of the device's clock that are its unit."""

_RECEIVED: Final = ("recvtimestamp", "recvtime", "receivedtime", "receivedat", "received", "hosttime", "pctime")


def _spellings() -> dict[str, str]:
    found = dict.fromkeys(_TIMES, TIME) | dict.fromkeys(_RECEIVED, RECEIVED)
    for angle, channel in (("pitch", "pitch"), ("roll", "roll"), ("yaw", "yaw"), ("heading", "yaw")):
        found |= dict.fromkeys((angle, f"angle{angle}", f"euler{angle}"), channel)
    for number, (channel, fingers) in enumerate(_FINGERS.items(), 1):
        found |= {f"{sensor}{number}": channel for sensor in _SENSORS}
        for finger in fingers:
            found |= dict.fromkeys((finger, f"{finger}finger", f"{finger}flex", f"flex{finger}"), channel)
    for prefix, names in _MOTION.items():
        axes = "wxyz" if prefix == "quat_" else "xyz"
        found |= {f"{name}{axis}": f"{prefix}{axis}" for name in names for axis in axes}
    return found | {f"q{number}": name for number, name in enumerate(QUATERNION)}


_SPELLINGS: Final = _spellings()
_ROW_NUMBER: Final = "index"
"""A finger only beside another finger's name: alone it counts the rows, as tables exported by pandas have it."""

_RAW: Final = ("adc", "count", "counts", "raw", "lsb")
"""Units of what a converter or a chip gives."""

_UNITS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "time": {
        "ms": ("ms", "msec", "millis", "millisecond", "milliseconds"),
        "us": ("us", "µs", "μs", "usec", "micros", "microsecond", "microseconds"),
        "s": ("s", "sec", "secs", "second", "seconds"),
        "ns": ("ns", "nsec", "nanoseconds"),
    },
    "angle": {"deg": ("deg", "degs", "degree", "degrees", "°"), "rad": ("rad", "rads", "radian", "radians")},
    "flex": {
        "adc": _RAW,
        "V": ("v", "volt", "volts"),
        "mV": ("mv", "millivolt", "millivolts"),
        "ohm": ("ohm", "ohms", "ω"),
        "kohm": ("kohm", "kohms", "kω"),
        "%": ("%", "percent", "pct"),
        "deg": ("deg", "degree", "degrees", "°"),
    },
    "accel": {"raw": _RAW, "g": ("g",), "mg": ("mg",), "m/s2": ("m/s2", "m/s^2", "m/s²", "ms2", "mps2", "m/s/s")},
    "gyro": {
        "raw": _RAW,
        "deg/s": ("deg/s", "dps", "degs", "°/s", "degree/s", "degrees/s"),
        "rad/s": ("rad/s", "rads", "rps"),
        "mdeg/s": ("mdps", "mdeg/s"),
    },
}
_FACTORS: Final[Mapping[str, Mapping[str, float]]] = {
    "time": {"ms": 1.0, "us": 1e-3, "s": 1e3, "ns": 1e-6},
    "angle": {"deg": 1.0, "rad": math.degrees(1.0)},
    "flex": {"adc": 1.0},
    "accel": {"g": 1.0, "mg": 1e-3, "m/s2": 1 / 9.80665},
    "gyro": {"deg/s": 1.0, "rad/s": math.degrees(1.0), "mdeg/s": 1e-3},
}
_CANONICAL: Final = {
    kind: {spelled: unit for unit, spellings in units.items() for spelled in spellings}
    for kind, units in _UNITS.items()
}

_BRACKETED: Final = re.compile(r"([^()\[\]]+?)\s*(?:\(([^()\[\]]*)\)|\[([^()\[\]]*)\])")
_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_RANGE: Final = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})\s*(.*)", re.ASCII)
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINTS: Final = re.compile(r"[\s_.\-]+")
_COUNTED_FROM_0: Final = re.compile(rf"({'|'.join(_SENSORS)})([0-5])")


def read_field(text: str) -> HeaderField:
    """Return what one field of a header names; `UNKNOWN` for any other text, never a guess."""
    match = _BRACKETED.fullmatch(text.strip())
    if match is None:
        return _named(text)
    field = _named(match[1])
    if not field.quantity:
        return UNKNOWN
    unit = (match[2] if match[2] is not None else match[3]).strip()
    limits = None
    if spanned := _RANGE.fullmatch(unit):
        low, high = sorted((float(spanned[1]), float(spanned[2])))  # as rails: which end is straight is not said
        limits, unit = (low, high) if low < high else None, spanned[3]
    if unit:
        field = replace(field, unit=_unit(field.quantity, unit) or unit.lower())
    return replace(field, limits=limits)


def read_header(texts: Sequence[str]) -> tuple[HeaderField, ...]:
    """Return what each field of a header names; fingers may be counted from 0, and `index` may be a row's number."""
    from_0 = _counts_from_0(texts)
    fields = [read_field(_counted_from_1(text) if from_0 else text) for text in texts]
    others = {name for fingers in _FINGERS.values() for name in fingers} - {_ROW_NUMBER}
    if not any(other in _key(text) for text in texts for other in others):
        fields = [UNKNOWN if _key(text) == _ROW_NUMBER else field for text, field in zip(texts, fields, strict=True)]
    return tuple(fields)


def finger_number(text: str) -> int | None:
    """Return the number 0 to 5 of a numbered flex sensor, None for any other name."""
    match = _COUNTED_FROM_0.fullmatch(_key(text))
    return None if match is None else int(match[2])


def _named(text: str) -> HeaderField:
    """Return the field of a name, with or without a unit after its last joint."""
    key = _key(text)
    if quantity := _SPELLINGS.get(key):
        return HeaderField(quantity)
    if key in _NAMED_BY_UNIT:
        return HeaderField(TIME, _NAMED_BY_UNIT[key])
    parts = [part for part in _JOINTS.split(_HUMP.sub("_", text.strip())) if part]
    for joints in (1, 2):  # the unit may have a joint itself: accel_x_m_s2
        quantity = _SPELLINGS.get("".join(parts[:-joints]).lower(), "")
        if quantity and (unit := _unit(quantity, "/".join(parts[-joints:]))):
            return HeaderField(quantity, unit)
    return UNKNOWN


def _key(text: str) -> str:
    return _JOINTS.sub("", text.strip()).lower()


def _unit(quantity: str, text: str) -> str:
    """Return the canonical unit, empty for one that the quantity does not have."""
    return _CANONICAL.get(_kind(quantity), {}).get(text.strip().lower(), "")


def _kind(quantity: str) -> str:
    if quantity in {TIME, RECEIVED}:
        return "time"
    if quantity in {"pitch", "roll", "yaw"}:
        return "angle"
    return "flex" if quantity.startswith("flex") else quantity.partition("_")[0]


def _counts_from_0(texts: Sequence[str]) -> bool:
    """Tell whether the header counts five fingers 0 to 4, by one name."""
    matches = [match for text in texts if (match := _COUNTED_FROM_0.match(_key(text)))]
    return {match[2] for match in matches} == set("01234") and len({match[1] for match in matches}) == 1


def _counted_from_1(text: str) -> str:
    match = _COUNTED_FROM_0.match(_key(text))
    if match is None:
        return text
    place = text.index(match[2])
    return f"{text[:place]}{int(match[2]) + 1}{text[place + 1 :]}"
