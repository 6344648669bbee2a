"""What a client sends, and what of it viewers are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, with_config

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE, MAX_TIME_MS
from scaleglove.letters import LETTERS
from scaleglove.resampling import MIN_RATE_HZ

MAX_FRAMES_PER_MESSAGE: Final = 1024
"""Ten seconds of a glove at 100 Hz; more in one message is a mistake or an attack."""

_U32: Final = 2**32
_MAX_PORT: Final = 256
_MAX_COMMANDS: Final = 16
_MAX_SCALES: Final = 16

MAX_REMARK: Final = 200
"""Characters of a device's remark; a line of the glove's firmware has 120 at most."""

MAX_REASON: Final = 300
"""Characters in which a client says what its link does, or why a command was not written."""

MAX_CODE: Final = 64
"""Characters of a reason code; each is documented in docs/reference/codes.md."""

CommandRefusal = Literal["link_lost", "not_reading", "invalid_command", "not_obeyed"]
"""Why a client has not written a command, as far as this version knows: docs/reference/codes.md."""

LinkState = Literal["searching", "opening", "waiting", "streaming", "lost"]
"""What the link between the client and its glove does."""

CommandName = Literal["interval", "recal", "yawzero"]
"""What a glove may be told: the time between frames, to find its gyro's bias anew, to count yaw from here."""

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
_Number = Annotated[float, Field(strict=True, ge=-MAX_MAGNITUDE, le=MAX_MAGNITUDE)]
_Time = Annotated[float, Field(strict=True, ge=0, lt=MAX_TIME_MS)]
MAX_RATE_HZ: Final = 1000.0
RateHz = Annotated[float, Field(strict=True, ge=MIN_RATE_HZ, le=MAX_RATE_HZ)]
"""Frames a second that a sender may declare."""
_U32Int = Annotated[int, Field(strict=True, ge=0, lt=_U32)]
_Count = Annotated[int, Field(strict=True, ge=0, lt=2**53)]
_Share = Annotated[float, Field(strict=True, ge=0, le=1)]
_Letter = Annotated[str, Field(pattern=f"^[{''.join(LETTERS)}]$")]
_Code = Annotated[str, Field(max_length=MAX_CODE, pattern="^[a-z0-9_]+$")]
_OPEN = ConfigDict(allow_inf_nan=False)  # viewers get these too: a newer client or service may add fields


_Seconds = Annotated[float, Field(strict=True, ge=0.05, le=5)]


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class DecoderOptions:
    """When a letter begins and ends; docs/reference/letters.md says how each was chosen."""

    hold_s: Annotated[float, Field(strict=True, ge=0.08, le=1)] = 0.24
    """For so long the hand is still before a letter begins."""
    min_confidence: Annotated[float, Field(strict=True, ge=0.04, le=0.94)] = 0.85
    """With less a letter does not begin; 0.95 is said of one that nothing speaks against."""
    switch_s: _Seconds = 0.3
    """For so long another letter is seen, where no movement was, before it takes the place of the one that holds."""
    release_s: _Seconds = 0.25
    """For so long the hand is away from a letter before that ends, and before it may begin again."""


EditAction = Literal["space", "delete", "commit", "clear"]
"""What may be done to the line being written: a space, one letter back, the end of the word, all of it away."""


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class TextOptions:
    """How letters become text; docs/guide/text.md."""

    space_s: Annotated[float, Field(strict=True, ge=0.3, le=10)] = 1.2
    """For so long no letter is held before a word is over."""
    lexicon: Annotated[bool, Field(strict=True)] = True
    """Whether words tell where syllables end that rules cannot know; the letters stay as they are."""


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
    commands: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=_MAX_COMMANDS)] = ()
    """Those of CommandName that the glove behind this stream obeys; others are passed over."""
    decoder: DecoderOptions | None = None
    """Null: as the wearer's profile has it, else the defaults."""
    text: TextOptions | None = None
    self_calibration: Annotated[bool, Field(strict=True)] | None = None
    """Whether this wearer's letters are learned without labels while she signs; null: as the service is set."""
    copy_of: Annotated[str, Field(max_length=64)] | None = None
    """The stream whose frames these are once more, say for another model; null: they are a glove's own. Nothing is done
    with it but to say so: whoever looks for gloves can leave copies out."""


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
class Edit:
    """Change the line being written."""

    action: EditAction
    type: Literal["edit"] = "edit"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Stop:
    """End the stream; the server answers `stopped` and closes."""

    type: Literal["stop"] = "stop"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class LinkReport:
    """What the link to the glove does, and what came over it since the client began. At most once a second, and at
    each change of state. The first report of a stream is where the service begins to count: a client that comes back
    begins with the last one that it sent before."""

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
    type: Literal["link"] = "link"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class DeviceRemark:
    """A line in which the glove says something in words."""

    text: Annotated[str, Field(max_length=MAX_REMARK)]
    type: Literal["remark"] = "remark"


@with_config(_OPEN)
@dataclass(frozen=True, slots=True)
class GloveLetter:
    """The letter that a network in the glove itself has recognised; the service passes it on as it is. `seq` and `t_ms`
    are those of the newest frame in it, `seq` null where that was not sent. `scale_importance` is empty where the glove
    does not say."""

    seq: _U32Int | None
    t_ms: _Time
    label: _Letter
    confidence: _Share
    scale_importance: Annotated[dict[Annotated[str, Field(max_length=8)], _Share], Field(max_length=_MAX_SCALES)]
    type: Literal["glove_letter"] = "glove_letter"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Commanded:
    """The answer to the `command` of this `id`: `refused` null: it is written to the glove's port; else why not, in
    words, and in `code` for programs. `code` is left out for a service that does not accept `commanded.code`."""

    id: _U32Int
    refused: Annotated[str, Field(max_length=MAX_REASON)] | None
    code: _Code | None = None
    """One of CommandRefusal, or of a newer client's."""
    type: Literal["commanded"] = "commanded"


@dataclass(frozen=True, slots=True)
class Frames:
    """A message of frames, as text or as binary, decoded: `t_ms` [n], `values` float32[n, 8]."""

    seq: int
    t_ms: Sequence[float]
    values: NDArray[np.float32]


ClientText = Start | TextFrames | Reset | Edit | Stop | LinkReport | DeviceRemark | GloveLetter | Commanded
ClientMessage = Start | Frames | Reset | Edit | Stop | LinkReport | DeviceRemark | GloveLetter | Commanded
"""Any message of a client, decoded."""

CLIENT_MESSAGE: TypeAdapter[ClientText] = TypeAdapter(Annotated[ClientText, Field(discriminator="type")])
