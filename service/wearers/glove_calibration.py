"""Profile of a glove from the steps of a check, or from shapes without labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, NoReturn, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.adaptation.glove_check import STEPS, CheckSoFar, GloveCheck, Step
from models.adaptation.glove_profile import GloveProfile, Hand, profile_of
from models.adaptation.sensor_fit import range_shapes
from models.runtime.held_shapes import judge_of
from scaleglove.channels import CHANNELS, FLEX, MAX_MAGNITUDE
from service.http.bodies.frames_body import KEEP_CHECKED, frames_limits
from service.inference.engine import Model
from service.inference.glove import no_readings
from service.problems import ProblemError
from service.wearers.glove_records import GloveFinding

LEAST_SHAPES: Final = 10
"""Of fewer, the range of a finger is that of a few letters."""

MOST_SHAPES: Final = 200
"""The time to fit grows with the number; 48 are enough."""

MOST_FRAMES: Final = 3000
"""Of one step: a minute at 50 Hz."""

FRAMES_OF_ALL: Final = MOST_FRAMES * len(STEPS)
STEP_LIMITS: Final = frames_limits(MOST_FRAMES)

_Reading = Annotated[float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE, allow_inf_nan=False)]
_Frame = Annotated[list[_Reading | None], Field(min_length=len(CHANNELS), max_length=len(CHANNELS), fail_fast=True)]


FramesOfStep = Annotated[list[_Frame], Field(min_length=1, max_length=MOST_FRAMES, fail_fast=True)]
_Steps = dict[Step, Annotated[FramesOfStep, KEEP_CHECKED]]

_STEPS_SHOWN: Final = (
    "`open` (an open hand), `fist`, each finger bent by itself, and the index finger pointing `up` (palm to the "
    "front), `sideways` and `down`"
)


class GloveSteps(BaseModel):
    """Frames of the steps of a check that were shown so far; null where the glove has no such sensor."""

    model_config = ConfigDict(extra="forbid")

    hand: Hand = Field("right", description="as for `calibrate`; the findings do not depend on it")
    steps: _Steps = Field(description=_STEPS_SHOWN)


class GloveFindings(BaseModel):
    """What is known from the steps that were shown."""

    findings: list[GloveFinding] = Field(description="none of a channel of which nothing is known yet")
    needed: list[Step] = Field(
        description="steps without which there is no profile; every finger by itself does instead of the `fist`"
    )


class GloveCalibration(BaseModel):
    """Frames of each step of a check, or shapes that were held, one frame each; null where the glove has no such
    sensor."""

    model_config = ConfigDict(extra="forbid")

    hand: Hand = "right"
    steps: _Steps | None = Field(
        None, description=f"{_STEPS_SHOWN}; open and fist, or open and every finger, are required"
    )
    shapes: Annotated[list[_Frame], Field(min_length=LEAST_SHAPES, max_length=MOST_SHAPES, fail_fast=True)] | None = (
        Field(None, description="shapes of any letters, held one after the other: a coarser profile than that of steps")
    )

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if (self.steps is None) == (self.shapes is None):
            raise ValueError("give either steps or shapes")
        return self


def judge_steps(request: GloveSteps) -> GloveFindings:
    """Return what the steps tell of each finger.

    Raises:
        ProblemError: 422 `invalid_request` naming the step.
    """
    try:
        so_far = CheckSoFar.of(_steps(request.steps))
    except ValueError as error:
        _refuse_steps(error)
    return GloveFindings(findings=[GloveFinding.of(each) for each in so_far.findings], needed=list(so_far.needed))


def calibrate_glove(request: GloveCalibration, model: Model) -> tuple[GloveProfile, list[GloveFinding]]:
    """Return the profile of a request and what the check found; `model` is the default one, for shapes.

    Raises:
        ProblemError: 422 `invalid_request` naming the step, or 409 `no_readings`.
    """
    if request.shapes is not None:
        return _of_shapes(_frames(request.shapes), model), []
    assert request.steps is not None
    try:
        check = GloveCheck.of(_steps(request.steps), request.hand)
    except ValueError as error:
        _refuse_steps(error)
    return check.profile, [GloveFinding.of(finding) for finding in check.findings]


def _refuse_steps(error: ValueError) -> NoReturn:
    raise ProblemError(422, "invalid_request", str(error), str(error).partition(" ")[0]) from None


def _of_shapes(shapes: NDArray[np.float32], model: Model) -> GloveProfile:
    if model.readings is None:
        raise no_readings(model)
    missing = tuple(name for name, column in zip(CHANNELS, shapes.T, strict=True) if not _says_something(name, column))
    ranged = range_shapes(shapes, model.readings, judge_of(model))
    dead = tuple(np.array(CHANNELS[FLEX])[ranged.front_end.dead].tolist())
    lacks = tuple(name for name in CHANNELS if name in {*missing, *dead})
    profile = profile_of(ranged.front_end, model.readings, lacks, ranged.full_scale)
    try:
        GloveProfile.from_dict(profile.as_dict())
    except ValueError as error:
        detail = f"shapes: the sensors read what no profile can state ({error}); check the glove's wires"
        raise ProblemError(422, "invalid_request", detail, "shapes") from None
    return profile


def _says_something(name: str, readings: NDArray[np.float32]) -> bool:
    """Return whether a channel was read and, if it is a finger, moved."""
    known = readings[~np.isnan(readings)]
    return len(known) > 0 and (name not in CHANNELS[FLEX] or bool(np.ptp(known) > 0))


def _steps(steps: _Steps) -> dict[Step, NDArray[np.float32]]:
    return {step: _frames(rows) for step, rows in steps.items()}


def _frames(rows: Sequence[Sequence[float | None]]) -> NDArray[np.float32]:
    return np.array(rows, np.float32)  # null becomes NaN
