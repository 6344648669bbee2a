"""What is told of wearers, their examples and their profiles, and what is kept of a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from scaleglove.protocol import DecoderOptions

Source = Literal["posted", "stream"]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled window float32[n, 8] in raw units, its frames evenly `sample_rate_hz` apart. `quality`: 0 to 1, where
    it has been judged."""

    label: str
    window: NDArray[np.float32]
    sample_rate_hz: float
    source: Source
    quality: float | None = None


class ExampleInfo(BaseModel):
    id: int
    label: str
    frames: int
    sample_rate_hz: float
    source: Source
    quality: float | None = Field(description="0 to 1; null where it was not judged")
    created_at: datetime


class ExampleList(BaseModel):
    examples: list[ExampleInfo]


class Score(BaseModel):
    """How the examples held back were answered."""

    accuracy: float = Field(description="share of them that were answered right; for rest, that no letter was named")
    mean_confidence: float = Field(description="mean probability of what was answered")


class Comparison(BaseModel):
    """Without a profile against with one, each example held back from the profile that judges it."""

    held_back: int = Field(description="examples that could be held back: of labels with two or more")
    single: list[str] = Field(description="labels with one example, which cannot be held back")
    before: Score | None = Field(description="null where none could be held back")
    after: Score | None


class ProfileInfo(BaseModel):
    version: int = Field(description="counts through all profiles of the wearer")
    model: str
    model_version: str
    artefact_sha256: str = Field(description="of the artefact's file; the profile is good for no other")
    examples: dict[str, int] = Field(description="by label, how many it was made of")
    comparison: Comparison
    decoder: DecoderOptions | None = Field(description="how this wearer's letters begin and end; null: as usual")
    active: bool = Field(description="what the wearer gets with this model")
    created_at: datetime


class ProfileList(BaseModel):
    profiles: list[ProfileInfo]


class WearerSummary(BaseModel):
    wearer: str
    created_at: datetime


class WearerList(BaseModel):
    wearers: list[WearerSummary]


class WearerInfo(WearerSummary):
    examples: dict[str, int] = Field(description="how many there are of each label")
    profiles: list[ProfileInfo]
    active: dict[str, int] = Field(description="by model, the version that the wearer gets")


@dataclass(frozen=True, slots=True)
class NewProfile:
    """What was made of a wearer's examples for one artefact: an embedding float32[n, m] and a label for each."""

    model: str
    model_version: str
    artefact_sha256: str
    embeddings: NDArray[np.float32]
    labels: list[str]
    comparison: Comparison
    decoder: DecoderOptions | None
    """Null: as in the wearer's profile before this one."""


@dataclass(frozen=True, slots=True)
class StoredProfile(NewProfile):
    """One that is in the database."""

    version: int
    created_at: float
