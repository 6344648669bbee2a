"""What the service sends, to a glove's client and to the viewers of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from scaleglove.protocol.client_messages import (
    CommandName,
    DeviceRemark,
    GloveLetter,
    LinkReport,
)

State = Literal["ok", "warming", "rejected", "stale", "gap"]
"""How far a prediction may be trusted; see docs/reference/streaming.md."""


ACCEPTS: Final = ("link", "remark", "commanded", "edit", "glove_letter", "commands", "commanded.code")
"""What this service accepts beyond the first one: types of messages, `commands` in `start`, `code` in `commanded`."""

ACCEPTS_HEADER: Final = "Scaleglove-Accepts"
"""The header of the handshake's response that lists ACCEPTS, for what a client has to know before `start`."""

SensorFaultKind = Literal["dropped", "stuck", "saturated", "repeating"]
"""What may be wrong with a channel; see docs/reference/sensors.md."""


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
    commands: tuple[str, ...] = ()
    """What may be asked of the glove by `POST /v1/streams/{stream}/commands`."""
    accepts: tuple[str, ...] = ()
    """What this service accepts beyond the first one: ACCEPTS."""
    wearer: str | None = None
    """Whose profile is used; null: the model answers as it is."""
    profile: int | None = None
    """Its version."""
    type: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class ModelChanged:
    """From here on predictions are by this model. Its window is that of the one before, and so are its labels."""

    model: str
    version: str
    type: Literal["model"] = "model"


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """From here on predictions are by this version of the wearer's profile; null: there is none (any more) for the
    model that answers, and it answers as it is."""

    wearer: str
    version: int | None
    type: Literal["profile"] = "profile"


@dataclass(frozen=True, slots=True)
class Prediction:
    """`seq` and `t_ms` are those of the newest frame in the window. While the state is `warming` or `rejected`, `label`
    and `confidence` are null: nothing is invented. `top_k` says what a rejected window looks most like; it and
    `scale_importance` are empty while `warming`."""

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
class Text:
    """The line being written, whenever it changes: `committed` is finished, `composing` is the word in work. `letters`
    are those of that word, or of the last one, exactly as they were decoded."""

    t_ms: float
    committed: str
    composing: str
    letters: str
    type: Literal["text"] = "text"


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
class SensorFault:
    """`since_ms`: device time from which on `channel` is at fault."""

    channel: str
    fault: SensorFaultKind
    since_ms: float


@dataclass(frozen=True, slots=True)
class Sensors:
    """All faults of sensors as of frame `seq`, said whenever they change; none: all is well again."""

    seq: int
    t_ms: float
    faults: tuple[SensorFault, ...]
    type: Literal["sensors"] = "sensors"


@dataclass(frozen=True, slots=True)
class ChannelRange:
    """Where the shapes held so far have a channel: their 5th, 50th and 95th percentile, in its own unit; of an angle
    counted from the middle on, so that `low` and `high` may lie beyond 180 degrees."""

    channel: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class SelfCalibrated:
    """The stream has learned more of this wearer's hand without being told: of `shapes` that she has held still, it
    knows where `letters` letters lie. It is said when that changes."""

    t_ms: float
    shapes: int
    letters: int
    channels: tuple[ChannelRange, ...]
    type: Literal["self_calibration"] = "self_calibration"


@dataclass(frozen=True, slots=True)
class Command:
    """To the glove's client alone: tell the glove this, and answer with `commanded` of this `id` at once.
    `interval_ms` goes with `interval`."""

    id: int
    command: CommandName
    interval_ms: float | None
    type: Literal["command"] = "command"


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
    """The stream is refused or over: `code` is stable (docs/reference/codes.md), `detail` one sentence, `field` the
    part of the
    client's message that is wrong, such as `values.0.3`, where it is one."""

    code: str
    detail: str
    field: str | None = None
    type: Literal["error"] = "error"


ServerMessage = (
    Started
    | ModelChanged
    | ProfileChanged
    | Prediction
    | Gesture
    | Text
    | Gap
    | Stale
    | Stopped
    | ViewedFrames
    | Sensors
    | SelfCalibrated
    | Command
    | LinkReport
    | DeviceRemark
    | GloveLetter
    | Error
)
