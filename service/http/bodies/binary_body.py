"""Binary bodies of a predict request: raw float32 and NumPy `.npy`, with the options as query parameters."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.validation_faults import describe_fault
from service.http.bodies.request import (
    Frame,
    Limits,
    Options,
    ParsedRequest,
    as_problem,
    invalid,
    too_many_windows,
)
from service.http.cooperative_runner import Slices
from service.problems import ProblemError

NPY_MAGIC: Final = b"\x93NUMPY"
"""As a float32 its first four bytes exceed the range of readings: no valid raw body begins like this."""

_NPY_HEADERS: Final = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
"""By version; 3.0 only adds Unicode field names, which arrays of numbers do not have."""

_MAX_NPY_HEADER: Final = 1024
"""Characters; NumPy writes about a hundred."""

_FRAME_BYTES: Final = 4 * len(CHANNELS)
_SLICE_FRAMES: Final = 16 * 1024
"""Frames checked and copied in one slice: about 0.2 ms."""

_FRAME: Final[TypeAdapter[list[float]]] = TypeAdapter(Frame)

_Count = Annotated[int, Field(ge=1)]


def _split(text: str) -> list[str]:
    return text.split(",")


class Query(Options):
    """Query parameters of a binary body. A raw body with neither `frames` nor `lengths` is one window."""

    frames: _Count | None = Field(
        None, description="raw bodies: frames in each window; by default the windows are consecutive, as lengths says"
    )
    lengths: Annotated[list[_Count], Field(fail_fast=True), BeforeValidator(_split)] | None = Field(
        None,
        description="frames of each window, such as 87,40,12. If all windows have the same size (frames, or an .npy "
        "array), only that number of frames at the start of each is used",
    )


_NO_QUERY: Final = Query.model_validate_strings({})


def parse_query(query: str) -> Query:
    """Parse the query string of a request.

    Raises:
        ProblemError: 422 naming the invalid parameter.
    """
    if not query:
        return _NO_QUERY
    pairs = parse_qsl(query, keep_blank_values=True)
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)[:64]
        raise invalid(f"{twice}: the parameter is given twice; give it once", twice)
    try:
        return Query.model_validate_strings(parameters)
    except ValidationError as error:
        raise as_problem(error) from None


def read_binary(body: bytes, query: Query, limits: Limits) -> Slices[ParsedRequest]:
    """Parse a body: `.npy` if it begins with the magic bytes, else raw little-endian float32.

    Raises:
        ProblemError: 422 naming the invalid field, or 413 naming what exceeds a limit.
    """
    if body.startswith(NPY_MAGIC):
        if query.frames is not None:
            raise invalid("frames: not valid with an .npy array, whose shape gives the frames of a window", "frames")
        rows, lengths = _arrange(_read_npy(body), query.lengths, limits)
    else:
        rows, lengths = _arrange_raw(body, query, limits)
    windows = yield from take_windows(rows, lengths)
    return ParsedRequest(windows, query.model, query.wearer, query.sample_rate_hz, query.top_k, query.glove)


def take_windows(
    rows: NDArray[Any], lengths: Sequence[int], name: str = "windows"
) -> Slices[list[NDArray[np.float32]]]:
    """Split consecutive frames [sum of lengths, 8] into windows float32[n_i, 8].

    Raises:
        ProblemError: 422 naming the first reading out of range, with the text of JSON bodies.
    """
    frames = np.empty(rows.shape, np.float32)
    for begin in range(0, len(rows), _SLICE_FRAMES):
        if begin:
            yield
        part = rows[begin : begin + _SLICE_FRAMES]
        # Not one comparison of abs(): the smallest integer overflows. NaN compares as false. With Python numbers, as
        # the limit overflows a float16.
        if not (part.min().item() >= -MAX_MAGNITUDE and part.max().item() <= MAX_MAGNITUDE):
            raise _refuse(part, begin, lengths, name)
        frames[begin : begin + _SLICE_FRAMES] = part
    ends = np.cumsum(lengths).tolist()
    return [frames[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def pack(windows: NDArray[Any], lengths: Sequence[int]) -> NDArray[Any]:
    """Concatenate the first `lengths` frames of the windows [N, T, 8] to [sum of lengths, 8]."""
    if min(lengths) == windows.shape[1]:
        return windows.reshape(-1, len(CHANNELS))
    packed: NDArray[Any] = windows[np.arange(windows.shape[1]) < np.array(lengths)[:, np.newaxis]]
    return packed


def _arrange_raw(body: bytes, query: Query, limits: Limits) -> tuple[NDArray[Any], Sequence[int]]:
    if not body or len(body) % _FRAME_BYTES:
        detail = (
            f"windows: {len(body)} bytes are not a positive multiple of a frame of 8 float32 ({_FRAME_BYTES} bytes)"
        )
        raise invalid(detail, "windows")
    rows = np.frombuffer(body, "<f4").reshape(-1, len(CHANNELS))
    if query.frames is not None:
        if len(rows) % query.frames:
            raise invalid(f"frames: {len(rows)} frames are not a multiple of {query.frames}", "frames")
        return _arrange(rows.reshape(-1, query.frames, len(CHANNELS)), query.lengths, limits)
    lengths = query.lengths or [len(rows)]
    if sum(lengths) != len(rows):
        raise invalid(f"lengths: the sum is {sum(lengths)} frames, but the body has {len(rows)}", "lengths")
    check_limits(lengths, limits)
    return rows, lengths


def _arrange(
    windows: NDArray[Any], lengths: Sequence[int] | None, limits: Limits
) -> tuple[NDArray[Any], Sequence[int]]:
    count, longest = windows.shape[:2]
    if lengths is None:
        lengths = [longest] * count
    elif len(lengths) != count:
        raise invalid(f"lengths: {len(lengths)} values for {count} windows; give one for each", "lengths")
    elif max(lengths) > longest:
        index = next(index for index, length in enumerate(lengths) if length > longest)
        raise invalid(f"lengths.{index}: {lengths[index]} exceeds the {longest} frames given", f"lengths.{index}")
    check_limits(lengths, limits)
    return pack(windows, lengths), lengths


def check_limits(lengths: Sequence[int], limits: Limits, name: str = "windows") -> None:
    """Raise if there are too many windows, or a window is too long.

    Raises:
        ProblemError: 413 `too_many_windows` or `window_too_long`.
    """
    if len(lengths) > limits.windows:
        raise too_many_windows(f"{name}: {len(lengths)} windows exceed the limit of {limits.windows}", name)
    if max(lengths) > limits.window_frames:
        index = next(index for index, length in enumerate(lengths) if length > limits.window_frames)
        field = f"{name}.{index}"
        detail = f"{field}: {lengths[index]} frames exceed the limit of {limits.window_frames}"
        raise ProblemError(413, "window_too_long", detail, field)


def _read_npy(body: bytes) -> NDArray[Any]:
    """Return the array [N, T, 8] of an `.npy` file of one or more windows, without a copy."""
    # Version and length precede the text, and may contain its end character.
    end = body.find(b"\n", len(NPY_MAGIC) + 6, _MAX_NPY_HEADER) + 1
    shape, is_fortran, dtype, offset = _read_npy_header(body[:end])
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise invalid(
            f"windows: the .npy array has the type {dtype}; give integers or floats of at most 64 bits", "windows"
        )
    if len(shape) not in {2, 3} or shape[-1] != len(CHANNELS) or 0 in shape:
        raise invalid(f"windows: the .npy array has the shape {list(shape)}; give [N, T, 8] or [T, 8]", "windows")
    size = math.prod(shape) * dtype.itemsize
    if len(body) - offset != size:
        detail = f"windows: the .npy header gives {size} bytes, but {len(body) - offset} follow it"
        raise invalid(detail, "windows")
    array = np.frombuffer(body, dtype, offset=offset).reshape(shape, order="F" if is_fortran else "C")
    return array if array.ndim == 3 else array[np.newaxis]


@lru_cache(maxsize=64)  # the bodies of a client have the same header, and parsing it takes longer than everything else
def _read_npy_header(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, whether the order is Fortran's, type, and the offset of the data."""
    file = io.BytesIO(header)
    try:
        shape, is_fortran, dtype = _NPY_HEADERS[npy.read_magic(file)](file, _MAX_NPY_HEADER)
    except KeyError:
        raise invalid("windows: unsupported version of the .npy format; 1.0 and 2.0 are supported", "windows") from None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - NumPy evaluates the header as Python; any error means an invalid header
        raise invalid("windows: the header of the .npy file is invalid", "windows") from None
    return shape, is_fortran, dtype, file.tell()


def _refuse(frames: NDArray[Any], before: int, lengths: Sequence[int], name: str) -> ProblemError:
    """Return the problem of the first frame with a reading out of range; `before` frames precede these."""
    row = int((np.abs(frames.astype(np.float64)) <= MAX_MAGNITUDE).all(axis=1).argmin())
    ends = np.cumsum(lengths)
    window = int(np.searchsorted(ends, before + row, side="right"))
    frame = before + row - int(ends[window] - lengths[window])
    try:
        _FRAME.validate_python(frames[row].tolist())
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, (name, window, frame, *fault["loc"])))
        return invalid(f"{field}: {describe_fault(fault)}", field)
    raise AssertionError("a frame that is valid was refused")
