"""Wire format of protocol buffers: the fields of a message by number, without the `protobuf` package.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

# Wire types
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

_MAX_FIELDS: Final = 65_536
"""Of one message: a shipped artefact has some two hundred in the largest. A file of two bytes for each field would
take minutes and gigabytes to list."""

_MAX_NUMBERS: Final = 65_536
"""Of one packed field; those of an artefact's attributes and shapes have at most four."""

_LONGEST_VARINT: Final = 63
"""Bits that come before the last byte of a number: ten bytes in all."""

Fields = dict[int, list[Any]]
"""Values of a message by field number: int for a varint, bytes otherwise."""


def fields_of(message: bytes) -> Fields:
    """Return the fields of a message.

    Raises:
        ValueError: it is not a message, or has more fields than any artefact.
        TypeError: it is a number.
    """
    fields: Fields = {}
    for count, (number, value) in enumerate(_walk(memoryview(message))):
        if count == _MAX_FIELDS:
            raise ValueError(f"a part has more than {_MAX_FIELDS} fields")
        fields.setdefault(number, []).append(value)
    return fields


def only(fields: Fields, number: int) -> Any:
    """Return the value of a singular field; of several values the last one is valid.

    Raises:
        ValueError: it is missing.
    """
    if number not in fields:
        raise ValueError(f"field {number} is missing")
    return fields[number][-1]


def texts(fields: Fields, number: int) -> list[str]:
    """Return the texts of a repeated field.

    Raises:
        ValueError: one is not UTF-8.
        AttributeError: one is a number.
    """
    return [value.decode() for value in fields.get(number, [])]


def integers(values: Sequence[Any]) -> list[int]:
    """Return the numbers of a repeated int64, packed into one field or not.

    Raises:
        ValueError: the field is cut off, or has more numbers than any artefact.
    """
    numbers: list[int] = []
    for value in values:
        if isinstance(value, int):
            numbers.append(value)
            continue
        at, message = 0, memoryview(value)
        while at < len(message):
            if len(numbers) == _MAX_NUMBERS:
                raise ValueError(f"a field has more than {_MAX_NUMBERS} numbers")
            number, at = _varint(message, at)
            numbers.append(number)
    return [value - (1 << 64) if value >> 63 else value for value in numbers]  # two's complement of 64 bits


def _walk(message: memoryview) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire_type = key >> 3, key & 7
        if wire_type == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire_type == _BYTES:
            size, at = _varint(message, at)
        elif wire_type in {_FIXED64, _FIXED32}:
            size = 8 if wire_type == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire_type}")
        if at + size > len(message):
            raise ValueError("it ends within a field")
        yield number, bytes(message[at : at + size])
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Read a number of seven bits per byte, lowest first; return it and the position after it."""
    value = shift = 0
    while True:
        if at >= len(message):
            raise ValueError("it ends within a number")
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7
        if shift > _LONGEST_VARINT:
            raise ValueError("a number of more than ten bytes")
