"""The decoder in C (clients/c) as a library of this computer, with the events of the Python decoder."""

from __future__ import annotations

import ctypes as c
from typing import ClassVar, Final

from firmware_bridge.codec.events import (
    Damaged,
    DeviceRestarted,
    Fault,
    FrameRead,
    FrameRepeated,
    FramesMissing,
    HeaderRead,
    Remark,
)
from firmware_bridge.codec.events import Event as PythonEvent
from firmware_bridge.codec.header_fields import read_field
from firmware_bridge.codec.letters import from_numbers
from scaleglove.channels import CHANNELS
from tests.firmware.builds import CLIENT, Builds
from tests.firmware.core import Functions, declare, size_of

FAULTS: Final = list(Fault)


class Words(c.Structure):
    _fields_: ClassVar = [("text", c.c_void_p), ("size", c.c_size_t)]

    def taken(self) -> bytes:
        return c.string_at(self.text, self.size)

    @classmethod
    def of(cls, text: bytes) -> Words:
        return cls(c.cast(c.c_char_p(text), c.c_void_p), len(text))


class RemarkValue(c.Structure):
    _fields_: ClassVar = [("key", Words), ("value", Words)]


class Range(c.Structure):
    _fields_: ClassVar = [("low", c.c_double), ("high", c.c_double)]


class Event(c.Structure):
    _fields_: ClassVar = [
        ("kind", c.c_int),
        ("t_ms", c.c_double),
        ("before_ms", c.c_double),
        ("count", c.c_uint64),
        ("values", c.c_double * 8),
        ("acceleration", c.c_double * 3),
        ("has_acceleration", c.c_bool),
        ("sequence", c.c_uint16),
        ("has_sequence", c.c_bool),
        ("place", c.c_uint8),
        ("confidence", c.c_uint8),
        ("shares", c.c_uint8 * 3),
        ("ranges", Range * 8),
        ("fault", c.c_int),
        ("words", Words),
        ("remark_values", RemarkValue * 8),
        ("value_count", c.c_size_t),
    ]


SINK: Final = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(Event))

MIRRORED: Final[dict[str, type[c.Structure]]] = {"event": Event, "words": Words}

_FUNCTIONS: Final[Functions] = {
    "sg_cobs_decode": (c.c_bool, [c.c_char_p, c.POINTER(c.c_size_t), c.c_char_p, c.c_size_t]),
    "sg_fault_words": (c.c_char_p, [c.c_int]),
    "sg_number_read": (c.c_int, [Words, c.POINTER(c.c_double)]),
    "sg_decoder_start": (None, [c.c_void_p, SINK, c.c_void_p]),
    "sg_decoder_rejoin": (None, [c.c_void_p]),
    "sg_decoder_feed": (None, [c.c_void_p, c.c_char_p, c.c_size_t]),
}


def load(build: Builds) -> c.CDLL:
    """Build and load the library, with the types of its functions."""
    library = c.CDLL(str(build("shared", source=CLIENT).path("libscaleglove.so")))
    declare(library, _FUNCTIONS)
    return library


class ClientDecoder:
    """The decoder in C, with the events and the methods of the Python one."""

    def __init__(self, client: c.CDLL) -> None:
        self._client = client
        self._state = c.create_string_buffer(size_of(client, "decoder"))
        self._events: list[PythonEvent] = []
        self._sink = SINK(lambda _, event: self._events.append(as_python(event.contents)))
        client.sg_decoder_start(self._state, self._sink, None)

    def feed(self, data: bytes) -> list[PythonEvent]:
        self._events = []
        self._client.sg_decoder_feed(self._state, data, len(data))
        return self._events

    def rejoin(self) -> None:
        self._client.sg_decoder_rejoin(self._state)


def as_python(event: Event) -> PythonEvent:  # noqa: PLR0911 - one of each kind
    words = event.words.taken()
    match event.kind:
        case 0:
            return FrameRead(
                event.t_ms,
                tuple(event.values),
                tuple(event.acceleration) if event.has_acceleration else None,  # type: ignore[arg-type]
                event.sequence if event.has_sequence else None,
            )
        case 1:
            numbers = [event.place, event.confidence, *event.shares]
            letter = from_numbers(event.t_ms, numbers, event.sequence if event.has_sequence else None)
            assert letter is not None
            return letter
        case 2:
            return FramesMissing(event.t_ms, event.count, "sequence")
        case 3:
            return FramesMissing(event.t_ms, event.count, "time")
        case 4:
            return FrameRepeated(event.t_ms)
        case 5:
            return DeviceRestarted(event.before_ms, event.t_ms)
        case 6:
            values = {
                value.key.taken().decode(): value.value.taken().decode()
                for value in event.remark_values[: event.value_count]
            }
            return Remark(words.decode(errors="replace").strip(), values)
        case 7:
            ranges = {
                channel: (said.low, said.high)
                for channel, said in zip(CHANNELS, event.ranges, strict=True)
                if said.low or said.high
            }
            names = [read_field(name.strip(" \t")).text for name in words.decode("ascii").split(",")]
            return HeaderRead(tuple(names), ranges)
        case _:
            return Damaged(
                words.decode("ascii", errors="backslashreplace")[:60], FAULTS[event.fault - 1], words[:30].hex()
            )
