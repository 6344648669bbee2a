"""Tensors as bytes or as JSON numbers. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from service.http.cooperative_runner import Slices
from service.problems import ProblemError

_SLICE_BYTES: Final = 32 * 1024
"""JSON numbers parsed in one slice: about 0.3 ms."""

_NUMBERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    "FP32": msgspec.json.Decoder(list[float]),
    "INT64": msgspec.json.Decoder(list[int]),
    "INT32": msgspec.json.Decoder(list[Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]]),
}
_LITTLE_ENDIAN: Final = {"FP32": "<f4", "INT64": "<i8", "INT32": "<i4"}


def refuse(detail: str) -> ProblemError:
    """Return the problem 400 `invalid_request`."""
    return ProblemError(400, "invalid_request", detail)


def from_bytes(name: str, datatype: str, shape: Sequence[int], data: bytes) -> NDArray[Any]:
    """Return a tensor from its little-endian bytes in row-major order, without a copy.

    Raises:
        ProblemError: 400: the number of bytes does not match the shape.
    """
    array = np.frombuffer(data, np.uint8)
    itemsize = np.dtype(_LITTLE_ENDIAN[datatype]).itemsize
    if len(array) != math.prod(shape) * itemsize:
        raise refuse(f"{name}: {len(data)} bytes do not match {datatype} {list(shape)}")
    return array.view(_LITTLE_ENDIAN[datatype]).reshape(shape)


def from_json(name: str, datatype: str, shape: Sequence[int], text: bytes) -> Slices[NDArray[Any]]:
    """Parse a tensor from a JSON array, flat or nested. As in Triton only the order of the numbers matters.

    Raises:
        ProblemError: 400: the numbers do not match the shape, or are not numbers.
    """
    # Without brackets only numbers and commas remain, or else a slice is invalid: strings keep their quotes.
    flat = text.translate(None, b"[]")
    count = flat.count(b",") + 1
    if not text.startswith(b"[") or count != math.prod(shape):
        raise refuse(f"{name}: data must be an array of {math.prod(shape)} numbers for the shape {list(shape)}")
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
            raise refuse(f"{name}: data contains a value that is not a {datatype} number") from None
        filled += len(read)
        begin = stop + 1
    if filled < count:  # an empty array has no comma either
        raise refuse(f"{name}: data is empty")
    return numbers.reshape(shape)


def to_bytes(array: NDArray[np.float32]) -> bytes:
    """Return FP32 as little-endian bytes in row-major order."""
    return array.astype("<f4", copy=False).tobytes()


def classify(array: NDArray[np.float32], count: int, labels: Sequence[str]) -> list[list[str]]:
    """Return the `count` largest values of each row as `value:index:label`, as in the classification extension."""
    best = np.argsort(-array, axis=1, kind="stable")[:, :count]
    return [
        [f"{row[index]:f}:{index}:{labels[index]}" if labels else f"{row[index]:f}:{index}" for index in indices]
        for row, indices in zip(array, best, strict=True)
    ]


def strings_to_bytes(strings: Sequence[str]) -> bytes:
    """Encode BYTES: each string in UTF-8, after its length as a little-endian u32."""
    encoded = [string.encode() for string in strings]
    return b"".join(len(each).to_bytes(4, "little") + each for each in encoded)
