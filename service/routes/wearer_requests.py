"""Request bodies of the wearers' routes, their examples, and the windows of posted and of held examples."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.runtime.contract import ModelContract
from scaleglove.protocol import DecoderOptions, RateHz
from scaleglove.resampling import resample_evenly
from scaleglove.vocabulary import MOST_LABELS, LabelName
from service.http.bodies.frames_body import KEEP_CHECKED
from service.http.bodies.request import Frame, invalid
from service.inference.engine import Window
from service.problems import ProblemError
from service.streams.shape_memory import HeldShape
from service.wearers.calibration import windows_for
from service.wearers.glove_records import GloveName
from service.wearers.records import Example, Label, Person, WearerName


class NewWearer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    wearer: WearerName = Field(description="letters of any script, digits, _ - and ., but no dot at the start")


ExampleFrames = Annotated[list[Frame], Field(min_length=1, fail_fast=True)]


class NewExample(BaseModel):
    """Window of the wearer's hand: `frames` in raw units, or of a running `stream` the newest window or a `shape` that
    was held before."""

    model_config = ConfigDict(extra="forbid")

    label: Label = Field(description="a label of the model, a sign of the user's own, or rest for no sign")
    frames: Annotated[ExampleFrames, KEEP_CHECKED] | None = None
    sample_rate_hz: RateHz | None = Field(None, description="sample rate of `frames`, by default the model's")
    stream: Annotated[str, Field(max_length=64)] | None = Field(None, description="name of the stream, as in `started`")
    shape: int | None = Field(
        None,
        strict=True,
        ge=0,
        description="number of a shape that `stream` held, as in `gesture` and in `doubts`: what it was is the label",
    )
    model: str | None = Field(
        None, description="the model by which its quality is judged; by default the default model"
    )


class Calibration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, description="name of the model; by default the default model")
    decoder: DecoderOptions | None = Field(
        None, description="options of this wearer's letter decoder; by default those of their previous profile"
    )
    signs: Annotated[list[LabelName], Field(max_length=MOST_LABELS)] = Field(
        default_factory=list,
        description="own signs among the labels of the examples that are of another vocabulary of the package; any "
        "other label that the model does not have is an own sign anyway",
    )
    alone: bool | None = Field(
        None,
        description="whether the own signs are recognised alone, and no label of the model; by default as in the "
        "previous profile",
    )
    signs_from: WearerName | Literal[""] | None = Field(
        None,
        description="another wearer whose own signs are recognised too, as they are now; by default the one of the "
        "previous profile, and an empty name is none",
    )
    trained_as: Person | Literal[""] | None = Field(
        None,
        description="the person of the model's training who the wearer is, one of `people` in GET /v1/models: their "
        "examples there count as the wearer's; by default the one of the previous profile, and an empty name is nobody",
    )
    glove: GloveName | None = Field(
        None,
        description="name of the glove of the examples: its profile is used where they are of too few letters to tell "
        "how it reads",
    )
    stream: Annotated[str, Field(max_length=64)] | None = Field(
        None,
        description="name of a running stream of that glove: as it is read there by now, it is read where the examples "
        "are of too few letters and no profile of the glove is named",
    )


WEARER_EXAMPLE: Final = {"wearer": "ada"}
EXAMPLE_EXAMPLE: Final = {"label": "ㄱ", "frames": [[788, 780, 861, 862, 885, -17.9, -64.5, -62]] * 10}
CALIBRATION_EXAMPLE: Final = {"model": "MSCSGRU_ScaleAware_Encoded"}


def check_source(example: NewExample, longest: int) -> None:
    """Refuse an example without a window, with two, or with one of more than `longest` frames.

    Raises:
        ProblemError: 422 or 413.
    """
    if (example.frames is None) == (example.stream is None):
        raise invalid("frames: give either frames or stream", "frames")
    if example.stream is not None and example.sample_rate_hz is not None:
        raise invalid("sample_rate_hz: only valid with frames; a stream has its own rate", "sample_rate_hz")
    if example.frames is not None and example.shape is not None:
        raise invalid("shape: only valid with the stream that held it", "shape")
    if example.frames is not None and len(example.frames) > longest:
        detail = f"frames: {len(example.frames)} frames exceed the limit of {longest}"
        raise ProblemError(413, "window_too_long", detail, "frames")


def posted_window(example: NewExample, contract: ModelContract) -> Window:
    """Return the window of a posted example at the model's rate, of a longer one the newest frames.

    Raises:
        ProblemError: 422 `invalid_request`: it is too short for the model.
    """
    window = np.array(example.frames, np.float32)
    if example.sample_rate_hz not in {None, contract.sample_rate_hz}:
        assert example.sample_rate_hz is not None
        window = resample_evenly(window, example.sample_rate_hz, contract.sample_rate_hz, contract.window_frames)
    _check_length(window, contract, "frames")
    return window[-contract.window_frames :]


def held_example(label: str, shape: HeldShape, sample_rate_hz: float, contract: ModelContract) -> Example:
    """Return a shape that a stream of this rate has held as an example, for a model that may have another rate.

    Raises:
        ProblemError: 422 `invalid_request`: it is too short for the model.
    """
    example = Example(label, shape.frames, sample_rate_hz, "stream")
    (window,) = windows_for([example], contract)
    _check_length(window, contract, "shape")
    return example


def _check_length(window: Window, contract: ModelContract, field: str) -> None:
    if len(window) < contract.min_frames:
        rate = f"{contract.sample_rate_hz:g} Hz"
        detail = f"{field}: {len(window)} frames at {rate} are too few; give at least {contract.min_frames}"
        raise invalid(detail, field)
