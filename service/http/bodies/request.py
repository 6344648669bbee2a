"""Parsed predict request, independent of the format of its body, and its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.protocol import RateHz, describe
from scaleglove.vocabulary import MOST_LABELS
from service.problems import ProblemError
from service.settings import Settings

_MAX_FIELD: Final = 100
"""Characters of a field's name that an error repeats; a client may send one of any length."""

# `fail_fast`: a million invalid numbers give one error, not a million.
_Reading = Annotated[float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE, allow_inf_nan=False)]
Frame = Annotated[list[_Reading], Field(min_length=len(CHANNELS), max_length=len(CHANNELS), fail_fast=True)]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one request."""

    body_bytes: int
    windows: int
    window_frames: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the limits of the settings."""
        return cls(settings.max_body_bytes, settings.max_windows, settings.max_window_frames)


class Options(BaseModel):
    """Options of a predict request: fields of a JSON body, query parameters with a binary body."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="name of the model; by default the default model")
    wearer: str | None = Field(None, description="name of the wearer whose profile to use")
    glove: str | None = Field(None, description="name of the glove whose profile to use; a wearer's goes first")
    sample_rate_hz: RateHz | None = Field(
        None, description="sample rate of the frames, by default the model's; windows at another rate are resampled"
    )
    top_k: int = Field(3, strict=True, ge=1, le=MOST_LABELS, description="number of candidates in each prediction")


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """At least one window float32[n_i, 8] in raw units, n_i >= 1, all within the limits, and the options."""

    windows: Sequence[NDArray[np.float32]]
    model: str | None = None
    wearer: str | None = None
    sample_rate_hz: float | None = None
    top_k: int = 3
    glove: str | None = None


def as_problem(error: ValidationError) -> ProblemError:
    """Return the first error of a validation as a problem: 422 naming the field, or 413 naming what exceeds a limit."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    path, detail = fault["loc"], describe(error)
    field = ".".join(map(str, path))[:_MAX_FIELD] or None
    if fault["type"] == "too_long" and path == ("windows",):
        return too_many_windows(detail)
    if fault["type"] == "too_long" and len(path) == 2:
        return ProblemError(413, "window_too_long", detail, field)
    return invalid(detail, field)


def invalid(detail: str, field: str | None) -> ProblemError:
    """Return the problem 422 `invalid_request`."""
    return ProblemError(422, "invalid_request", detail, field)


def too_many_windows(detail: str, field: str = "windows") -> ProblemError:
    """Return the problem 413 `too_many_windows`."""
    return ProblemError(413, "too_many_windows", detail, field)
