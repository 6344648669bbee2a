"""What an outlet is: it receives what the glove sends and what the service recognises, with times of this computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

from firmware_bridge.codec.events import FrameRead
from scaleglove.errors import ScaleGloveError
from scaleglove.protocol import ServerMessage


class OutletCode(StrEnum):
    """What an outlet says of itself; docs/reference/codes.md describes each."""

    READY = "ready"
    PAUSED = "paused"
    RESUMED = "resumed"
    WAYLAND = "wayland"
    TOO_SLOW = "too_slow"
    UNREACHABLE = "unreachable"
    NO_DISPLAY = "no_display"
    DISPLAY_LOST = "display_lost"
    NO_XTEST = "no_xtest"
    NO_SPARE_KEY = "no_spare_key"
    UNKNOWN_KEY = "unknown_key"
    KEY_TAKEN = "key_taken"
    UNKNOWN_HOST = "unknown_host"
    CANNOT_LISTEN = "cannot_listen"
    NO_LIBLSL = "no_liblsl"
    FAILED = "failed"


class OutletError(ScaleGloveError):
    """A failure that ends an outlet; the text is one sentence that says what to do."""

    def __init__(self, code: OutletCode, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class OutletNotice:
    """What an outlet says: `code` and `values` for programs, `text` for people. With `failed` it has ended."""

    outlet: str
    code: OutletCode
    text: str
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    failed: bool = False


class Say(Protocol):
    """The way in which an outlet says something about itself; may be called in any thread."""

    def __call__(self, code: OutletCode, text: str, **values: str) -> None:
        """Pass on a code, its sentence and its values."""
        ...


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A frame, its number in the stream (lost frames are skipped), and its time in seconds of `time.monotonic`."""

    seq: int
    time_s: float
    frame: FrameRead


class Outlet:
    """One place that letters go to; the base of all outlets, which ignores everything.

    A thread of the outlet's own makes all calls, one after the other: they may wait, and the bridge goes on meanwhile.
    An OutletError, from any of them but `stop`, ends the outlet, not the bridge. `poll` is called every `poll_s`
    seconds, for an outlet that has to look after something while nothing arrives.
    """

    poll_s: ClassVar[float | None] = None

    def start(self, say: Say) -> None:
        """Open what letters go to, and say where it is.

        Raises:
            OutletError: it cannot be opened.
        """

    def frames(self, frames: Sequence[TimedFrame]) -> None:
        """Take the frames of one read of the port."""

    def message(self, message: ServerMessage, time_s: float) -> None:
        """Take a message of the service, or a report, letter or remark of the glove itself.

        `time_s` is its device time in seconds of `time.monotonic`, or the present where it has none.
        """

    def poll(self) -> None:
        """Look after what is open."""

    def stop(self) -> None:
        """Close what was opened; also called after a failed `start`."""


MakeOutlet = Callable[[str, str], Outlet]
"""Makes an outlet from the value of its option and the name of the glove; raises AddressError for a wrong value."""
