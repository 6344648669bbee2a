"""The messages of the emulated board in each of the two formats of docs/reference/link.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from firmware_bridge.codec import letters, packets, remarks
from firmware_bridge.codec.commands import Format
from firmware_bridge.codec.events import LetterRead
from firmware_bridge.codec.header_fields import ACCELERATION
from firmware_bridge.codec.lines import NINE_FIELDS, TWELVE_FIELDS
from scaleglove.channels import ANGLES, CHANNELS, FLEX

Numbers = Mapping[str, np.floating]
"""A reading by the name of each field: float32 channels in raw units, acceleration in g."""


class WireFormat(Protocol):
    """A format of whole messages; `seq` is the frame's number or that of the next frame."""

    name: Format

    def frame(self, seq: int, t_ms: float, numbers: Numbers) -> bytes:
        """Return a frame."""
        ...

    def remark(self, seq: int, t_ms: float, text: str) -> bytes:
        """Return a remark."""
        ...

    def letter(self, seq: int, recognised: LetterRead) -> bytes:
        """Return a letter of the glove's own, recognised in the frames up to number `seq`."""
        ...

    def header(self, seq: int, t_ms: float) -> bytes:
        """Return the header: what the frames do not say of their numbers."""
        ...

    def begin(self) -> bytes:
        """Return the bytes that end an unfinished message before the first one."""
        ...


class TextFormat:
    """The text format: lines of 9 fields, or of 12 with acceleration. `flex_most` is the highest reading of the flex
    sensors' converter, 0 where it is not known."""

    name: Format = "text"

    def __init__(self, fields: int, flex_most: int) -> None:
        self._names = _LAYOUTS[fields]
        self._flex_most = flex_most

    def frame(self, seq: int, t_ms: float, numbers: Numbers) -> bytes:
        shown = {"timestamp": np.float64(t_ms), **numbers}
        return ",".join(_shortest(shown[name]) for name in self._names).encode() + b"\n"

    def remark(self, seq: int, t_ms: float, text: str) -> bytes:
        return f"# {text}\n".encode()

    def letter(self, seq: int, recognised: LetterRead) -> bytes:
        letter = recognised.place, recognised.confidence, recognised.shares
        return self.remark(seq, recognised.t_ms, letters.to_remark(recognised.t_ms, *letter))

    def header(self, seq: int, t_ms: float) -> bytes:
        return ",".join(map(self._field, self._names)).encode() + b"\n"

    def _field(self, name: str) -> str:
        """Return the name of a column with its unit or range, as the firmware's core/line.c writes it."""
        said = f"0..{self._flex_most}" if name in CHANNELS[FLEX] and self._flex_most else _UNITS.get(name, "")
        return f"{name}[{said}]" if said else name

    def begin(self) -> bytes:
        return b""


class BinaryFormat:
    """The binary format: packets of 8 numbers, or of 11 with acceleration."""

    name: Format = "binary"

    def __init__(self, fields: int, flex_most: int) -> None:
        self._with_acceleration = fields == len(TWELVE_FIELDS)
        self._flex_most = flex_most

    def frame(self, seq: int, t_ms: float, numbers: Numbers) -> bytes:
        values = [float(numbers[channel]) for channel in CHANNELS]
        acceleration = [float(numbers[axis]) for axis in ACCELERATION] if self._with_acceleration else None
        return packets.encode_frame(seq, _microseconds(t_ms), values, acceleration)

    def remark(self, seq: int, t_ms: float, text: str) -> bytes:
        return packets.encode_remark(seq, _microseconds(t_ms), text)

    def letter(self, seq: int, recognised: LetterRead) -> bytes:
        letter = recognised.place, recognised.confidence, recognised.shares
        return packets.encode_letter(seq, _microseconds(recognised.t_ms), *letter)

    def header(self, seq: int, t_ms: float) -> bytes:
        if not self._flex_most:
            return b""
        said = remarks.to_text(f"flex sensors read 0 to {self._flex_most}", flex_most=str(self._flex_most))
        return self.remark(seq, t_ms, said)

    def begin(self) -> bytes:
        return packets.DELIMITER


def wire_format(name: Format, fields: int, flex_most: int) -> WireFormat:
    """Return the format `name` with 9 or 12 fields."""
    return BinaryFormat(fields, flex_most) if name == "binary" else TextFormat(fields, flex_most)


def _microseconds(t_ms: float) -> int:
    return round(t_ms * 1000)


def _shortest(number: np.floating) -> str:
    """Return the shortest text that reads back as exactly this number."""
    return np.format_float_positional(number, unique=True, trim="-")


_UNITS: Final = {"timestamp": "ms"} | dict.fromkeys(CHANNELS[ANGLES], "deg") | dict.fromkeys(ACCELERATION, "g")
_LAYOUTS: Final = {len(names): names for names in (NINE_FIELDS, TWELVE_FIELDS)}
