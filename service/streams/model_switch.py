"""Another model for a running stream."""

from __future__ import annotations

from models.runtime.contract import ModelContract
from service.inference.engine import Model
from service.inference.profile import LoadProfile, Profile
from service.problems import ProblemError
from service.streams.handshake import FindModel


async def find_replacement(
    name: str, current: Model, wearer: str | None, find_model: FindModel, load_profile: LoadProfile
) -> tuple[Model, Profile | None]:
    """Return the model of this name, and the wearer's profile for it; None: no profile for it, or no wearer.

    Raises:
        ProblemError: 404 `unknown_model`; 409 `other_window` for another window or other labels than the current model
            has; or what `load_profile` raises, other than 409 `no_profile`.
    """
    model = find_model(name)
    _check_alike(current.contract, model.contract)
    if wearer is None:
        return model, None
    try:
        return model, await load_profile(wearer, model)
    except ProblemError as problem:
        if problem.code != "no_profile":
            raise
        return model, None


def _check_alike(current: ModelContract, other: ModelContract) -> None:
    """Refuse a model for which the samples in the window, or what `started` announced, would be wrong."""
    for field in ("sample_rate_hz", "window_frames", "min_frames", "labels"):
        mine, its = getattr(current, field), getattr(other, field)
        if mine != its:
            difference = "its labels are others" if field == "labels" else f"its {field} is {its:g}, not {mine:g}"
            detail = f"{other.name} cannot go on with this stream: {difference}; open another stream for it"
            raise ProblemError(409, "other_window", detail, "model")
