"""The firmware's core as a library of this computer: its structures and functions, as the headers have them."""

from __future__ import annotations

import ctypes as c
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final

from tests.conftest import ROOT

FIRMWARE: Final = ROOT / "firmware_bridge" / "firmware"

FINGERS: Final = 5
LINE_MAX: Final = 160
WIRE_MAX: Final = 132


class Words(c.Structure):
    _fields_: ClassVar = [("text", c.c_void_p), ("size", c.c_size_t)]

    def taken(self) -> bytes:
        return c.string_at(self.text, self.size)

    @classmethod
    def of(cls, text: bytes) -> Words:
        return cls(c.cast(c.c_char_p(text), c.c_void_p), len(text))


class Frame(c.Structure):
    _fields_: ClassVar = [
        ("time_us", c.c_uint32),
        ("sequence", c.c_uint16),
        ("flex", c.c_float * FINGERS),
        ("angles", c.c_float * 3),
        ("acceleration", c.c_float * 3),
        ("has_acceleration", c.c_bool),
    ]


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
        ("fault", c.c_int),
        ("words", Words),
    ]


class LetterSaid(c.Structure):
    _fields_: ClassVar = [
        ("time_us", c.c_uint32),
        ("sequence", c.c_uint16),
        ("place", c.c_uint8),
        ("confidence", c.c_uint8),
        ("shares", c.c_uint8 * 3),
    ]


class Schedule(c.Structure):
    _fields_: ClassVar = [("interval_us", c.c_uint32), ("due_us", c.c_uint32)]


class GyroBias(c.Structure):
    _fields_: ClassVar = [
        ("bias", c.c_float * 3),
        ("found", c.c_bool),
        ("rate_mean", c.c_float * 3),
        ("acceleration_mean", c.c_float * 3),
        ("samples", c.c_uint16),
        ("seconds", c.c_float),
    ]


class Orientation(c.Structure):
    _fields_: ClassVar = [("attitude", c.c_float * 4), ("yaw_zero", c.c_float), ("levelled", c.c_bool)]


class Flex(c.Structure):
    _fields_: ClassVar = [("recent", c.c_uint16 * 2), ("held", c.c_uint8), ("smoothed", c.c_float)]


class Command(c.Structure):
    _fields_: ClassVar = [("kind", c.c_int), ("interval_us", c.c_uint32), ("format", c.c_int), ("letters", c.c_int)]


class CommandLine(c.Structure):
    _fields_: ClassVar = [("text", c.c_char * 64), ("size", c.c_uint8), ("too_long", c.c_bool)]


START: Final = c.CFUNCTYPE(None, c.c_void_p)
STEP: Final = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(c.c_float))
RECOGNISE: Final = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(LetterSaid))
EXPLAIN: Final = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(LetterSaid))


class Network(c.Structure):
    _fields_: ClassVar = [
        ("context", c.c_void_p),
        ("period_us", c.c_uint32),
        ("min_samples", c.c_uint16),
        ("start", START),
        ("step", STEP),
        ("recognise", RECOGNISE),
        ("explain", EXPLAIN),
    ]


class Settings(c.Structure):
    _fields_: ClassVar = [
        ("interval_us", c.c_uint32),
        ("format", c.c_int),
        ("acceleration", c.c_bool),
        ("network", c.POINTER(Network)),
    ]


READ_IMU: Final = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(c.c_float), c.POINTER(c.c_float))
READ_FLEX: Final = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(c.c_uint16))
ROOM: Final = c.CFUNCTYPE(c.c_size_t, c.c_void_p)
WRITE: Final = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(c.c_uint8), c.c_size_t)
RECEIVE: Final = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(c.c_uint8))
SINK: Final = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(Event))


class Board(c.Structure):
    _fields_: ClassVar = [
        ("name", c.c_char_p),
        ("context", c.c_void_p),
        ("read_imu", READ_IMU),
        ("read_flex", READ_FLEX),
        ("room", ROOM),
        ("write", WRITE),
        ("receive", RECEIVE),
    ]


MIRRORED: Final[dict[str, type[c.Structure]]] = {
    "board": Board,
    "command": Command,
    "command_line": CommandLine,
    "event": Event,
    "flex": Flex,
    "frame": Frame,
    "gyro_bias": GyroBias,
    "letter_said": LetterSaid,
    "network": Network,
    "orientation": Orientation,
    "schedule": Schedule,
    "settings": Settings,
    "words": Words,
}

