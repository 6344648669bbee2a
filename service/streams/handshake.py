"""The handshake of a stream, and the choice of its model and profile: then, and when the model is switched. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.runtime.contract import ModelContract
from scaleglove.channels import CHANNELS
from scaleglove.protocol import ClientMessage, Start, WireError
from service.inference.engine import Model
from service.inference.glove import UNKNOWN_GLOVE, GloveChoice, GloveHint, unknown_glove
from service.inference.profile import LoadProfile, Profile, unknown_wearer
from service.problems import ProblemError
from service.streams.session import StreamRules, StreamSession

FindModel = Callable[[str | None], Model]
"""Returns the model of a name (None: the default); raises ProblemError."""

FindProfile = Callable[[str, Model], Profile]
"""Returns a wearer's profile for a model, without waiting; raises ProblemError."""

FindGlove = Callable[[GloveHint, Model], GloveChoice]
"""Returns the glove of a client for a model, without waiting; raises ProblemError."""


def _find_no_profile(wearer: str, model: Model) -> Profile:
    raise unknown_wearer(wearer)


def _find_no_glove(hint: GloveHint, model: Model) -> GloveChoice:
    if hint.name is not None:
        raise unknown_glove(hint.name)
    return UNKNOWN_GLOVE


def handshake(  # noqa: PLR0913, PLR0917 - what a service gives a stream
    first: ClientMessage,
    stream: str,
    rules: StreamRules,
    find_model: FindModel,
    find_profile: FindProfile = _find_no_profile,
    find_glove: FindGlove = _find_no_glove,
    count_dropped: Callable[[], int] = int,
    ignored: tuple[str, ...] = (),
) -> StreamSession:
    """Return the session that a client's `first` message begins; its `started` is the reply.

    `count_dropped` returns how many messages a slow reader has lost so far; by default none. `ignored` are the keys of
    the message that are not known.

    Raises:
        WireError: `not_started`, `bad_channels`, or what `find_model`, `find_profile` or `find_glove` raises.
    """
    if not isinstance(first, Start):
        raise WireError("not_started", "the first message of a stream must be start")
    check_channels(first.channels)
    try:
        model = find_model(first.model)
        profile = None if first.wearer is None else find_profile(first.wearer, model)
        hint = GloveHint.of(first)
        glove = UNKNOWN_GLOVE if hint.is_empty else find_glove(hint, model)
    except ProblemError as problem:
        raise WireError(problem.code, problem.detail, problem.field) from None
    return StreamSession(stream, first, rules, model, profile, glove, count_dropped, ignored)


async def find_replacement(
    name: str, current: Model, wearer: str | None, find_model: FindModel, load_profile: LoadProfile
) -> tuple[Model, Profile | None]:
    """Return the model of this name, and the wearer's profile for it; None: no profile for it, or no wearer.

    Raises:
        ProblemError: 404 `unknown_model`; 409 `other_window` for another window than the current model has; or what
            `load_profile` raises, other than 409 `no_profile`.
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
    """Refuse a model for which the samples in the window would be wrong."""
    for field in ("sample_rate_hz", "window_frames", "min_frames"):
        mine, its = getattr(current, field), getattr(other, field)
        if mine != its:
            difference = f"its {field} is {its:g}, not {mine:g}"
            detail = f"{other.name} cannot go on with this stream: {difference}; open another stream for it"
            raise ProblemError(409, "other_window", detail, "model")


def check_channels(channels: Sequence[str]) -> None:
    """Refuse a channel list that is not the frame's, naming the first difference.

    Raises:
        WireError: `bad_channels`.
    """
    for index, (given, wanted) in enumerate(zip(channels, CHANNELS, strict=False)):
        if given != wanted:
            field = f"channels.{index}"
            raise WireError("bad_channels", f"{field} is {given[:64]!r}; it must be {wanted!r}", field)
    if len(channels) != len(CHANNELS):
        detail = f"channels has {len(channels)} names; it must have {len(CHANNELS)}: {', '.join(CHANNELS)}"
        raise WireError("bad_channels", detail, "channels")
