"""The names of fields: which sensor or time one is, in which unit and range. Pure. docs/reference/link.md, "Names"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from scaleglove.channels import CHANNELS

Kind = Literal["flex", "angle", "acceleration", "turn", "time", "ignored"]

_UNITS: Final[Mapping[str, str]] = {
    spelling: unit
    for unit, spellings in {
        "us": ("us", "µs", "μs"),
        "ms": ("ms",),
        "s": ("s", "sec"),
        "deg": ("deg",),
        "rad": ("rad",),
        "g": ("g",),
        "mg": ("mg",),
        "m/s2": ("m/s2", "m/s^2", "ms2"),
        "dps": ("dps", "deg/s", "degs"),
        "rad/s": ("rad/s", "rads"),
        "raw": ("adc", "raw", "counts", "v", "mv", "ohm", "kohm"),
    }.items()
    for spelling in spellings
}
_SUITING: Final[Mapping[Kind, frozenset[str]]] = {
    "time": frozenset({"us", "ms", "s"}),
    "angle": frozenset({"deg", "rad"}),
    "acceleration": frozenset({"g", "mg", "m/s2", "raw"}),
    "turn": frozenset({"dps", "rad/s", "raw"}),
    "flex": frozenset({"raw"}),
    "ignored": frozenset(_UNITS.values()),
}
_TIMES: Final[Mapping[str, str | None]] = {
    **dict.fromkeys(("timestamp", "timestamps", "time", "t", "ts", "uptime", "elapsed", "tick", "ticks", "clock")),
    **dict.fromkeys(("devicetime",)),
    **dict.fromkeys(("millis", "ms", "milliseconds"), "ms"),
    **dict.fromkeys(("micros", "us", "microseconds"), "us"),
    **dict.fromkeys(("seconds", "sec", "secs"), "s"),
}
_OTHERS: Final = frozenset((
    "seq", "sequence", "count", "counter", "frame", "temp", "temperature", "battery", "vbat", "button", "samplinghz",
    "recvtimestampms", "hz", "fps", "label", "min", "max",
))  # fmt: skip
_FINGERS: Final = ("thumb", "index", "middle", "ring", "pinky")

_NUMBERED: Final = re.compile(r"(?:flex|flexsensor|finger|bend|f)([0-5])")
_FINGER: Final = re.compile(r"(?:flex|finger|bend)?(thumb|index|middle|ring|pinky|little|pinkie)(?:flex|finger|bend)?")
_ANGLE: Final = re.compile(r"(?:angle|euler)?(pitch|roll|yaw|heading)")
_ACCELERATION: Final = re.compile(r"(?:a|ac|acc|accel|acceleration)([xyz])")
_TURN: Final = re.compile(r"(?:g|gy|gyr|gyro)([xyz])")

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*(?: ?[(\[][^)\]]*[)\]])?")
_BRACKETS: Final = re.compile(r"(.*?) ?[(\[]([^)\]]*)[)\]]")
_INSIDE: Final = re.compile(r"(?:([+-]?[\d.]+) ?\.\. ?([+-]?[\d.]+))? ?([^\d\s].*)?")
_BEHIND: Final = re.compile(r"(.+?)[ _]([^ _]+)")
_NO_KEY: Final = re.compile(r"[^a-z0-9]")
_FIRST_FINGER: Final = 1


@dataclass(frozen=True, slots=True)
class Field:
    """What a field of a header names. `place`: the channel of a finger or angle, the axis of a motion sensor;
    `numbered`: the number of a finger before it is known whether they are counted from 0 or from 1. `kind` None: the
    name is unknown."""

    name: str
    kind: Kind | None = None
    place: int | None = None
    unit: str | None = None
    numbered: int | None = None
    range: tuple[float, float] | None = None

    @property
    def channel(self) -> int | None:
        """The channel in a frame, if it is one."""
        return self.place if self.kind in {"flex", "angle"} else None

    @property
    def is_used(self) -> bool:
        """Whether a frame is made from it."""
        return self.kind not in {None, "ignored"}


def field_of(text: str) -> Field | None:
    """Return what a field of a header names; None where it is no name."""
    trimmed = text.strip()
    if (brackets := _BRACKETS.fullmatch(trimmed)) is not None:
        inside = _INSIDE.fullmatch(brackets[2].strip())
        found = None if inside is None else _suited(_known(brackets[1]), inside[3])
        if found is not None and inside is not None:
            return replace(found, range=_range_of(inside[1], inside[2]))
    else:
        if (whole := _known(trimmed)) is not None:
            return whole
        if (parts := _BEHIND.fullmatch(trimmed)) is not None:
            found = _suited(_known(parts[1]), parts[2])
            if found is not None:
                return replace(found, name=trimmed.lower())
    return Field(trimmed.lower()) if _WORD.fullmatch(trimmed) else None


def number_fingers(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Give the flex sensors of a header their channels: by numbers from 1 to 5, or from 0 to 4."""
    first = 0 if any(field.numbered == 0 for field in fields) else _FIRST_FINGER
    return tuple(field if field.numbered is None else _as_channel(field, field.numbered - first) for field in fields)


def are_miscounted(fields: Sequence[Field]) -> bool:
    """Tell whether flex sensors have a number 0, but are neither 0 to 4 nor in order from 0 on.

    One flipped bit makes `flex0` of `flex1`: the other fingers must not move by one for it.
    """
    numbers = [field.numbered for field in fields if field.numbered is not None]
    from_zero = list(range(len(numbers)))
    is_counted = numbers == from_zero or (len(numbers) == len(_FINGERS) and sorted(numbers) == from_zero)
    return 0 in numbers and not is_counted


def _as_channel(field: Field, place: int) -> Field:
    is_finger = 0 <= place < len(_FINGERS)
    return replace(field, place=place) if is_finger else replace(field, kind=None, place=None)


def _range_of(low: str | None, high: str | None) -> tuple[float, float] | None:
    try:
        return None if low is None or high is None else (float(low), float(high))
    except ValueError:  # 1.2.3
        return None


def _suited(field: Field | None, unit_text: str | None) -> Field | None:
    if field is None or unit_text is None:
        return field
    unit = _UNITS.get(unit_text.strip().lower())
    if unit is None or field.kind is None or unit not in _SUITING[field.kind]:
        return None
    return replace(field, unit=None if unit == "raw" else unit)


def _known(text: str) -> Field | None:
    """Return the known field of a name without brackets."""
    name = text.strip().lower()
    key = _NO_KEY.sub("", name)
    if key in _TIMES:
        return Field(name, "time", None, _TIMES[key])
    if key in _OTHERS:
        return Field(name, "ignored")
    if (numbered := _NUMBERED.fullmatch(key)) is not None:
        return Field(name, "flex", numbered=int(numbered[1]))
    if (finger := _FINGER.fullmatch(key)) is not None:
        return Field(name, "flex", _FINGERS.index(finger[1]) if finger[1] in _FINGERS else len(_FINGERS) - 1)
    if (angle := _ANGLE.fullmatch(key)) is not None:
        return Field(name, "angle", CHANNELS.index("yaw" if angle[1] == "heading" else angle[1]))
    return _axis_of(name, key)


def _axis_of(name: str, key: str) -> Field | None:
    """Return an axis of a motion sensor."""
    acceleration, turn = _ACCELERATION.fullmatch(key), _TURN.fullmatch(key)
    if acceleration is not None:
        return Field(name, "acceleration", "xyz".index(acceleration[1]))
    return None if turn is None else Field(name, "turn", "xyz".index(turn[1]))
