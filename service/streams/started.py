"""What a stream starts from: what is known of its wearer and its glove, and the message that says so. Pure."""

from __future__ import annotations

from typing import get_args

from scaleglove.protocol import ACCEPTS, CommandName, Start, Started, described
from service.inference.engine import Model
from service.inference.glove import GloveChoice, KnownGlove
from service.inference.profile import Profile, vocabulary_of
from service.streams.user_adaptation import NOTHING_KNOWN, Known


def known_of(model: Model, profile: Profile | None, glove: KnownGlove | None) -> Known:
    """Return what is known of the wearer and the glove. A wearer's profile is of examples as its own front end shows
    them: it is used with that one, whatever the glove's."""
    if profile is not None:
        moves = any(vocabulary_of(model, profile).moving)
        return Known(
            profile.reference,
            profile.front_end,
            alone=profile.alone,
            moves=moves,
            is_ranged=profile.is_ranged,
            words=profile.words,
        )
    return NOTHING_KNOWN if glove is None else Known(None, glove.front_end, glove.profile)


def started_message(stream: str, start: Start, model: Model, profile: Profile | None, glove: GloveChoice) -> Started:
    """Return the first message of the service, as far as it follows from what was asked for and found."""
    contract, vocabulary = model.contract, vocabulary_of(model, profile)
    return Started(
        stream,
        contract.name,
        contract.window_frames,
        contract.min_frames,
        contract.sample_rate_hz,
        vocabulary.names,
        tuple(name for name in get_args(CommandName) if name in start.commands),
        ACCEPTS,
        None if profile is None else profile.wearer,
        None if profile is None else profile.version,
        glove.name,
        glove.version,
        glove.source,
        described(vocabulary),
    )
