"""API of gloves: their profiles and what a check finds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, Field

from models.adaptation.glove_check import Finding, FingerCode
from models.adaptation.glove_profile import GloveProfile
from service.wearers.records import WearerName

GloveName = WearerName
"""Names of gloves follow the rules of wearers' names."""


def _check_profile(stored: dict[str, Any]) -> dict[str, Any]:
    return GloveProfile.from_dict(stored).as_dict()


ProfileJson = Annotated[dict[str, Any], AfterValidator(_check_profile)]
"""`GloveProfile` as JSON."""


_MAX_CHANNEL: Final = 32
_MAX_TEXT: Final = 400
"""Characters; the sentences have half as many at most."""


class GloveFinding(BaseModel):
    """What a check found of one channel."""

    channel: str = Field(max_length=_MAX_CHANNEL)
    code: FingerCode
    text: str = Field(max_length=_MAX_TEXT, description="the same in words")
    straight: float | None = Field(description="reading of the straight finger, in the glove's own unit")
    bent: float | None
    noise: float | None = Field(description="standard deviation of the reading of a still finger")
    follows: str | None = Field(
        max_length=_MAX_CHANNEL, description="the finger that moves this channel instead of its own"
    )

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Describe a finding."""
        straight, bent, noise = (
            None if value is None else round(value, _DECIMALS)
            for value in (finding.straight, finding.bent, finding.noise)
        )
        return cls(
            channel=finding.channel,
            code=finding.code,
            text=finding.words,
            straight=straight,
            bent=bent,
            noise=noise,
            follows=finding.follows,
        )


_DECIMALS: Final = 6
"""Enough for a glove that sends 0 to 1."""


class GloveProfileInfo(BaseModel):
    version: int = Field(description="number among all profiles of the glove")
    profile: dict[str, Any] = Field(
        description="hand, missing channels, straight and bent reading of each finger, and the direction of gravity in "
        "three poses"
    )
    findings: list[GloveFinding] = Field(description="of the check that made it; empty if it was made of held shapes")
    active: bool = Field(description="whether the glove is used with it")
    created_at: datetime


class GloveProfileList(BaseModel):
    profiles: list[GloveProfileInfo]


class GloveSummary(BaseModel):
    glove: str
    active: int | None = Field(description="version of the active profile; null: there is none yet")
    usb: str | None = Field(
        description="the board on USB that the glove is known by, vendor:product:serial number; null: none"
    )
    created_at: datetime


class GloveList(BaseModel):
    gloves: list[GloveSummary]


class GloveInfo(GloveSummary):
    profiles: list[GloveProfileInfo]
