"""What travels on `/v1/stream`, subprotocol `scaleglove.v1`: every message, as text and as binary.

Pure and light: the service and the Python client share it. Messages are plain dataclasses; `CLIENT_MESSAGE` checks
what a client sends, and the AsyncAPI document is made from the same classes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from models.contract import CHANNELS, MAX_MAGNITUDE, MAX_TIME_MS, ScaleGloveError
from models.timeline import MIN_RATE_HZ

SUBPROTOCOL: Final = "scaleglove.v1"

MAX_FRAMES_PER_MESSAGE: Final = 1024
"""Ten seconds of a glove at 100 Hz; more in one message is a mistake or an attack."""

MAX_MESSAGE_BYTES: Final = 256 * 1024
"""A text message of `MAX_FRAMES_PER_MESSAGE` frames with 15-digit numbers fits."""

_MAX_DETAIL: Final = 300
_U32: Final = 2**32
_HEADER: Final = struct.Struct("<BBHI")  # kind, version, count, seq of the first frame
_FRAME: Final = np.dtype([("t_ms", "<u4"), ("values", "<f4", (8,))])
_KIND_FRAMES: Final = 1
_VERSION: Final = 1

State = Literal["ok", "warming", "rejected", "stale", "gap"]
"""How far a prediction may be trusted; see docs/streaming.md."""


class WireError(ScaleGloveError):
    """A message that breaks the protocol; `code` is stable, the text names the field."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


# What the client sends.

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
_Number = Annotated[float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE)]
_Time = Annotated[float, Field(strict=True, ge=0, lt=MAX_TIME_MS)]
MAX_RATE_HZ: Final = 1000.0
RateHz = Annotated[float, Field(strict=True, ge=MIN_RATE_HZ, le=MAX_RATE_HZ)]
"""Frames a second that a sender may declare."""
_U32Int = Annotated[int, Field(strict=True, ge=0, lt=_U32)]


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Start:
    """Begins the stream; `sample_rate_hz` null means: use the frames' own times."""

    channels: list[str]
    type: Literal["start"] = "start"
    sample_rate_hz: RateHz | None = None
    model: str | None = None
    wearer: str | None = None
    hop_ms: Annotated[float, Field(strict=True, gt=0, le=10_000)] = 100.0
    top_k: Annotated[int, Field(strict=True, ge=1, le=24)] = 3


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class TextFrames:
    """Frames as text; `seq` counts frames, not messages."""

    seq: _U32Int
    t_ms: Annotated[list[_Time], Field(min_length=1, max_length=MAX_FRAMES_PER_MESSAGE)]
    values: Annotated[
        list[Annotated[list[_Number], Field(min_length=len(CHANNELS), max_length=len(CHANNELS))]],
        Field(min_length=1, max_length=MAX_FRAMES_PER_MESSAGE),
    ]
    type: Literal["frames"] = "frames"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Reset:
    """Forget the window; the next frame starts a new one."""

    type: Literal["reset"] = "reset"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Stop:
    """End the stream; the server answers `stopped` and closes."""

    type: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True)
class Frames:
    """A message of frames, as text or as binary, decoded: `t_ms` [n], `values` float32[n, 8]."""

    seq: int
    t_ms: Sequence[float]
    values: NDArray[np.float32]


CLIENT_MESSAGE: TypeAdapter[Start | TextFrames | Reset | Stop] = TypeAdapter(
    Annotated[Start | TextFrames | Reset | Stop, Field(discriminator="type")]
)


# What the server sends.


@dataclass(frozen=True, slots=True)
class Candidate:
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Started:
    stream: str
    model: str
    window_frames: int
    min_frames: int
    sample_rate_hz: float
    labels: tuple[str, ...]
    type: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class Prediction:
    """`seq` and `t_ms` are those of the newest frame in the window. `label` and `confidence` are null, `top_k` and
    `scale_importance` empty, while the state is `warming`: nothing is invented."""

    seq: int
    t_ms: float
    state: State
    label: str | None
    confidence: float | None
    top_k: list[Candidate]
    scale_importance: dict[str, float]
    type: Literal["prediction"] = "prediction"


