"""Binary bodies of a predict request: raw float32, and NumPy's `.npy`. What JSON would put beside the windows stands in
the address."""

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
from service.http.bodies.request import (
    Asked,
    Frame,
    Limits,
    Options,
    as_problem,
    invalid,
    too_many_windows,
)
from service.http.slices import Slices
from service.problems import ProblemError

NPY_MAGIC: Final = b"\x93NUMPY"
"""Read as a float32 its first four bytes are larger than any reading may be: raw floats never begin so."""

_NPY_HEADERS: Final = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
"""By version; 3.0 is for fields with names in Unicode, and readings have none."""

_MAX_NPY_HEADER: Final = 1024
"""Characters; NumPy itself writes some hundred."""

_FRAME_BYTES: Final = 4 * len(CHANNELS)
_STEP_FRAMES: Final = 16 * 1024
"""Frames checked and copied in one step: some 0.2 ms."""

_FRAME: Final[TypeAdapter[list[float]]] = TypeAdapter(Frame)

_Count = Annotated[int, Field(ge=1)]


def _split(text: str) -> list[str]:
    return text.split(",")


class Query(Options):
    """The parameters beside a binary body. A raw body with neither `frames` nor `lengths` is one window."""

    frames: _Count | None = Field(
        None, description="raw bodies: frames in each window; left out, the windows follow each other as lengths says"
    )
    lengths: Annotated[list[_Count], Field(fail_fast=True), BeforeValidator(_split)] | None = Field(
        None,
        description="frames of each window, such as 87,40,12. Where all windows take the same room (frames, an .npy "
        "array) only the first so many frames of each are looked at",
    )


_NO_QUERY: Final = Query.model_validate_strings({})


def parse_query(query: str) -> Query:
    """What an address says.

    Raises:
        ProblemError: 422 naming the parameter that is wrong.
    """
    if not query:
        return _NO_QUERY
    pairs = parse_qsl(query, keep_blank_values=True)
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)[:64]
        raise invalid(f"{twice}: given twice", twice)
    try:
        return Query.model_validate_strings(parameters)
    except ValidationError as error:
        raise as_problem(error) from None


def read_binary(body: bytes, query: Query, limits: Limits) -> Slices[Asked]:
    """What a body asks: `.npy` if it begins as such a file, else raw little-endian float32.

    Raises:
        ProblemError: 422 naming the field that is wrong, or 413 naming what there is too much of.
    """
    if body.startswith(NPY_MAGIC):
        if query.frames is not None:
            raise invalid("frames: an .npy array says by itself how many frames a window has", "frames")
        rows, lengths = _arrange(_read_npy(body), query.lengths, limits)
    else:
        rows, lengths = _arrange_raw(body, query, limits)
    windows = yield from take_windows(rows, lengths)
    return Asked(windows, query.model, query.wearer, query.sample_rate_hz, query.top_k)


