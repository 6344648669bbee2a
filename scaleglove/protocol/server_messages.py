"""Messages of the service, to the client that owns a stream and to its viewers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal, get_args

from scaleglove.protocol.client_messages import (
    CLIENT_MESSAGES,
    CommandName,
    DeviceRemark,
    GloveLetter,
    GloveNotice,
    GloveSource,
    LinkReport,
    ShownLabel,
)
from scaleglove.protocol.message import Audience, SentByService, types_of
from scaleglove.vocabulary import Language, Vocabulary

State = Literal["ok", "warming", "rejected", "stale", "gap"]
"""State of a prediction; see docs/reference/streaming.md."""

ACCEPTS: Final = (
    *types_of(kind for kind in CLIENT_MESSAGES if kind.negotiated),
    *("commands", "usb", "commanded.code", "text.words", "edit.as_signed"),
)
"""What this service accepts beyond the first version: types of messages, `commands`, `usb` and `text.words` in `start`,
`code` in `commanded`, and the edit `as_signed`."""

ACCEPTS_HEADER: Final = "Scaleglove-Accepts"
"""The header of the handshake's response that lists ACCEPTS, for what a client must know before `start`."""

WordSource = Literal["language", "wearer"]
"""What decided how a word is written: the language, or the wearer, who wants it as it was signed."""

SensorFaultKind = Literal["dropped", "stuck", "saturated", "repeating"]
"""Faults of a sensor; see docs/reference/sensors.md."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A letter and its probability."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class SignLabel:
    """A label: whether it moves, and how it reads."""

    label: str
    moving: bool
    display: str


@dataclass(frozen=True, slots=True)
class StreamVocabulary:
    """What a stream recognises: the model's labels, in the order of its probabilities, and the wearer's own signs."""

    name: str
    language: Language
    labels: tuple[SignLabel, ...]


def described(vocabulary: Vocabulary) -> StreamVocabulary:
    """Return a vocabulary as messages have it."""
    labels = tuple(SignLabel(each.label, each.moving, each.display or each.label) for each in vocabulary.labels)
    return StreamVocabulary(vocabulary.name, vocabulary.language, labels)


@dataclass(frozen=True, slots=True)
class Started(SentByService):
    """First message of the service: the stream's name, its model and what the service accepts."""

    stream: str
    model: str
    window_frames: int
    min_frames: int
    sample_rate_hz: float
    labels: tuple[str, ...]
    commands: tuple[str, ...] = ()
    """Commands that `POST /v1/streams/{stream}/commands` can send to the glove."""
    accepts: tuple[str, ...] = ()
    """What this service accepts beyond the first version: ACCEPTS."""
    wearer: str | None = None
    """The wearer whose profile is used; null: none."""
    profile: int | None = None
    """Its version."""
    glove: str | None = None
    """The glove; null: unknown."""
    glove_profile: int | None = None
    """The version of its profile; null: none is used."""
    glove_by: GloveSource | None = None
    """What named the glove."""
    vocabulary: StreamVocabulary | None = None
    """What the stream recognises; null: the service is before 0.3."""
    ignored: tuple[str, ...] = ()
    """Keys of `start` and its options that this service does not know and has passed over, such as `text.space`."""
    type: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class ModelChanged(SentByService):
    """Another model answers from here on, with the same window."""

    retained: ClassVar[bool] = True

    model: str
    version: str
    vocabulary: StreamVocabulary | None = None
    """What the stream recognises from here on; null: the service is before 0.3, and it is what it was."""
    type: Literal["model"] = "model"


@dataclass(frozen=True, slots=True)
class ProfileChanged(SentByService):
    """Another version of the wearer's profile is used from here on; null: none for this model, which then answers
    without a profile."""

    retained: ClassVar[bool] = True

    wearer: str
    version: int | None
    vocabulary: StreamVocabulary | None = None
    """What the stream recognises from here on, own signs included; null: the service is before 0.3."""
    type: Literal["profile"] = "profile"


@dataclass(frozen=True, slots=True)
class GloveChanged(SentByService):
    """Another glove, or another version of its profile, from here on; the fields are those of `started`."""

    retained: ClassVar[bool] = True

    glove: str
    glove_profile: int | None
    glove_by: GloveSource
    type: Literal["glove_profile"] = "glove_profile"


@dataclass(frozen=True, slots=True)
class Prediction(SentByService):
    """The answer for one window; `seq` and `t_ms` are those of its newest frame. `label` and `confidence` are null in
    the states `warming` and `rejected`. `top_k` lists the most similar letters of a rejected window; it and
    `scale_importance` are empty while `warming`."""

    droppable: ClassVar[bool] = True

    seq: int
    t_ms: float
    state: State
    label: str | None
    confidence: float | None
    top_k: list[Candidate]
    scale_importance: dict[str, float]
    type: Literal["prediction"] = "prediction"


@dataclass(frozen=True, slots=True)
class Gesture(SentByService):
    """The begin or end of a letter. Those of one that moves are sent together when its movement has ended."""

    optional_fields: ClassVar[tuple[str, ...]] = ("shape",)

    phase: Literal["begin", "end"]
    label: str
    t_ms: float
    confidence: float
    shape: int | None = None
    """At the begin of a letter that is held: the number of its shape in this stream, by which a correction names it."""
    type: Literal["gesture"] = "gesture"