@dataclass(frozen=True, slots=True)
class Gesture:
    """A letter was recognised (`begin`) or let go (`end`)."""

    phase: Literal["begin", "end"]
    label: str
    t_ms: float
    confidence: float
    type: Literal["gesture"] = "gesture"


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames are missing before frame `seq`: `missing` of them by sequence number, or null where only time tells. With
    the reason `duplicate` none is missing: frames from `seq` on came again and were left out."""

    seq: int
    t_ms: float
    missing: int | None
    reason: Literal["sequence", "time", "clock", "duplicate"]
    type: Literal["gap"] = "gap"


@dataclass(frozen=True, slots=True)
class Stale:
    """No frame has come for `silent_ms`; the last letter no longer holds."""

    silent_ms: float
    type: Literal["stale"] = "stale"


@dataclass(frozen=True, slots=True)
class Stopped:
    """The stream is over; what became of its frames."""

    stream: str
    frames: int
    predictions: int
    late_frames: int
    missing_frames: int
    dropped_messages: int
    duplicate_frames: int = 0
    type: Literal["stopped"] = "stopped"


@dataclass(frozen=True, slots=True)
class ViewedFrames:
    """The frames of a watched stream, for a viewer."""

    seq: int
    t_ms: list[float]
    values: list[list[float]]
    type: Literal["frames"] = "frames"


@dataclass(frozen=True, slots=True)
class Error:
    code: str
    detail: str
    type: Literal["error"] = "error"


ServerMessage = Started | Prediction | Gesture | Gap | Stale | Stopped | ViewedFrames | Error


def encode(message: ServerMessage | Start | Reset | Stop) -> str:
    """A message as JSON text."""
    return orjson.dumps(message).decode()


def decode_text(text: str | bytes) -> Start | Frames | Reset | Stop:
    """A client's text message.

    Raises:
        WireError: `bad_message`, with the field that is wrong.
    """
    try:
        message = CLIENT_MESSAGE.validate_json(text)
    except ValidationError as error:
        raise WireError("bad_message", _describe_message(error)) from None
    if not isinstance(message, TextFrames):
        return message
    if len(message.t_ms) != len(message.values):
        raise WireError("bad_message", f"t_ms has {len(message.t_ms)} times for {len(message.values)} frames in values")
    return Frames(message.seq, message.t_ms, np.array(message.values, np.float32))


def decode_binary(data: bytes) -> Frames:
    """A client's binary message: u8 kind = 1, u8 version = 1, u16 count, u32 seq, then count x (u32 t_ms, 8 x f32).

    Raises:
        WireError: `bad_message`, with the field that is wrong.
    """
    if len(data) < _HEADER.size:
        raise WireError(
            "bad_message", f"binary message of {len(data)} bytes is shorter than its {_HEADER.size}-byte header"
        )
    kind, version, count, seq = _HEADER.unpack_from(data)
    if kind != _KIND_FRAMES:
        raise WireError("bad_message", f"kind is {kind}; only kind {_KIND_FRAMES} (frames) is known")
    if version != _VERSION:
        raise WireError("bad_message", f"version is {version}; only version {_VERSION} is known")
    if not 1 <= count <= MAX_FRAMES_PER_MESSAGE:
        raise WireError("bad_message", f"count is {count}; it must be 1 to {MAX_FRAMES_PER_MESSAGE}")
    expected = _HEADER.size + count * _FRAME.itemsize
    if len(data) != expected:
        raise WireError(
            "bad_message", f"count is {count}, which takes {expected} bytes, but the message has {len(data)}"
        )
    frames = np.frombuffer(data, _FRAME, count, _HEADER.size)
    values = frames["values"]
    if not np.abs(values).max() <= MAX_MAGNITUDE:  # NaN is not either
        frame, channel = np.argwhere(~(np.abs(values) <= MAX_MAGNITUDE))[0]
        raise WireError(
            "bad_message",
            f"values.{frame}.{channel} ({CHANNELS[channel]}) is not a number within +-{MAX_MAGNITUDE:g}",
        )
    return Frames(seq, frames["t_ms"].tolist(), values)


def encode_frames(frames: Frames) -> bytes:
    """Frames as one binary message. Times are rounded to whole milliseconds and wrap at 2**32."""
    count = len(frames.t_ms)
    packed = np.empty(count, _FRAME)
    packed["t_ms"] = np.rint(frames.t_ms).astype(np.int64) % _U32
    packed["values"] = frames.values
    return _HEADER.pack(_KIND_FRAMES, _VERSION, count, frames.seq % _U32) + packed.tobytes()


def describe(error: ValidationError, place_begins: int = 0) -> str:
    """The first fault of a validation as one sentence that begins with its field: `values.0.2: ...`.

    `place_begins`: how many parts of the field's place are not the sender's.
    """
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    first = faults[0]
    field = ".".join(map(str, first["loc"][place_begins:]))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    sentence = f"{field}: {first['msg']}{more}" if field else f"{first['msg']}{more}"
    # Names in it are the sender's own, of any length.
    return sentence if len(sentence) <= _MAX_DETAIL else sentence[: _MAX_DETAIL - 3] + "..."


def _describe_message(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    if fault["type"] == "union_tag_not_found":
        return "type: Field required"
    if fault["type"] == "union_tag_invalid":
        return f"type: {fault['ctx']['tag'][:64]!r} is not known; there are: {fault['ctx']['expected_tags']}"
    return describe(error, place_begins=1)  # the first part is the message's type
