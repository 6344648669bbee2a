"""How a stream takes frames in: messages of frames in; due windows, gaps and reports of the sensors out. Pure."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.runtime.contract import ModelContract
from scaleglove.protocol import ClientMessage, Frames, SensorFault, Sensors, decode_binary, decode_text
from service.streams.native.build import LIBRARY
from service.streams.native.intake import NativeIntake
from service.streams.sensors import SensorHealth
from service.streams.unread_frames import UnreadFrames
from service.streams.window import DueWindow, GapFound, StreamWindow, check_span

Event = DueWindow | GapFound | Sensors


class Window(Protocol):
    """The newest samples of a stream, as `StreamWindow` describes them."""

    @property
    def newest_ms(self) -> float: ...

    @property
    def frames(self) -> int: ...

    @property
    def late_frames(self) -> int: ...

    @property
    def duplicate_frames(self) -> int: ...

    @property
    def missing_frames(self) -> int: ...

    @property
    def rate_hz(self) -> float | None: ...

    @property
    def window(self) -> NDArray[np.float32]: ...

    def reset(self) -> None: ...

    def finish(self) -> list[DueWindow]: ...

    def newest(self) -> DueWindow | None: ...


class SensorState(Protocol):
    """The state of a glove's sensors, as `SensorHealth` describes it."""

    @property
    def faults(self) -> tuple[SensorFault, ...]: ...

    def state(self, most: float | None) -> None: ...


class Intake(Protocol):
    """What takes the frames of one stream."""

    @property
    def window(self) -> Window: ...

    @property
    def sensors(self) -> SensorState: ...

    def read(self, data: bytes, is_text: bool) -> ClientMessage | UnreadFrames:
        """Return a message of the client, decoded as far as that is not done where it is taken.

        Raises:
            WireError: `bad_message`, with the invalid field.
        """

    def take(self, message: Frames | UnreadFrames) -> Iterable[Event]:
        """Take a message of frames; yield, lazily, the windows and gaps in the order of frames, then the reports.

        Frames are taken as their events are consumed, so that a consumer may pause in between.

        Raises:
            WireError: `bad_message`, with the invalid field; nothing is taken.
        """


class PythonIntake:
    """The reference of `NativeIntake`."""

    def __init__(self, contract: ModelContract, sample_rate_hz: float | None, hop_ms: float) -> None:
        self.window = StreamWindow(contract, sample_rate_hz, hop_ms)
        self.sensors = SensorHealth()

    def read(self, data: bytes, is_text: bool) -> ClientMessage:
        return decode_text(data) if is_text else decode_binary(data)

    def take(self, message: Frames | UnreadFrames) -> Iterator[Event]:
        if isinstance(message, UnreadFrames):
            message = message.read()
        check_span(message.t_ms)
        yield from self.window.push(message.seq, message.t_ms, message.values)
        yield from self.sensors.push(message.seq, message.t_ms, message.values)


@cache
def _library() -> ctypes.CDLL | None:
    return LIBRARY.load()


def make_intake(contract: ModelContract, sample_rate_hz: float | None, hop_ms: float) -> Intake:
    """Return the intake of a stream, in C where it is compiled.

    Args:
        contract: gives the rate and the length of the window.
        sample_rate_hz: the rate that the sender declares; None: the frames' own times decide.
        hop_ms: device time from one due window to the next.
    """
    library = _library()
    if library is None or sys.byteorder != "little":  # it reads the bytes of a message as its own numbers
        return PythonIntake(contract, sample_rate_hz, hop_ms)
    return NativeIntake(library, contract, sample_rate_hz, hop_ms)
