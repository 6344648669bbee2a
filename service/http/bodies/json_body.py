"""The JSON body of a predict request.

Read by msgspec, slice by slice, with the rules of `PredictRequest`. What it refuses is judged by pydantic, which finds
the words and has the last one - except in a large body, where that would hold up everybody: msgspec's words must do.
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

SLICE_BYTES: Final = 32 * 1024
"""Of JSON in one step: some 0.3 ms."""

JUDGED_BYTES: Final = 128 * 1024
"""The largest body that pydantic judges: some milliseconds."""

_WINDOWS: Final = (
    "windows of any lengths; one with fewer frames than the model's min_frames is answered `warming`, one longer than "
    "its window_frames is answered for its newest frames"
)

_END_OF_WINDOW: Final = re.compile(rb"\]\s*\]\s*,")
"""Two closing brackets: in lists of lists of lists of numbers, where there are no strings, that ends a window."""

_PLACE: Final = re.compile(r" - at `\$(.*)`$")

_Reading = Annotated[float, Meta(ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE)]
_Frame = Annotated[list[_Reading], Meta(min_length=len(CHANNELS), max_length=len(CHANNELS))]
_Window = Annotated[list[_Frame], Meta(min_length=1)]


class PredictRequest(Options):
    """Windows to answer: each a list of frames, each frame the eight channels in raw units."""

    windows: list[list[Frame]] = Field(description=_WINDOWS)


class _Outline(msgspec.Struct, forbid_unknown_fields=True):
    """The body, its windows not read yet."""

    windows: msgspec.Raw
    model: str | None = None
    wearer: str | None = None
    sample_rate_hz: Annotated[float, Meta(ge=MIN_RATE_HZ, le=MAX_RATE_HZ)] | None = None
    top_k: Annotated[int, Meta(ge=1, le=24)] = 3


_OUTLINE: Final = msgspec.json.Decoder(_Outline)
_SOME_WINDOWS: Final = msgspec.json.Decoder(list[_Window])
_REFUSALS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Refused(Exception):  # noqa: N818 - not an error yet: pydantic may know better
    """The fast reader does not take a body; `problem` says why in its words."""

    def __init__(self, problem: ProblemError) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class JsonBody:
    """Reads JSON bodies within limits. `schema` is what a body must be, for pydantic and for the OpenAPI document."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        window = Annotated[list[Frame], Field(min_length=1, max_length=limits.window_frames, fail_fast=True)]
        windows = Annotated[list[window], Field(min_length=1, max_length=limits.windows, fail_fast=True)]
        self.schema: type[PredictRequest] = create_model(
            "PredictRequest",
            __base__=PredictRequest,
            __doc__=PredictRequest.__doc__,
            windows=(windows, Field(description=_WINDOWS)),
        )

    def read(self, body: bytes) -> Slices[Asked]:
        """What a body asks.

        Raises:
            ProblemError: 422 naming the field that is wrong, or 413 naming what there is too much of.
        """
        if len(body) > SLICE_BYTES:
            yield
        try:
            return (yield from self._read_fast(body))
        except _Refused as refused:
            if len(body) > JUDGED_BYTES:
                raise refused.problem from None
        return self.judge(body)

    def judge(self, body: bytes) -> Asked:
        """The same by pydantic, in one step."""
        try:
            request = self.schema.model_validate_json(body)
        except ValidationError as error:
            raise as_problem(error) from None
        windows = [np.array(window, np.float32) for window in request.windows]
        return Asked(windows, request.model, request.wearer, request.sample_rate_hz, request.top_k)

    def _read_fast(self, body: bytes) -> Slices[Asked]:
        try:
            outline = _OUTLINE.decode(body)
        except _REFUSALS as error:
            raise _Refused(_in_words(error)) from None
        windows = yield from self._read_windows(bytes(outline.windows))
        return Asked(windows, outline.model, outline.wearer, outline.sample_rate_hz, outline.top_k)

    def _read_windows(self, text: bytes) -> Slices[list[NDArray[np.float32]]]:
        if not text.startswith(b"["):
            raise _Refused(invalid("windows: Input should be a valid list", "windows"))
        windows: list[NDArray[np.float32]] = []
        begin, end = 1, len(text) - 1
        while begin < end:
            after = _END_OF_WINDOW.search(text, begin + SLICE_BYTES, end) if end - begin > SLICE_BYTES else None
            stop = after.end() - 1 if after else end  # the comma, or the closing bracket
            windows += self._read_slice(text[begin:stop], len(windows))
            begin = stop + 1
            if begin < end:
                yield
        if not windows:
            raise _Refused(invalid("windows: there is none", "windows"))
        return windows

    def _read_slice(self, text: bytes, before: int) -> list[NDArray[np.float32]]:
        """The windows in a piece of the list, cut at its commas; `before` of them came earlier."""
        longest = self._limits.window_frames
        # What goes on beyond the slice is one window, with a comma for each reading; a million are not even decoded.
        if text.count(b",") > SLICE_BYTES + len(CHANNELS) * longest:
            raise _Refused(_too_long(before, longest))
        try:
            decoded = _SOME_WINDOWS.decode(b"[%b]" % text)
        except _REFUSALS as error:
            raise _Refused(_in_words(error, before)) from None
        if before + len(decoded) > self._limits.windows:
            raise _Refused(too_many_windows(f"windows: there are more than {self._limits.windows}"))
        for place, window in enumerate(decoded, before):
            if len(window) > longest:
                raise _Refused(_too_long(place, longest))
        return [np.array(window, np.float32) for window in decoded]


def _too_long(place: int, longest: int) -> ProblemError:
    field = f"windows.{place}"
    return ProblemError(
        413, "window_too_long", f"{field}: there are more numbers in it than {longest} frames hold", field
    )


def _in_words(error: Exception, before: int | None = None) -> ProblemError:
    """What msgspec says, as pydantic would place it; `before`: how many windows came before those that it read."""
    if not isinstance(error, msgspec.ValidationError):
        return invalid(f"Invalid JSON: {error}; NaN and Infinity are no numbers of JSON", None)
    text = str(error)
    found = _PLACE.search(text)
    place = re.findall(r"[^.\[\]]+", found[1]) if found else []
    if before is not None:
        place = ["windows", *place] if not place else ["windows", str(before + int(place[0])), *place[1:]]
    field = ".".join(place) or None
    reason = text[: found.start()] if found else text
    return invalid(f"{field}: {reason}" if field else reason, field)
