"""What a predict request asks, however its body was written, and the limits of what it may ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.protocol import RateHz, describe
from service.problems import ProblemError
from service.settings import Settings

_MAX_FIELD: Final = 100
"""Field names are the sender's own, of any length."""

# `fail_fast`: a million wrong numbers make one error, not a million.
_Reading = Annotated[float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE, allow_inf_nan=False)]
Frame = Annotated[list[_Reading], Field(min_length=len(CHANNELS), max_length=len(CHANNELS), fail_fast=True)]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may hold."""

    body_bytes: int
    windows: int
    window_frames: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.max_body_bytes, settings.max_windows, settings.max_window_frames)


class Options(BaseModel):
    """What stands beside the windows: fields of a JSON body, parameters of the address with a binary one."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="name of the model; the default one when left out")
    wearer: str | None = Field(None, description="name of the wearer whose calibration is to be used")
    sample_rate_hz: RateHz | None = Field(
        None, description="rate of the frames; windows are resampled when the model's differs. Left out: the model's"
    )
    top_k: int = Field(3, strict=True, ge=1, le=24, description="how many candidates to list for each window")


@dataclass(frozen=True, slots=True)
class Asked:
    """Windows float32[n_i, 8] in raw units, at least one, each of at least one frame, all within the limits."""

    windows: Sequence[NDArray[np.float32]]
    model: str | None = None
    wearer: str | None = None
    sample_rate_hz: float | None = None
    top_k: int = 3


def as_problem(error: ValidationError) -> ProblemError:
    """The first fault of a validation: 422 naming the field, or 413 naming what there is too much of."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place, detail = fault["loc"], describe(error)
    field = ".".join(map(str, place))[:_MAX_FIELD] or None
    if fault["type"] == "too_long" and place == ("windows",):
        return too_many_windows(detail)
    if fault["type"] == "too_long" and len(place) == 2:
        return ProblemError(413, "window_too_long", detail, field)
    return invalid(detail, field)


def invalid(detail: str, field: str | None) -> ProblemError:
    return ProblemError(422, "invalid_request", detail, field)


def too_many_windows(detail: str, field: str = "windows") -> ProblemError:
    return ProblemError(413, "too_many_windows", detail, field)