def take_windows(
    rows: NDArray[Any], lengths: Sequence[int], name: str = "windows"
) -> Slices[list[NDArray[np.float32]]]:
    """Windows float32[n_i, 8] from all their frames one after another, numbers [sum of lengths, 8].

    Raises:
        ProblemError: 422 naming the first reading that no glove gives, in the words JSON bodies get.
    """
    frames = np.empty(rows.shape, np.float32)
    for begin in range(0, len(rows), _STEP_FRAMES):
        if begin:
            yield
        step = rows[begin : begin + _STEP_FRAMES]
        # Not as one comparison of magnitudes: the smallest integer has none. What is not a number compares as false. As
        # Python's numbers: the limit itself is too large for a float16.
        if not (step.min().item() >= -MAX_MAGNITUDE and step.max().item() <= MAX_MAGNITUDE):
            raise _refuse(step, begin, lengths, name)
        frames[begin : begin + _STEP_FRAMES] = step
    ends = np.cumsum(lengths).tolist()
    return [frames[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def pack(windows: NDArray[Any], lengths: Sequence[int]) -> NDArray[Any]:
    """The first `lengths` frames of each of the windows [N, T, 8], one after another: [sum of lengths, 8]."""
    if min(lengths) == windows.shape[1]:
        return windows.reshape(-1, len(CHANNELS))
    packed: NDArray[Any] = windows[np.arange(windows.shape[1]) < np.array(lengths)[:, np.newaxis]]
    return packed


def _arrange_raw(body: bytes, query: Query, limits: Limits) -> tuple[NDArray[Any], Sequence[int]]:
    if not body or len(body) % _FRAME_BYTES:
        detail = f"windows: {len(body)} bytes are not one or more frames of 8 float32 ({_FRAME_BYTES} bytes each)"
        raise invalid(detail, "windows")
    rows = np.frombuffer(body, "<f4").reshape(-1, len(CHANNELS))
    if query.frames is not None:
        if len(rows) % query.frames:
            raise invalid(f"frames: {len(rows)} frames are not windows of {query.frames}", "frames")
        return _arrange(rows.reshape(-1, query.frames, len(CHANNELS)), query.lengths, limits)
    lengths = query.lengths or [len(rows)]
    if sum(lengths) != len(rows):
        raise invalid(f"lengths: they add up to {sum(lengths)} frames, and there are {len(rows)}", "lengths")
    check_limits(lengths, limits)
    return rows, lengths


def _arrange(
    windows: NDArray[Any], lengths: Sequence[int] | None, limits: Limits
) -> tuple[NDArray[Any], Sequence[int]]:
    count, longest = windows.shape[:2]
    if lengths is None:
        lengths = [longest] * count
    elif len(lengths) != count:
        raise invalid(f"lengths: there are {len(lengths)} for {count} windows", "lengths")
    elif max(lengths) > longest:
        place = next(place for place, length in enumerate(lengths) if length > longest)
        raise invalid(f"lengths.{place}: {lengths[place]} frames of {longest}", f"lengths.{place}")
    check_limits(lengths, limits)
    return pack(windows, lengths), lengths


def check_limits(lengths: Sequence[int], limits: Limits, name: str = "windows") -> None:
    """Raises:
    ProblemError: 413 `too_many_windows` or `window_too_long`.
    """
    if len(lengths) > limits.windows:
        raise too_many_windows(f"{name}: {len(lengths)} windows are more than {limits.windows}", name)
    if max(lengths) > limits.window_frames:
        place = next(place for place, length in enumerate(lengths) if length > limits.window_frames)
        field = f"{name}.{place}"
        detail = f"{field}: {lengths[place]} frames are more than {limits.window_frames}"
        raise ProblemError(413, "window_too_long", detail, field)


def _read_npy(body: bytes) -> NDArray[Any]:
    """The numbers [N, T, 8] in an `.npy` file of one or many windows, not copied."""
    # Version and length come before the text, and may look like its end.
    end = body.find(b"\n", len(NPY_MAGIC) + 6, _MAX_NPY_HEADER) + 1
    shape, is_fortran, dtype, offset = _read_npy_header(body[:end])
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise invalid(
            f"windows: the .npy array has the type {dtype}, not integers or floats of up to 64 bits", "windows"
        )
    if len(shape) not in {2, 3} or shape[-1] != len(CHANNELS) or 0 in shape:
        raise invalid(f"windows: the .npy array has the shape {list(shape)}, not [N, T, 8] or [T, 8]", "windows")
    size = math.prod(shape) * dtype.itemsize
    if len(body) - offset != size:
        detail = f"windows: the .npy header says {size} bytes, and {len(body) - offset} follow it"
        raise invalid(detail, "windows")
    array = np.frombuffer(body, dtype, offset=offset).reshape(shape, order="F" if is_fortran else "C")
    return array if array.ndim == 3 else array[np.newaxis]


@lru_cache(maxsize=64)  # a client's bodies all begin alike, and reading it takes longer than all else there is to do
def _read_npy_header(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether the first index runs fastest, type, and where the numbers begin."""
    file = io.BytesIO(header)
    try:
        shape, is_fortran, dtype = _NPY_HEADERS[npy.read_magic(file)](file, _MAX_NPY_HEADER)
    except KeyError:
        raise invalid("windows: this version of the .npy format is not read: 1.0 and 2.0 are", "windows") from None
    except Exception:  # noqa: BLE001 - NumPy has Python read the header; whatever that raises, the header is wrong
        raise invalid("windows: the header of the .npy file cannot be read", "windows") from None
    return shape, is_fortran, dtype, file.tell()


def _refuse(frames: NDArray[Any], before: int, lengths: Sequence[int], name: str) -> ProblemError:
    """The first frame that no glove gives, `before` of all standing before these."""
    row = int((np.abs(frames.astype(np.float64)) <= MAX_MAGNITUDE).all(axis=1).argmin())
    ends = np.cumsum(lengths)
    window = int(np.searchsorted(ends, before + row, side="right"))
    frame = before + row - int(ends[window] - lengths[window])
    try:
        _FRAME.validate_python(frames[row].tolist())
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, (name, window, frame, *fault["loc"])))
        return invalid(f"{field}: {fault['msg']}", field)
    raise AssertionError("what the model of a frame takes was refused")
