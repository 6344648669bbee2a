"""Recognition of a signed stream by the service's session, called without a socket, and by a majority vote. Pure."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from benchmarks.streams.parts import ALL_ON, Parts
from benchmarks.streams.signed_stream import SignedStream
from models.adaptation.training_readings import TrainingReadings
from models.runtime.artefact import Outputs
from models.runtime.contract import ModelContract
from scaleglove.channels import CHANNELS
from scaleglove.language.language_model import language_model
from scaleglove.protocol import (
    ClientMessage,
    Frames,
    Gesture,
    Prediction,
    ServerMessage,
    Start,
    Stop,
    Text,
    TextOptions,
    Word,
)
from service.inference.engine import Model, Window
from service.inference.profile import Profile
from service.streams.handshake import handshake
from service.streams.session import StreamRules, StreamSession
from service.streams.words.options import FindLanguage, WordRules

MESSAGE_FRAMES: Final = 64
MAJORITY_WINDOWS: Final = 5
MAJORITY_CONFIDENCE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Letter:
    """A recognised letter that began at device time `t_ms`."""

    letter: str
    t_ms: float
    confidence: float


@dataclass(frozen=True, slots=True)
class RecognisedSign:
    """A recognised sign, static or moving, that began at device time `begin_ms` and was sent at `sent_ms`."""

    label: str
    begin_ms: float
    sent_ms: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """Letters of a stream, windows with a letter, times of rejected windows, and text (None: none was composed)."""

    letters: tuple[Letter, ...]
    windows: tuple[Letter, ...]
    rejected_ms: tuple[float, ...]
    text: str | None
    left_out: frozenset[float] = frozenset()
    """The begins of letters of words that were not written, since they were not meant."""

    @property
    def kept(self) -> Recognised:
        """The same without letters that were not written."""
        return replace(self, letters=tuple(each for each in self.letters if each.t_ms not in self.left_out))


@dataclass(frozen=True, slots=True)
class NetworkAlone:
    """A model without what it knows of hands: nothing is rejected."""

    model: Model
    reference: None = None

    @property
    def contract(self) -> ModelContract:
        return self.model.contract

    @property
    def readings(self) -> TrainingReadings | None:
        return self.model.readings

    @property
    def digest(self) -> str:
        return self.model.digest

    def run_windows(self, windows: Sequence[Window]) -> Outputs:
        return self.model.run_windows(windows)


def recognise(
    model: Model,
    signed: SignedStream,
    parts: Parts = ALL_ON,
    profile: Profile | None = None,
    find_language: FindLanguage = language_model,
) -> Recognised:
    """Return what is recognised with these parts, of a wearer with a profile or of an unknown one."""
    messages = list(_messages(model, signed, parts, profile, find_language))
    gestures = [message for message in messages if isinstance(message, Gesture) and message.phase == "begin"]
    letters = tuple(Letter(gesture.label, gesture.t_ms, gesture.confidence) for gesture in gestures)
    lines = [message for message in messages if isinstance(message, Text)]
    text = lines[-1].committed + lines[-1].composing if lines else ""
    return Recognised(letters, *_windows(messages), text, frozenset(_left_out(messages)))


def recognise_signs(model: Model, profile: Profile, signed: SignedStream) -> list[RecognisedSign]:
    """Return the signs that a wearer with this profile is recognised to make, with default settings."""
    found: list[RecognisedSign] = []
    now_ms = 0.0
    for message in _messages(model, signed, ALL_ON, profile):
        if isinstance(message, Prediction):
            now_ms = message.t_ms
        elif isinstance(message, Gesture) and message.phase == "begin":
            found.append(RecognisedSign(message.label, message.t_ms, now_ms, message.confidence))
    return found


def recognise_by_majority(model: Model, signed: SignedStream, profile: Profile | None = None) -> Recognised:
    """Return what a majority vote recognises, a baseline that users of such systems write for themselves.

    A letter begins when most of the newest MAJORITY_WINDOWS predictions name it with MAJORITY_CONFIDENCE or more, and
    did not before.
    """
    newest: deque[str | None] = deque(maxlen=MAJORITY_WINDOWS)
    letters: list[Letter] = []
    held: str | None = None
    messages = list(_messages(model, signed, Parts(self_calibration=False), profile))
    for message in messages:
        if not isinstance(message, Prediction):
            continue
        sure = message.confidence is not None and message.confidence >= MAJORITY_CONFIDENCE
        newest.append(message.label if sure else None)
        letter, count = Counter(newest).most_common(1)[0]
        if count <= MAJORITY_WINDOWS // 2:
            letter = None
        if letter is not None and letter != held:
            letters.append(Letter(letter, message.t_ms, count / MAJORITY_WINDOWS))
        held = letter
    return Recognised(tuple(letters), *_windows(messages), None)


def _left_out(messages: Sequence[ServerMessage]) -> Iterator[float]:
    """Yield the begins of the letters of words that were not written: the newest, but for one of the next word."""
    begun: list[Gesture] = []
    for message in messages:
        if isinstance(message, Gesture) and message.phase == "begin":
            begun.append(message)
        elif isinstance(message, Word) and not message.written:
            count = len(message.letters)
            is_last = "".join(each.label for each in begun[-count:]) == message.letters
            of_word = begun[-count:] if is_last else begun[-count - 1 : -1]
            yield from (each.t_ms for each in of_word)


def _windows(messages: Sequence[ServerMessage]) -> tuple[tuple[Letter, ...], tuple[float, ...]]:
    predictions = [message for message in messages if isinstance(message, Prediction)]
    named = tuple(
        Letter(each.label, each.t_ms, each.confidence)
        for each in predictions
        if each.label is not None and each.confidence is not None
    )
    return named, tuple(each.t_ms for each in predictions if each.state == "rejected")


def _messages(
    model: Model,
    signed: SignedStream,
    parts: Parts,
    profile: Profile | None = None,
    find_language: FindLanguage = language_model,
) -> Iterator[ServerMessage]:
    return said(session_of(model, parts, profile, find_language), [*frames_of(signed), Stop()])


def session_of(
    model: Model,
    parts: Parts = ALL_ON,
    profile: Profile | None = None,
    find_language: FindLanguage = language_model,
) -> StreamSession:
    """Return the session of a wearer, which has begun; as for `recognise`."""
    words = WordRules(find_language, teach=parts.words_teach)
    rules = StreamRules(1000, 60_000, self_calibrates=parts.self_calibration, words=words)
    wearer = None if profile is None else profile.wearer
    start = Start(
        list(CHANNELS),
        sample_rate_hz=None,
        wearer=wearer,
        text=TextOptions(words=parts.words, lexicon=parts.lexicon),
        decoder=parts.decoder,
    )

    def find_profile(_: str, __: Model) -> Profile:
        assert profile is not None  # asked for only where `start` names a wearer
        return profile

    return handshake(start, "benchmark", rules, lambda _: model, find_profile)


def said(session: StreamSession, sent: Iterable[ClientMessage]) -> Iterator[ServerMessage]:
    """Yield what a session says to these messages."""
    for message in sent:
        dues = list(session.receive(message, 0))
        if dues:
            outputs = session.model.run_windows([due.frames for due in dues])
            for row in range(len(dues)):
                session.answer(outputs, row)
        yield from session.drain()


def frames_of(signed: SignedStream, most: int = MESSAGE_FRAMES) -> Iterator[Frames]:
    """Yield frames in messages of consecutive numbers, `most` at most in each."""
    runs = np.split(np.arange(len(signed.seq)), np.flatnonzero(np.diff(signed.seq) != 1) + 1)
    for run in runs:
        for begin in range(0, len(run), most):
            part = run[begin : begin + most]
            yield Frames(int(signed.seq[part[0]]), signed.t_ms[part].tolist(), signed.values[part])
