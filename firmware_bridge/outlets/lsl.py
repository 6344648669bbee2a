"""Lab Streaming Layer (labstreaminglayer.org): the frames as one stream, the letters as markers in another."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Final

from firmware_bridge.outlets.outlet import Outlet, OutletCode, OutletError, Say, TimedFrame
from scaleglove.channels import CHANNELS, UNITS
from scaleglove.protocol import Gesture, ServerMessage

try:
    import pylsl
except RuntimeError:  # the package is installed, but brings no C library for this system and finds none
    pylsl = None

FRAMES_TYPE: Final = "Glove"
MARKERS_TYPE: Final = "Markers"


class LslOutlet(Outlet):
    """Streams `name` (type Glove: the eight channels, with the time at which the glove took each frame; NaN for a
    sensor that it does not have) and `name letters` (type Markers: `begin:LABEL` and `end:LABEL`)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._frames: pylsl.StreamOutlet | None = None
        self._markers: pylsl.StreamOutlet | None = None

    def start(self, say: Say) -> None:
        if pylsl is None:
            raise OutletError(
                OutletCode.NO_LIBLSL,
                "pylsl has no liblsl for this system: install it, and set PYLSL_LIB to its path",
            )
        self._frames = pylsl.StreamOutlet(_frames_info(self._name))
        self._markers = pylsl.StreamOutlet(_markers_info(self._name))
        say(OutletCode.READY, f"streams {self._name!r} and {self._name + ' letters'!r} are offered", name=self._name)

    def frames(self, frames: Sequence[TimedFrame]) -> None:
        assert self._frames is not None
        offset_s = _offset_s()
        values = [[math.nan if value is None else value for value in timed.frame.values] for timed in frames]
        self._frames.push_chunk(values, [timed.time_s + offset_s for timed in frames])

    def message(self, message: ServerMessage, time_s: float) -> None:
        if isinstance(message, Gesture):
            assert self._markers is not None
            self._markers.push_sample([f"{message.phase}:{message.label}"], time_s + _offset_s())

    def stop(self) -> None:
        self._frames = self._markers = None  # which closes them


def _frames_info(name: str) -> pylsl.StreamInfo:
    info = pylsl.StreamInfo(
        name, FRAMES_TYPE, len(CHANNELS), pylsl.IRREGULAR_RATE, pylsl.cf_float32, f"scaleglove {name}"
    )
    channels = info.desc().append_child("channels")
    for label, unit in zip(CHANNELS, UNITS, strict=True):
        channel = channels.append_child("channel")
        channel.append_child_value("label", label)
        channel.append_child_value("unit", unit)
    return info


def _markers_info(name: str) -> pylsl.StreamInfo:
    return pylsl.StreamInfo(
        f"{name} letters", MARKERS_TYPE, 1, pylsl.IRREGULAR_RATE, pylsl.cf_string, f"scaleglove {name} letters"
    )


def _offset_s() -> float:
    """Return the difference of LSL's clock and `time.monotonic`, which is 0 where both are the system's."""
    return float(pylsl.local_clock()) - time.monotonic()


def make(name: str, glove: str) -> LslOutlet:
    """Make the outlet; its streams are named after the glove where it has a name, or else `name`."""
    return LslOutlet(f"{name} {glove}" if glove else name)
