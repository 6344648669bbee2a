"""Finds the profile that a wearer gets with a model, and refuses one that was made for another artefact."""

from __future__ import annotations

import asyncio
from typing import Final

from models.adaptation.open_set import OpenSetReference
from service.inference.engine import Model
from service.inference.profile import Profile
from service.problems import ProblemError
from service.wearers.calibrate import mark_of, reach_of
from service.wearers.names import as_composed
from service.wearers.profiles import ProfileStore
from service.wearers.records import StoredProfile

_SHOWN: Final = 12
"""Digits of a digest that tell two files apart for a person."""


class ProfileLoader:
    """`load` is a `service.inference.profile.LoadProfile`."""

    def __init__(self, profiles: ProfileStore) -> None:
        self._profiles = profiles

    async def load(self, wearer: str, model: Model) -> Profile:
        """The profile that holds for this wearer and model, in a thread: others are answered meanwhile.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 503 or 507.
        """
        return await asyncio.to_thread(self._load, as_composed(wearer), model)

    def _load(self, wearer: str, model: Model) -> Profile:
        stored = self._profiles.active(wearer, model.contract.name)
        if stored is None:
            detail = f"{wearer} has no profile for {model.contract.name}; {_remedy(wearer)}"
            raise ProblemError(409, "no_profile", detail, "wearer")
        check_fits(stored, wearer, model)
        marks = [mark_of(label, model.contract) for label in stored.labels]
        return Profile(
            wearer, stored.version, OpenSetReference.of(stored.embeddings, marks, reach_of(model)), stored.decoder
        )


def check_fits(stored: StoredProfile, wearer: str, model: Model) -> None:
    """Refuse a profile that was made for another artefact: its embeddings mean nothing among those of this one.

    Raises:
        ProblemError: 409 `profile_mismatch`, naming both.
    """
    if stored.artefact_sha256 != model.digest:
        made_for = f"{stored.model} {stored.model_version} ({stored.artefact_sha256[:_SHOWN]})"
        served = f"{model.contract.name} {model.contract.version} ({model.digest[:_SHOWN]})"
        raise _mismatch(stored, wearer, f"was made for {made_for}, served is {served}")
    # An imported profile may say that it was made for this artefact, and not have been.
    width, reference = stored.embeddings.shape[1], model.reference
    if reference is not None and width != reference.embeddings.shape[1]:
        raise _mismatch(
            stored, wearer, f"has embeddings of {width} numbers, the model's {reference.embeddings.shape[1]}"
        )


def _mismatch(stored: StoredProfile, wearer: str, detail: str) -> ProblemError:
    return ProblemError(
        409, "profile_mismatch", f"profile {stored.version} of {wearer} {detail}; {_remedy(wearer)}", "wearer"
    )


def _remedy(wearer: str) -> str:
    return f"POST /v1/wearers/{wearer}/calibrate makes one of the examples that are kept"
