"""Tensors as bytes or as numbers in JSON. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from service.http.slices import Slices
from service.problems import ProblemError

_SLICE_BYTES: Final = 32 * 1024
"""Of JSON numbers in one step: some 0.3 ms."""

_NUMBERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    "FP32": msgspec.json.Decoder(list[float]),
    "INT64": msgspec.json.Decoder(list[int]),
}
_LITTLE_ENDIAN: Final = {"FP32": "<f4", "INT64": "<i8"}


def refuse(detail: str) -> ProblemError:
    return ProblemError(400, "invalid_request", detail)


def from_bytes(name: str, datatype: str, shape: Sequence[int], data: bytes) -> NDArray[Any]:
    """A tensor from its little-endian bytes, row by row, not copied.

    Raises:
        ProblemError: 400, they are too few or too many.
    """
    array = np.frombuffer(data, np.uint8)
    itemsize = np.dtype(_LITTLE_ENDIAN[datatype]).itemsize
    if len(array) != math.prod(shape) * itemsize:
        raise refuse(f"{name}: {len(data)} bytes are not {datatype} {list(shape)}")
    return array.view(_LITTLE_ENDIAN[datatype]).reshape(shape)


def from_json(name: str, datatype: str, shape: Sequence[int], text: bytes) -> Slices[NDArray[Any]]:
    """A tensor from a JSON array, flat or nested. As in Triton only the order of the numbers counts, not the nesting.

    Raises:
        ProblemError: 400, they are too few or too many, or something else.
    """
    # What is left without brackets is numbers and commas, or no slice of it can be read: strings keep their quotes.
    flat = text.translate(None, b"[]")
    count = flat.count(b",") + 1
    if not text.startswith(b"[") or count != math.prod(shape):
        raise refuse(f"{name}: data is not an array of {math.prod(shape)} numbers, as shape {list(shape)} says")
    numbers = np.empty(count, np.float64 if datatype == "FP32" else np.int64)
    begin = filled = 0
    while begin < len(flat):
        if begin:
            yield
        comma = flat.find(b",", begin + _SLICE_BYTES)
        stop = len(flat) if comma < 0 else comma
        try:
            read = _NUMBERS[datatype].decode(b"[%b]" % flat[begin:stop])
            numbers[filled : filled + len(read)] = read
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError):
            raise refuse(f"{name}: data holds something that is no {datatype} number") from None
        filled += len(read)
        begin = stop + 1
    if filled < count:  # an empty array has no comma either
        raise refuse(f"{name}: data is empty")
    return numbers.reshape(shape)


def to_bytes(array: NDArray[np.float32]) -> bytes:
    """FP32 as little-endian bytes, row by row."""
    return array.astype("<f4", copy=False).tobytes()


def classify(array: NDArray[np.float32], count: int, labels: Sequence[str]) -> list[list[str]]:
    """For each row its `count` largest values as `value:index:label`, as the classification extension writes them."""
    best = np.argsort(-array, axis=1, kind="stable")[:, :count]
    return [
        [f"{row[index]:f}:{index}:{labels[index]}" if labels else f"{row[index]:f}:{index}" for index in indices]
        for row, indices in zip(array, best, strict=True)
    ]


def strings_to_bytes(strings: Sequence[str]) -> bytes:
    """BYTES: each string in UTF-8, after its length as a little-endian u32."""
    encoded = [string.encode() for string in strings]
    return b"".join(len(each).to_bytes(4, "little") + each for each in encoded)
