"""The messages of the emulated board in each of the two formats of docs/reference/link.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from firmware_bridge.codec import letters, packets
from firmware_bridge.codec.commands import Format
from firmware_bridge.codec.events import LetterRead
from firmware_bridge.codec.lines import ACCELERATION, NINE_FIELDS, TWELVE_FIELDS
from scaleglove.channels import CHANNELS

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

    def header(self) -> bytes:
        """Return the header line, empty in a format without one."""
        ...

    def begin(self) -> bytes:
        """Return the bytes that end an unfinished message before the first one."""
        ...


class TextFormat:
    """The text format: lines of 9 fields, or of 12 with acceleration."""

    name: Format = "text"

    def __init__(self, fields: int) -> None:
        self._names = _LAYOUTS[fields]

    def frame(self, seq: int, t_ms: float, numbers: Numbers) -> bytes:
        shown = {"timestamp": np.float64(t_ms), **numbers}
        return ",".join(_shortest(shown[name]) for name in self._names).encode() + b"\n"

    def remark(self, seq: int, t_ms: float, text: str) -> bytes:
        return f"# {text}\n".encode()

    def letter(self, seq: int, recognised: LetterRead) -> bytes:
        letter = recognised.letter, recognised.confidence, recognised.shares
        return self.remark(seq, recognised.t_ms, letters.to_remark(recognised.t_ms, *letter))

    def header(self) -> bytes:
        return ",".join(self._names).encode() + b"\n"

    def begin(self) -> bytes:
        return b""


class BinaryFormat:
    """The binary format: packets of 8 numbers, or of 11 with acceleration."""

    name: Format = "binary"

    def __init__(self, fields: int) -> None:
        self._with_acceleration = fields == len(TWELVE_FIELDS)

    def frame(self, seq: int, t_ms: float, numbers: Numbers) -> bytes:
        values = [float(numbers[channel]) for channel in CHANNELS]
        acceleration = [float(numbers[axis]) for axis in ACCELERATION] if self._with_acceleration else None
        return packets.encode_frame(seq, _microseconds(t_ms), values, acceleration)

    def remark(self, seq: int, t_ms: float, text: str) -> bytes:
        return packets.encode_remark(seq, _microseconds(t_ms), text)

    def letter(self, seq: int, recognised: LetterRead) -> bytes:
        letter = recognised.letter, recognised.confidence, recognised.shares
        return packets.encode_letter(seq, _microseconds(recognised.t_ms), *letter)

    def header(self) -> bytes:
        return b""

    def begin(self) -> bytes:
        return packets.DELIMITER


def wire_format(name: Format, fields: int) -> WireFormat:
    """Return the format `name` with 9 or 12 fields."""
    return BinaryFormat(fields) if name == "binary" else TextFormat(fields)


def _microseconds(t_ms: float) -> int:
    return round(t_ms * 1000)


def _shortest(number: np.floating) -> str:
    """Return the shortest text that reads back as exactly this number."""
    return np.format_float_positional(number, unique=True, trim="-")


_LAYOUTS: Final = {len(names): names for names in (NINE_FIELDS, TWELVE_FIELDS)}
