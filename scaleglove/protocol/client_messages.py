"""Messages of a client. Those about its glove are relayed to viewers too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, with_config

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE, MAX_TIME_MS
from scaleglove.protocol.message import Audience, Message, SentByService
from scaleglove.resampling import MIN_RATE_HZ
from scaleglove.usb_identity import MAX_USB, USB_PATTERN
from scaleglove.vocabulary import MOST_LABELS, LabelName

MAX_FRAMES_PER_MESSAGE: Final = 1024
"""Ten seconds of a glove at 100 Hz; more in one message is an error or an attack."""

_U32: Final = 2**32
_MAX_PORT: Final = 256
_MAX_COMMANDS: Final = 16
_MAX_SCALES: Final = 16

MAX_REMARK: Final = 200
"""Characters of a device's remark; a line of the glove's firmware has at most 120."""

MAX_REMARK_VALUES: Final = 8
"""Values of a device's remark; the link's grammar allows no more."""

_ValueKey = Annotated[str, Field(max_length=MAX_REMARK)]
_Value = Annotated[str, Field(max_length=MAX_REMARK)]

MAX_REASON: Final = 300
"""Characters of a client's sentence about its link, or about a refused command."""

MAX_CODE: Final = 64
"""Characters of a reason code; docs/reference/codes.md documents each."""

CommandRefusal = Literal["link_lost", "not_reading", "invalid_command", "not_obeyed"]
"""Reasons for which a client refuses a command, as far as this version knows them: docs/reference/codes.md."""

LinkState = Literal["searching", "opening", "waiting", "streaming", "lost"]
"""State of the link between the client and its glove."""

CommandName = Literal["interval", "recal", "yawzero", "show"]
"""Commands to a glove: set the time between frames, recalibrate the gyro's bias, set yaw to zero; and, for the hand in
an emulated glove, show a letter."""

ShownLabel = LabelName
"""What an emulated hand can show: a label that it knows, or `rest`."""

_Number = Annotated[float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE)]
_Reading = _Number | None
"""Null: the glove has no such sensor."""
_Time = Annotated[float, Field(strict=True, ge=0, lt=MAX_TIME_MS)]
MAX_RATE_HZ: Final = 1000.0
RateHz = Annotated[float, Field(strict=True, ge=MIN_RATE_HZ, le=MAX_RATE_HZ)]
"""Frames per second that a sender may declare."""
_U32Int = Annotated[int, Field(strict=True, ge=0, lt=_U32)]
_Count = Annotated[int, Field(strict=True, ge=0, lt=2**53)]
_Share = Annotated[float, Field(strict=True, ge=0, le=1)]
_Code = Annotated[str, Field(max_length=MAX_CODE, pattern="^[a-z0-9_]+$")]
_OPEN = ConfigDict(allow_inf_nan=False)  # a newer client may add fields, which are passed over


_Seconds = Annotated[float, Field(strict=True, ge=0.05, le=5)]

UsbIdentity = Annotated[str, Field(max_length=MAX_USB, pattern=USB_PATTERN)]
"""A board on USB, as in `scaleglove.usb_identity`."""

GloveSource = Literal["name", "usb"]
"""What named a stream's glove: `start`, or the serial number of its board."""


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class DecoderOptions:
    """Thresholds for the begin and end of a letter; docs/reference/letters.md says how each was chosen."""

    hold_s: Annotated[float, Field(strict=True, ge=0.08, le=1)] = 0.24
    """How long the hand is still before a letter begins."""
    min_confidence: Annotated[float, Field(strict=True, ge=0.04, le=0.94)] = 0.85
    """A letter with less does not begin; 0.95 is the confidence of one that no window contradicts."""
    alone_confidence: Annotated[float, Field(strict=True, ge=0.04, le=0.94)] = 0.94
    """The same for a letter some time after the last one, of a wearer who has shown the letters: most of what nearly
    looks like a letter then is none."""
    switch_s: _Seconds = 0.3
    """How long another letter is recognised, without movement, before it replaces the current one."""
    release_s: _Seconds = 0.25
    """How long the hand is away from a letter before that ends, and before it may begin again."""


