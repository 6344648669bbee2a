"""API of wearers: the names and labels that it accepts, and its models of wearers, examples and profiles."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from models.runtime.prototypes import MAX_PERSON
from scaleglove.protocol import DecoderOptions
from scaleglove.vocabulary import REST, LabelName
from scaleglove.vocabulary import Label as Sign

MAX_NAME: Final = 64

MAX_STREAM: Final = 64
"""Characters of the name of a stream."""

REST_LABEL: Final = REST
"""Label of a window in which no letter is signed."""

_NAME: Final = r"^[\w-][\w.-]{0,63}$"
"""Letters of any script, digits and `_-.`; no dot at the start, which has another meaning in a path."""

Source = Literal["posted", "stream", "words"]
"""Where an example is from: the wearer has shown it, as frames or in a stream, or words have shown what it was."""


def as_composed(name: str) -> str:
    """Compose a name (NFC): some systems write 한 as one character, others as three."""
    return unicodedata.normalize("NFC", name)


def _compose_text(name: object) -> object:
    return as_composed(name) if isinstance(name, str) else name


def _check_visible(name: str) -> str:
    """Refuse invisible characters, so that two names that look the same are the same."""
    if any(unicodedata.category(character) == "Cf" for character in name):
        raise ValueError("the name contains invisible characters; remove them")
    return name


WearerName = Annotated[
    str, BeforeValidator(_compose_text), StringConstraints(pattern=_NAME), AfterValidator(_check_visible)
]
Label = LabelName
"""Label of an example: of a model, a user's own, or REST_LABEL."""

Person = Annotated[str, BeforeValidator(_compose_text), StringConstraints(min_length=1, max_length=MAX_PERSON)]
"""One of the people of a model's training."""


@dataclass(frozen=True, slots=True)
class Example:
    """Labelled window float32[n, 8] in raw units, evenly sampled at `sample_rate_hz`. `quality` is 0 to 1, or None if
    it was not assessed."""

    label: str
    window: NDArray[np.float32]
    sample_rate_hz: float
    source: Source
    quality: float | None = None
    created_at: float = 0.0
    """Seconds since 1970, once it is stored."""
    weight: float | None = None
    """Of an example of words, above 0 and up to 1: how much it is believed; None: it was shown."""


class ExampleInfo(BaseModel):
    id: int
    label: str
    frames: int
    sample_rate_hz: float
    source: Source
    quality: float | None = Field(description="0 to 1; null if it was not assessed")
    weight: float | None = Field(
        description="of an example of words, above 0 and up to 1: how much it is believed; null: it was shown"
    )
    created_at: datetime


class ExampleList(BaseModel):
    examples: list[ExampleInfo]


class Score(BaseModel):
    """Accuracy on the examples held back."""

    accuracy: float = Field(description="share of correct predictions; for rest, that no letter was predicted")
    mean_confidence: float = Field(description="mean probability of the predictions")


class Comparison(BaseModel):
    """Accuracy without and with a profile, each example held back from the profile that it is evaluated with."""

    held_back: int = Field(description="number of examples held back: of labels with two or more")
    single: list[str] = Field(description="labels with one example, which cannot be held back")
    before: Score | None = Field(description="without a profile; null if none was held back")
    after: Score | None = Field(description="with a profile made without the example; null if none was held back")


class Calibrated(Comparison):
    """New profile, active from now on, and its comparison."""

    version: int
    model: str
    model_version: str
    signs: list[Sign] = Field(description="own signs that the profile recognises")
    alone: bool = Field(description="whether it recognises them alone, and no label of the model")
    signs_from: str | None = Field(description="the other wearer whose own signs are among them")
    signs_lost: str | None = Field(
        description="why those of the other wearer, which the previous profile had, are not among them any more: "
        "unknown_wearer, no_profile or profile_mismatch"
    )
    trained_as: str | None = Field(description="the person of the model's training whose examples are among them")
    trained_as_lost: str | None = Field(
        description="the person whose examples the previous profile had, and whom the model does not know any more"
    )
    left_out: list[str] = Field(description="labels of examples that are of another vocabulary and were not used")
    words: int = Field(description="examples of words that it has")
    words_left_out: int = Field(
        description="examples of words that are not in it: the wearer has shown something else there, or the model has "
        "no such label"
    )
    alike: list[tuple[str, str]] = Field(
        description="own signs and the label that each is too close to: hold or move the hand in a clearer way"
    )
    seconds: float


class ProfileInfo(BaseModel):
    version: int = Field(description="number among all profiles of the wearer")
    model: str
    model_version: str
    artefact_sha256: str = Field(description="digest of the artefact's file; the profile is valid for no other")
    examples: dict[str, int] = Field(
        description="number of examples by label, with those of another wearer's signs and of the training"
    )
    words: int = Field(description="examples of words that it has besides")
    comparison: Comparison
    decoder: DecoderOptions | None = Field(description="options of the wearer's letter decoder; null: the defaults")
    signs: list[Sign] = Field(description="own signs that the profile recognises")
    signs_from: str | None = Field(description="the other wearer whose own signs are among them")
    shared: list[str] = Field(description="own signs that the other wearer has shown")
    trained_as: str | None = Field(description="the person of the model's training whose examples are among them")
    alone: bool = Field(description="whether it recognises them alone, and no label of the model")
    active: bool = Field(description="whether the wearer uses it with this model")
    created_at: datetime


class ProfileList(BaseModel):
    profiles: list[ProfileInfo]


class WearerSummary(BaseModel):
    wearer: str
    created_at: datetime


class WearerList(BaseModel):
    wearers: list[WearerSummary]


class WearerInfo(WearerSummary):
    examples: dict[str, int] = Field(description="number of examples by label that the wearer has shown")
    words: dict[str, int] = Field(description="number of examples by label that words have shown and that were kept")
    profiles: list[ProfileInfo]
    active: dict[str, int] = Field(description="version of the active profile by model")
