"""The active profile of a wearer for a model; one of another artefact is refused."""

from __future__ import annotations

from typing import Final

from service.inference.engine import Model
from service.problems import ProblemError
from service.wearers.profiles import ProfileStore
from service.wearers.tables import ProfileRow

_DIGEST_SHOWN: Final = 12
"""Digits of a digest that are enough for a person to distinguish two files."""


def active_profile(profiles: ProfileStore, wearer: str, model: Model) -> ProfileRow:
    """Read the active profile of a wearer for a model. It blocks.

    Raises:
        ProblemError: 404 `unknown_wearer`, 409 `no_profile` or `profile_mismatch`, 503 or 507.
    """
    row = profiles.active(wearer, model.contract.name)
    if row is None:
        detail = f"{wearer} has no profile for {model.contract.name}; {_remedy(wearer)}"
        raise ProblemError(409, "no_profile", detail, "wearer")
    check_compatible(row, wearer, model)
    return row


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