_FLOATS: Final = c.POINTER(c.c_float)
_FUNCTIONS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "sg_crc16": (c.c_uint16, [c.c_char_p, c.c_size_t]),
    "sg_cobs_encode": (c.c_size_t, [c.c_char_p, c.c_char_p, c.c_size_t]),
    "sg_cobs_decode": (c.c_bool, [c.c_char_p, c.POINTER(c.c_size_t), c.c_char_p, c.c_size_t]),
    "sg_fault_words": (c.c_char_p, [c.c_int]),
    "sg_packet_write_frame": (c.c_size_t, [c.c_char_p, c.POINTER(Frame)]),
    "sg_packet_write_remark": (c.c_size_t, [c.c_char_p, c.c_uint16, c.c_uint32, c.c_char_p, c.c_size_t]),
    "sg_packet_write_letter": (c.c_size_t, [c.c_char_p, c.POINTER(LetterSaid)]),
    "sg_line_write_letter": (c.c_size_t, [c.c_char_p, c.POINTER(LetterSaid)]),
    "sg_line_write_frame": (c.c_size_t, [c.c_char_p, c.POINTER(Frame)]),
    "sg_line_write_header": (c.c_size_t, [c.c_char_p, c.c_bool]),
    "sg_number_read": (c.c_int, [Words, c.POINTER(c.c_double)]),
    "sg_schedule_start": (None, [c.POINTER(Schedule), c.c_uint32, c.c_uint32]),
    "sg_schedule_change": (None, [c.POINTER(Schedule), c.c_uint32, c.c_uint32]),
    "sg_schedule_due": (c.c_uint32, [c.POINTER(Schedule), c.c_uint32]),
    "sg_schedule_wait": (c.c_uint32, [c.POINTER(Schedule), c.c_uint32]),
    "sg_gyro_bias_start": (None, [c.POINTER(GyroBias)]),
    "sg_gyro_bias_renew": (None, [c.POINTER(GyroBias)]),
    "sg_gyro_bias_update": (c.c_bool, [c.POINTER(GyroBias), _FLOATS, _FLOATS, c.c_float]),
    "sg_orientation_start": (None, [c.POINTER(Orientation)]),
    "sg_orientation_update": (None, [c.POINTER(Orientation), _FLOATS, _FLOATS, c.c_float]),
    "sg_orientation_angles": (None, [c.POINTER(Orientation), _FLOATS]),
    "sg_orientation_zero_yaw": (None, [c.POINTER(Orientation)]),
    "sg_flex_start": (None, [c.POINTER(Flex)]),
    "sg_flex_update": (c.c_float, [c.POINTER(Flex), c.c_uint16, c.c_float]),
    "sg_command_start": (None, [c.POINTER(CommandLine)]),
    "sg_command_take": (c.c_bool, [c.POINTER(CommandLine), c.c_uint8, c.POINTER(Command)]),
    "sg_resampler_start": (None, [c.c_void_p, c.c_uint32]),
    "sg_resampler_push": (c.c_bool, [c.c_void_p, c.POINTER(Frame)]),
    "sg_resampler_next": (c.c_bool, [c.c_void_p, _FLOATS]),
    "sg_recogniser_start": (None, [c.c_void_p, c.POINTER(Network)]),
    "sg_recogniser_take": (c.c_bool, [c.c_void_p, c.POINTER(Frame), c.POINTER(LetterSaid)]),
    "sg_recogniser_work": (c.c_bool, [c.c_void_p, c.POINTER(LetterSaid)]),
    "sg_glove_init": (None, [c.c_void_p, c.POINTER(Board), c.POINTER(Settings), c.c_uint32]),
    "sg_glove_poll": (c.c_uint32, [c.c_void_p, c.c_uint32]),
    "sg_decoder_start": (None, [c.c_void_p, SINK, c.c_void_p]),
    "sg_decoder_rejoin": (None, [c.c_void_p]),
    "sg_decoder_feed": (None, [c.c_void_p, c.c_char_p, c.c_size_t]),
}


def compiled(target: str, build: Path, network: Path | None = None) -> None:
    """Make a target of the firmware's Makefile in a folder of its own, with the `network` of an exported package."""
    make = shutil.which("make")
    assert make is not None
    done = subprocess.run(
        [make, "-C", str(FIRMWARE), f"BUILD={build}", f"NET={network or ''}", target],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def load(build: Path, network: Path | None = None) -> c.CDLL:
    """The library, compiled into `build`, with the types of its functions."""
    compiled("lib", build, network)
    library = c.CDLL(str(build / "libsgcore.so"))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def size_of(library: c.CDLL, name: str) -> int:
    return c.c_size_t.in_dll(library, f"sg_size_of_{name}").value


def floats(*values: float) -> c.Array[c.c_float]:
    return (c.c_float * len(values))(*values)


def filled(size: int, write: Callable[[c.Array[c.c_char]], int]) -> bytes:
    """What a function that gives a length has written into a buffer of `size`."""
    buffer = c.create_string_buffer(size)
    length = write(buffer)
    return buffer.raw[:length]
