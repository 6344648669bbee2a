"""Another model for a stream that runs."""

from __future__ import annotations

from collections.abc import Callable

from models.runtime.contract import ModelContract
from service.inference.engine import Model
from service.inference.profile import LoadProfile, Profile
from service.problems import ProblemError
from service.streams.running import RunningStream


async def find_other(
    name: str, running: RunningStream, find_model: Callable[[str | None], Model], load_profile: LoadProfile
) -> tuple[Model, Profile | None]:
    """The model of this name, and the profile of the stream's wearer for it; None: she has none, or there is no wearer.

    Raises:
        ProblemError: 404 `unknown_model`, 409 `other_window`: it is asked in another way than the one that answers now;
            or what `load_profile` raises, other than 409 `no_profile`.
    """
    model = find_model(name)
    _check_alike(running.model.contract, model.contract)
    if running.wearer is None:
        return model, None
    try:
        return model, await load_profile(running.wearer, model)
    except ProblemError as problem:
        if problem.code != "no_profile":
            raise
        return model, None


def _check_alike(now: ModelContract, other: ModelContract) -> None:
    """What stands in the window, and what the client was told in `started`, must hold for the other one too."""
    for field in ("sample_rate_hz", "window_frames", "min_frames", "labels"):
        mine, its = getattr(now, field), getattr(other, field)
        if mine != its:
            difference = "its labels are others" if field == "labels" else f"its {field} is {its:g}, not {mine:g}"
            detail = f"{other.name} cannot go on with this stream: {difference}; open another stream for it"
            raise ProblemError(409, "other_window", detail, "model")
