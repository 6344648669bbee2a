"""The names of fields in a line: which sensor or time one is, in which unit and range. Pure.

docs/reference/link.md, "Names". `scaleglove.channel_names` has the spellings, as for recordings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from scaleglove.channel_names import ACCELERATION, ROTATION, TIME, finger_number, read_field
from scaleglove.channels import ANGLES, CHANNELS, FLEX

Kind = Literal["flex", "angle", "acceleration", "turn", "time", "ignored"]

_KINDS: Final[Mapping[str, tuple[Kind, int | None]]] = {
    TIME: ("time", None),
    **{name: ("flex", place) for place, name in enumerate(CHANNELS[FLEX])},
    **{name: ("angle", place) for place, name in enumerate(CHANNELS) if name in CHANNELS[ANGLES]},
    **{name: ("acceleration", axis) for axis, name in enumerate(ACCELERATION)},
    **{name: ("turn", axis) for axis, name in enumerate(ROTATION)},
}
_OTHERS: Final = frozenset((
    "seq", "sequence", "count", "counter", "frame", "temp", "temperature", "battery", "vbat", "button", "samplinghz",
    "hz", "fps", "label", "min", "max",
))  # fmt: skip

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*(?: ?[(\[][^)\]]*[)\]])?")
_BRACKETS: Final = re.compile(r"(.*?) ?[(\[].*")
_NO_KEY: Final = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Field:
    """What a field of a header names. `place`: the channel of a finger or angle, the axis of a motion sensor; `factor`:
    to ms, degrees, g or degrees/s, None without a unit that converts; `numbered`: the number of a finger before it is
    known whether they are counted from 0 or from 1. `kind` None: the name is unknown."""

    name: str
    kind: Kind | None = None
    place: int | None = None
    factor: float | None = None
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
    text = text.strip()
    bare = found[1] if (found := _BRACKETS.fullmatch(text)) is not None else text
    number = finger_number(bare)
    # A sensor is known by its name whatever its number: 0 is one where they are counted from it.
    known = read_field(text if number != 0 else text.replace("0", "1", 1))
    if known.quantity and known.is_suited:
        if known.quantity not in _KINDS:
            return Field(bare.lower(), "ignored")
        kind, place = _KINDS[known.quantity]
        factor = known.factor if known.unit else None
        return Field(bare.lower(), kind, None if number is not None else place, factor, number, known.limits)
    if _NO_KEY.sub("", bare.lower()) in _OTHERS:
        return Field(bare.lower(), "ignored")
    return Field(text.lower()) if _WORD.fullmatch(text) else None


def number_fingers(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Give the flex sensors of a header their channels: by numbers from 1 to 5, or from 0 to 4."""
    first = 0 if any(field.numbered == 0 for field in fields) else 1
    return tuple(field if field.numbered is None else _as_channel(field, field.numbered - first) for field in fields)


def are_miscounted(fields: Sequence[Field]) -> bool:
    """Tell whether flex sensors have a number 0, but are neither 0 to 4 nor in order from 0 on.

    One flipped bit makes `flex0` of `flex1`: the other fingers must not move by one for it.
    """
    numbers = [field.numbered for field in fields if field.numbered is not None]
    from_zero = list(range(len(numbers)))
    is_counted = numbers == from_zero or (len(numbers) == FLEX.stop and sorted(numbers) == from_zero)
    return 0 in numbers and not is_counted


def _as_channel(field: Field, place: int) -> Field:
    is_finger = 0 <= place < FLEX.stop
    return replace(field, place=place) if is_finger else replace(field, kind=None, place=None)
