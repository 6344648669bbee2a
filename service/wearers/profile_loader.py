"""Loading of a wearer's active profile for a model; a profile of another artefact is refused."""

from __future__ import annotations

import asyncio
from typing import Final

from models.adaptation.front_end import FrontEnd
from models.adaptation.sensor_fit import plain_front_end
from service.inference.engine import Model
from service.inference.profile import Profile
from service.problems import ProblemError
from service.wearers.calibration import class_of
from service.wearers.own_signs import OwnSigns, reference_of
from service.wearers.profiles import ProfileStore
from service.wearers.records import as_composed
from service.wearers.tables import ProfileRow

_DIGEST_SHOWN: Final = 12
"""Digits of a digest that are enough for a person to distinguish two files."""


class ProfileLoader:
    """Loader of profiles; `load` is a `service.inference.profile.LoadProfile`."""

    def __init__(self, profiles: ProfileStore) -> None:
        self._profiles = profiles

    async def load(self, wearer: str, model: Model) -> Profile:
        """Load the active profile of a wearer for a model, in a thread.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 503 or 507.
        """
        return await asyncio.to_thread(self._load, as_composed(wearer), model)

    def _load(self, wearer: str, model: Model) -> Profile:
        row = self._profiles.active(wearer, model.contract.name)
        if row is None:
            detail = f"{wearer} has no profile for {model.contract.name}; {_remedy(wearer)}"
            raise ProblemError(409, "no_profile", detail, "wearer")
        check_compatible(row, wearer, model)
        own = OwnSigns.of(row.signs)
        names = own.vocabulary(model.contract).names
        known = len(names) - len(own.labels)
        classes = [class_of(label, names, model.contract.name) for label in row.labels]
        reference = reference_of(row.vectors, classes, known, len(names), model.reference)
        stored = row.front_end
        front_end = plain_front_end(model.readings) if stored is None else FrontEnd.from_dict(stored)
        return Profile(
            wearer, row.version, reference, row.decoder, front_end, own.vocabulary(model.contract), own.alone
        )


def check_compatible(row: ProfileRow, wearer: str, model: Model) -> None:
    """Raise if a profile is of another artefact, whose embeddings are not comparable.

    Raises:
        ProblemError: 409 `profile_mismatch`, naming both.
    """
    if row.artefact_sha256 != model.digest:
        made_for = f"{row.model} {row.model_version} ({row.artefact_sha256[:_DIGEST_SHOWN]})"
        served = f"{model.contract.name} {model.contract.version} ({model.digest[:_DIGEST_SHOWN]})"
        raise _mismatch(row, wearer, f"was made for {made_for}, but the service has {served}")
    # The digest in an imported profile may be wrong.
    width, reference = row.vectors.shape[1], model.reference
    if reference is not None and width != (expected := reference.embeddings.shape[1]):
        raise _mismatch(row, wearer, f"has embeddings of {width} numbers, the model of {expected}")


def _mismatch(row: ProfileRow, wearer: str, detail: str) -> ProblemError:
    detail = f"profile {row.version} of {wearer} {detail}; {_remedy(wearer)}"
    return ProblemError(409, "profile_mismatch", detail, "wearer")


def _remedy(wearer: str) -> str:
    return f"POST /v1/wearers/{wearer}/calibrate makes one of the stored examples"