@dataclass(frozen=True, slots=True)
class Text(SentByService):
    """The line being written, sent at each change: `committed` is finished, `composing` is the current word. `letters`
    are those of that word, or of the last one, exactly as they were decoded."""

    retained: ClassVar[bool] = True

    t_ms: float
    committed: str
    composing: str
    letters: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Word(SentByService):
    """A word that has ended, and how the line has it: sent where its language changed it or found that it was not
    meant, and again where the wearer takes that back. The `text` before it is the line."""

    t_ms: float
    letters: str
    """As they were decoded, one by one."""
    signed: str
    """The text of these letters."""
    written: str
    """What the line has for it; empty: nothing, since it was not meant."""
    by: WordSource
    known: bool
    """Whether the language's list of words has `written`."""
    margin: float
    """By how much `written` is more likely than the next other word: a logarithm."""
    type: Literal["word"] = "word"


@dataclass(frozen=True, slots=True)
class Gap(SentByService):
    """Missing frames before frame `seq`: `missing` of them by sequence number, or null where only their time shows it.
    With the reason `duplicate` none is missing: frames from `seq` on were repeated and ignored."""

    seq: int
    t_ms: float
    missing: int | None
    reason: Literal["sequence", "time", "clock", "duplicate"]
    type: Literal["gap"] = "gap"


@dataclass(frozen=True, slots=True)
class Stale(SentByService):
    """No frame has arrived for `silent_ms`; the last letter has ended."""

    silent_ms: float
    type: Literal["stale"] = "stale"


@dataclass(frozen=True, slots=True)
class SensorFault:
    """A fault of `channel`, since device time `since_ms`."""

    channel: str
    fault: SensorFaultKind
    since_ms: float


@dataclass(frozen=True, slots=True)
class Sensors(SentByService):
    """All sensor faults as of frame `seq`, sent at each change; empty: no fault."""

    retained: ClassVar[bool] = True

    seq: int
    t_ms: float
    faults: tuple[SensorFault, ...]
    type: Literal["sensors"] = "sensors"


@dataclass(frozen=True, slots=True)
class ChannelRange:
    """A channel's 5th, 50th and 95th percentile over the held hand shapes, in its own unit. An angle's are counted from
    the median, so that `low` and `high` may lie beyond 180 degrees."""

    channel: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class KnownLetter:
    """A letter that words have shown, and the probability that they were right about it."""

    label: str
    sure: float


@dataclass(frozen=True, slots=True)
class SelfCalibrated(SentByService):
    """Progress of self-calibration, sent at each change: from `shapes` held hand shapes it has located `letters`
    letters. From the first of `words` that taught it anything on, these are the letters that words have shown."""

    retained: ClassVar[bool] = True
    optional_fields: ClassVar[tuple[str, ...]] = ("words", "known")

    t_ms: float
    shapes: int
    letters: int
    channels: tuple[ChannelRange, ...]
    words: int = 0
    known: tuple[KnownLetter, ...] = ()
    type: Literal["self_calibration"] = "self_calibration"


@dataclass(frozen=True, slots=True)
class Ranging(SentByService):
    """Progress of ranging, for a glove without a profile whose readings the model does not know: after `shapes` held
    hand shapes it is brought to what the model knows; from `needed` shapes on that is `sure`. `reversed` lists the
    channels whose sign, and `turned` says whether axes of the motion sensor, are other than the model's glove's."""

    retained: ClassVar[bool] = True

    t_ms: float
    shapes: int
    needed: int
    sure: bool
    reversed: tuple[str, ...]
    turned: bool
    type: Literal["ranging"] = "ranging"


@dataclass(frozen=True, slots=True)
class Command(SentByService):
    """A command for the glove, sent to its client, which replies with `commanded` of this `id` at once.
    `interval_ms` is only set for `interval`, `letter` only for `show`, where null means: go on as before."""

    optional_fields: ClassVar[tuple[str, ...]] = ("letter",)
    audience: ClassVar[Audience] = "owner"

    id: int
    command: CommandName
    interval_ms: float | None
    letter: ShownLabel | None = None
    type: Literal["command"] = "command"


@dataclass(frozen=True, slots=True)
class Stopped(SentByService):
    """End of the stream, with its counts."""

    ends_stream: ClassVar[bool] = True

    stream: str
    frames: int
    predictions: int
    late_frames: int
    missing_frames: int
    dropped_messages: int
    duplicate_frames: int = 0
    type: Literal["stopped"] = "stopped"


@dataclass(frozen=True, slots=True)
class ViewedFrames(SentByService):
    """The frames of a watched stream, for a viewer; a value is null where the glove has no such sensor."""

    audience: ClassVar[Audience] = "viewers"
    droppable: ClassVar[bool] = True

    seq: int
    t_ms: list[float]
    values: list[list[float | None]]
    type: Literal["frames"] = "frames"


@dataclass(frozen=True, slots=True)
class Error(SentByService):
    """Refusal or failure of the stream: `code` is stable (docs/reference/codes.md), `detail` is one sentence,
    `field` is the invalid part of the client's message, such as `values.0.3`, if there is one."""

    ends_stream: ClassVar[bool] = True

    code: str
    detail: str
    field: str | None = None
    type: Literal["error"] = "error"


ServerMessage = (
    Started
    | ModelChanged
    | ProfileChanged
    | GloveChanged
    | Prediction
    | Gesture
    | Text
    | Word
    | Gap
    | Stale
    | Stopped
    | ViewedFrames
    | Sensors
    | SelfCalibrated
    | Ranging
    | Command
    | LinkReport
    | DeviceRemark
    | GloveNotice
    | GloveLetter
    | Error
)

SERVER_MESSAGES: Final[tuple[type[SentByService], ...]] = get_args(ServerMessage)