EditAction = Literal["space", "delete", "commit", "clear", "as_signed"]
"""Edits of the line being written: add a space, delete a letter, commit the word, clear the line, write the last word
as it was signed."""


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class TextOptions:
    """Options for composing letters into text; docs/guide/text.md."""

    space_s: Annotated[float, Field(strict=True, ge=0.3, le=10)] = 1.2
    """How long no letter is held before a word ends."""
    lexicon: Annotated[bool, Field(strict=True)] = True
    """Whether a list of words resolves what the letters of a language leave open; the letters do not change."""
    words: Annotated[bool, Field(strict=True)] | None = None
    """Whether the language of the vocabulary may change a word that has ended, where its letters were read wrongly;
    null: it may."""


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class Start(Message):
    """First message of a stream; `sample_rate_hz` null means: use the frames' own times."""

    optional_fields: ClassVar[tuple[str, ...]] = (
        "commands",
        "decoder",
        "text",
        "self_calibration",
        "copy_of",
        "glove",
        "usb",
    )
    option_fields: ClassVar[tuple[str, ...]] = ("decoder", "text")

    channels: list[str]
    type: Literal["start"] = "start"
    sample_rate_hz: RateHz | None = None
    model: str | None = None
    wearer: str | None = None
    hop_ms: Annotated[float, Field(strict=True, gt=0, le=10_000)] = 100.0
    top_k: Annotated[int, Field(strict=True, ge=1, le=MOST_LABELS)] = 3
    commands: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=_MAX_COMMANDS)] = ()
    """Those of CommandName that the glove of this stream obeys; others are ignored."""
    decoder: DecoderOptions | None = None
    """Null: as in the wearer's profile, else the defaults."""
    text: TextOptions | None = None
    self_calibration: Annotated[bool, Field(strict=True)] | None = None
    """Whether the stream learns this wearer's letters without labels; null: as the service is set."""
    copy_of: Annotated[str, Field(max_length=64)] | None = None
    """The stream whose frames this one repeats, for example for another model; null: they are a glove's own. It is only
    listed, so that a list of gloves can leave copies out."""
    glove: str | None = None
    """The glove whose profile is used, where `wearer` has none; null: the one that `usb` is tied to."""
    usb: UsbIdentity | None = None
    """The glove's board on USB. A glove is chosen by its serial number, if one is tied to it; null: unknown."""


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class TextFrames(Message):
    """Frames as text; `seq` counts frames, not messages. A value is null where the glove has no such sensor."""

    seq: _U32Int
    t_ms: Annotated[list[_Time], Field(min_length=1, max_length=MAX_FRAMES_PER_MESSAGE)]
    values: Annotated[
        list[Annotated[list[_Reading], Field(min_length=len(CHANNELS), max_length=len(CHANNELS))]],
        Field(min_length=1, max_length=MAX_FRAMES_PER_MESSAGE),
    ]
    type: Literal["frames"] = "frames"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class Reset(Message):
    """Request to forget the window; the next frame starts a new one."""

    type: Literal["reset"] = "reset"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class Edit(Message):
    """Edit of the line being written."""

    negotiated: ClassVar[bool] = True

    action: EditAction
    type: Literal["edit"] = "edit"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class Stop(Message):
    """End of the stream; the service answers `stopped` and closes."""

    type: Literal["stop"] = "stop"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class LinkReport(SentByService):
    """State of the link to the glove, and counts since the client began; sent at each change of state and at most once
    a second. The service counts from the first report of a stream on: a client that reconnects first repeats the last
    report that it sent."""

    negotiated: ClassVar[bool] = True
    audience: ClassVar[Audience] = "viewers"
    droppable: ClassVar[bool] = True
    retained: ClassVar[bool] = True

    state: LinkState
    port: Annotated[str, Field(max_length=_MAX_PORT)] | None
    detail: Annotated[str, Field(max_length=MAX_REASON)]
    rate_hz: Annotated[float, Field(strict=True, ge=0, le=MAX_MAGNITUDE)] | None
    clock_uncertainty_ms: Annotated[float, Field(strict=True, ge=0, le=MAX_TIME_MS)] | None
    clock_drift_ppm: _Number | None
    frames: _Count
    missing: _Count
    repeated: _Count
    damaged: _Count
    restarts: _Count
    unsent: _Count
    """Frames lost because the service was away for longer than the client's buffer lasts."""
    code: _Code | None = None
    """`detail` as a reason code (docs/reference/codes.md); null where `detail` is empty, or the client has no codes."""
    flex_most: Annotated[float, Field(strict=True, gt=0, le=MAX_MAGNITUDE)] | None = None
    """The highest reading of the flex sensors' converter, as the glove states it; null where it states none."""
    type: Literal["link"] = "link"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class DeviceRemark(SentByService):
    """A remark that the glove sent: `text` for people, `values` for programs (docs/reference/link.md lists their keys).

    A service before 0.2 ignores `values`.
    """

    negotiated: ClassVar[bool] = True
    optional_fields: ClassVar[tuple[str, ...]] = ("values",)
    audience: ClassVar[Audience] = "viewers"
    droppable: ClassVar[bool] = True

    text: Annotated[str, Field(max_length=MAX_REMARK)]
    values: Annotated[dict[_ValueKey, _Value], Field(max_length=MAX_REMARK_VALUES)] = field(default_factory=dict)
    type: Literal["remark"] = "remark"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class GloveNotice(SentByService):
    """What is odd about the glove, said once: `code` (docs/reference/codes.md) for programs, `text` for people. With
    `present` false it has ended. A client sends what it sees in the glove's bytes, which is relayed; the service sends
    what it sees in the frames."""

    negotiated: ClassVar[bool] = True
    droppable: ClassVar[bool] = True
    retained: ClassVar[bool] = True

    code: _Code
    text: Annotated[str, Field(max_length=MAX_REASON)]
    channel: Annotated[str, Field(max_length=MAX_CODE)] | None = None
    """The channel that it concerns; null: all."""
    values: Annotated[dict[_ValueKey, _Value], Field(max_length=MAX_REMARK_VALUES)] = field(default_factory=dict)
    present: Annotated[bool, Field(strict=True)] = True
    type: Literal["glove"] = "glove"

    @property
    def retained_as(self) -> str:
        """One of each code and channel is valid at a time."""
        return f"{self.type}.{self.code}.{self.channel or ''}"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class GloveLetter(SentByService):
    """A letter recognised by a network in the glove itself; the service relays it unchanged. `seq` and `t_ms` are those
    of its newest frame, `seq` null where that frame was not sent. `scale_importance` is empty where it is unknown."""

    negotiated: ClassVar[bool] = True
    audience: ClassVar[Audience] = "viewers"
    droppable: ClassVar[bool] = True

    seq: _U32Int | None
    t_ms: _Time
    label: LabelName
    confidence: _Share
    scale_importance: Annotated[dict[Annotated[str, Field(max_length=8)], _Share], Field(max_length=_MAX_SCALES)]
    type: Literal["glove_letter"] = "glove_letter"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class Commanded(Message):
    """Reply to the `command` of this `id`. `refused` null: it is written to the glove's port; else the reason as a
    sentence, and as `code`. `code` is left out for a service that does not accept `commanded.code`."""

    negotiated: ClassVar[bool] = True
    optional_fields: ClassVar[tuple[str, ...]] = ("code",)

    id: _U32Int
    refused: Annotated[str, Field(max_length=MAX_REASON)] | None
    code: _Code | None = None
    """One of CommandRefusal, or of a newer client."""
    type: Literal["commanded"] = "commanded"


@dataclass(frozen=True, slots=True)
class Frames:
    """A decoded message of frames, sent as text or binary: `t_ms` [n], `values` float32[n, 8], NaN where the glove has
    no such sensor."""

    seq: int
    t_ms: Sequence[float]
    values: NDArray[np.float32]

    @property
    def count(self) -> int:
        return len(self.t_ms)


_Other = Reset | Edit | Stop | LinkReport | DeviceRemark | GloveNotice | GloveLetter | Commanded
ClientText = Start | TextFrames | _Other
"""Any text message of a client."""

ClientMessage = Start | Frames | _Other
"""Any message of a client, decoded."""

CLIENT_MESSAGES: Final[tuple[type[Message], ...]] = get_args(ClientText)

CLIENT_MESSAGE: TypeAdapter[ClientText] = TypeAdapter(Annotated[ClientText, Field(discriminator="type")])
