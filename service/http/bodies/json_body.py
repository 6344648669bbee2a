"""JSON body of a predict request.

msgspec parses it slice by slice, with the rules of `PredictRequest`. A body that it refuses is validated by pydantic,
which decides and gives the error message, except for a large body, where that would block the event loop.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from pydantic import Field, ValidationError, create_model

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.protocol import MAX_RATE_HZ
from scaleglove.resampling import MIN_RATE_HZ
from scaleglove.vocabulary import MOST_LABELS
from service.http.bodies.decode_faults import DECODE_ERRORS, describe_decode_error, fault_sentence
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

SLICE_BYTES: Final = 32 * 1024
"""JSON parsed in one slice: about 0.3 ms."""

VALIDATED_BYTES: Final = 128 * 1024
"""Largest body that pydantic validates: a few milliseconds."""

_FRAME_BYTES: Final = 64 * (len(CHANNELS) + 1)
"""Of a frame, with four times the digits that a reading has; what is longer is no window."""

_WINDOWS: Final = (
    "windows of any lengths; the state of one with fewer frames than the model's min_frames is `warming`, and of one "
    "longer than its window_frames only the newest frames are used"
)

_END_OF_WINDOW: Final = re.compile(rb"\]\s*\]\s*,")
"""Two closing brackets: in lists of lists of lists of numbers, without strings, the end of a window."""

_Reading = Annotated[float, Meta(ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE)]
_Frame = Annotated[list[_Reading], Meta(min_length=len(CHANNELS), max_length=len(CHANNELS))]
_Window = Annotated[list[_Frame], Meta(min_length=1)]


class PredictRequest(Options):
    """Windows to classify: each a list of frames, each frame the eight channels in raw units."""

    windows: list[list[Frame]] = Field(description=_WINDOWS)


class _Outline(msgspec.Struct, forbid_unknown_fields=True):
    """Body whose windows are not parsed yet."""

    windows: msgspec.Raw
    model: str | None = None
    wearer: str | None = None
    glove: str | None = None
    sample_rate_hz: Annotated[float, Meta(ge=MIN_RATE_HZ, le=MAX_RATE_HZ)] | None = None
    top_k: Annotated[int, Meta(ge=1, le=MOST_LABELS)] = 3


_OUTLINE: Final = msgspec.json.Decoder(_Outline)
_SOME_WINDOWS: Final = msgspec.json.Decoder(list[_Window])


class _Refused(Exception):  # noqa: N818 - not an error yet: pydantic may accept the body
    """Refusal of a body by msgspec; `problem` is its message."""

    def __init__(self, problem: ProblemError) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class JsonBody:
    """Parser of JSON bodies within limits. `schema` is the model for pydantic and the OpenAPI document."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._window_bytes = _FRAME_BYTES * limits.window_frames
        window = Annotated[list[Frame], Field(min_length=1, max_length=limits.window_frames, fail_fast=True)]
        windows = Annotated[list[window], Field(min_length=1, max_length=limits.windows, fail_fast=True)]
        self.schema: type[PredictRequest] = create_model(
            "PredictRequest",
            __base__=PredictRequest,
            __doc__=PredictRequest.__doc__,
            windows=(windows, Field(description=_WINDOWS)),
        )

    def read(self, body: bytes) -> Slices[ParsedRequest]:
        """Parse a body.

        Raises:
            ProblemError: 422 naming the invalid field, or 413 naming what exceeds a limit.
        """
        if len(body) > SLICE_BYTES:
            yield
        try:
            return (yield from self._read_fast(body))
        except _Refused as refused:
            if len(body) > VALIDATED_BYTES:
                raise refused.problem from None
        return self.validate(body)

    def validate(self, body: bytes) -> ParsedRequest:
        """Parse a body with pydantic, in one slice."""
        try:
            request = self.schema.model_validate_json(body)
        except ValidationError as error:
            raise as_problem(error) from None
        windows = [np.array(window, np.float32) for window in request.windows]
        return ParsedRequest(
            windows, request.model, request.wearer, request.sample_rate_hz, request.top_k, request.glove
        )

    def _read_fast(self, body: bytes) -> Slices[ParsedRequest]:
        try:
            outline = _OUTLINE.decode(body)
        except DECODE_ERRORS as error:
            raise _Refused(_problem_of(error)) from None
        windows = yield from self._read_windows(bytes(outline.windows))
        return ParsedRequest(
            windows, outline.model, outline.wearer, outline.sample_rate_hz, outline.top_k, outline.glove
        )

    def _read_windows(self, text: bytes) -> Slices[list[NDArray[np.float32]]]:
        if not text.startswith(b"["):
            raise _Refused(invalid("windows: is not a list; give a list", "windows"))
        windows: list[NDArray[np.float32]] = []
        begin, end = 1, len(text) - 1
        while begin < end:
            after = None
            if end - begin > SLICE_BYTES:
                last = min(end, begin + SLICE_BYTES + self._window_bytes)
                after = _END_OF_WINDOW.search(text, begin + SLICE_BYTES, last)
                if after is None and last < end:
                    raise _Refused(_too_long(len(windows), self._limits.window_frames))
            stop = after.end() - 1 if after else end  # the comma, or the closing bracket
            windows += self._read_slice(text[begin:stop], len(windows))
            begin = stop + 1
            if begin < end:
                yield
        if not windows:
            raise _Refused(invalid("windows: the list is empty; give at least one window", "windows"))
        return windows

    def _read_slice(self, text: bytes, before: int) -> list[NDArray[np.float32]]:
        """Parse a part of the list of windows; `before` windows precede it."""
        longest = self._limits.window_frames
        # A part longer than a slice is one window, with a comma for each reading: too long a one is not decoded.
        if text.count(b",") > SLICE_BYTES + len(CHANNELS) * longest:
            raise _Refused(_too_long(before, longest))
        try:
            decoded = _SOME_WINDOWS.decode(b"[%b]" % text)
        except DECODE_ERRORS as error:
            raise _Refused(_problem_of(error, before)) from None
        if before + len(decoded) > self._limits.windows:
            raise _Refused(too_many_windows(f"windows: there are more than the limit of {self._limits.windows}"))
        for index, window in enumerate(decoded, before):
            if len(window) > longest:
                raise _Refused(_too_long(index, longest))
        return [np.array(window, np.float32) for window in decoded]


def _too_long(index: int, longest: int) -> ProblemError:
    field = f"windows.{index}"
    detail = f"{field}: the window has more frames than the limit of {longest}"
    return ProblemError(413, "window_too_long", detail, field)


def _problem_of(error: Exception, before: int | None = None) -> ProblemError:
    """Return an error of msgspec with the path that pydantic would give; `before` windows precede those it parsed."""
    path, reason = describe_decode_error(error)
    if before is not None and isinstance(error, msgspec.ValidationError):
        path = ["windows", *path] if not path else ["windows", str(before + int(path[0])), *path[1:]]
    return invalid(fault_sentence(path, reason), ".".join(path) or None)
