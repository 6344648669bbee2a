"""The firmware's core as a library of this computer: its structures and functions, as in the headers."""

from __future__ import annotations

import ctypes as c
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from tests.firmware.builds import Build

Functions = Mapping[str, tuple[Any, list[Any]]]
"""The result and the arguments of each function of a library."""

FINGERS: Final = 5
LINE_MAX: Final = 160
WIRE_MAX: Final = 132


class Frame(c.Structure):
    _fields_: ClassVar = [
        ("time_us", c.c_uint32),
        ("sequence", c.c_uint16),
        ("flex", c.c_float * FINGERS),
        ("angles", c.c_float * 3),
        ("acceleration", c.c_float * 3),
        ("has_acceleration", c.c_bool),
    ]


class FrontEnd(c.Structure):
    _fields_: ClassVar = [
        ("gain", c.c_double * FINGERS),
        ("offset", c.c_double * FINGERS),
        ("slope", c.c_double * FINGERS),
        ("contact", c.c_double * 2 * FINGERS),
        ("rotation", c.c_float * 3 * 3),
        ("neutral", c.c_float * 3),
        ("keeps_flex", c.c_bool),
        ("keeps_lean", c.c_bool),
        ("missing", c.c_uint8),
    ]


class LetterMessage(c.Structure):
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
RECOGNISE: Final = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(LetterMessage))
EXPLAIN: Final = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(LetterMessage))


class Network(c.Structure):
    _fields_: ClassVar = [
        ("context", c.c_void_p),
        ("period_us", c.c_uint32),
        ("min_samples", c.c_uint16),
        ("start", START),
        ("step", STEP),
        ("recognise", RECOGNISE),
        ("explain", EXPLAIN),
        ("vocabulary", c.c_char_p),
        ("labels", c.POINTER(c.c_char_p)),
        ("label_count", c.c_uint8),
        ("front_end", c.c_void_p),
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
SPACE: Final = c.CFUNCTYPE(c.c_size_t, c.c_void_p)
WRITE: Final = c.CFUNCTYPE(None, c.c_void_p, c.POINTER(c.c_uint8), c.c_size_t)
RECEIVE: Final = c.CFUNCTYPE(c.c_bool, c.c_void_p, c.POINTER(c.c_uint8))


class Board(c.Structure):
    _fields_: ClassVar = [
        ("name", c.c_char_p),
        ("context", c.c_void_p),
        ("read_imu", READ_IMU),
        ("read_flex", READ_FLEX),
        ("space", SPACE),
        ("write", WRITE),
        ("receive", RECEIVE),
        ("flex_most", c.c_uint16),
    ]


MIRRORED: Final[dict[str, type[c.Structure]]] = {
    "board": Board,
    "command": Command,
    "command_line": CommandLine,
    "flex": Flex,
    "frame": Frame,
    "front_end": FrontEnd,
    "gyro_bias": GyroBias,
    "letter_message": LetterMessage,
    "network": Network,
    "orientation": Orientation,
    "schedule": Schedule,
    "settings": Settings,
}

_FLOATS: Final = c.POINTER(c.c_float)
_FUNCTIONS: Final[Functions] = {
    "sg_crc16": (c.c_uint16, [c.c_char_p, c.c_size_t]),
    "sg_cobs_encode": (c.c_size_t, [c.c_char_p, c.c_char_p, c.c_size_t]),
    "sg_packet_write_frame": (c.c_size_t, [c.c_char_p, c.POINTER(Frame)]),
    "sg_packet_write_remark": (c.c_size_t, [c.c_char_p, c.c_uint16, c.c_uint32, c.c_char_p, c.c_size_t]),
    "sg_packet_write_letter": (c.c_size_t, [c.c_char_p, c.POINTER(LetterMessage)]),
    "sg_line_write_letter": (c.c_size_t, [c.c_char_p, c.POINTER(LetterMessage)]),
    "sg_line_write_frame": (c.c_size_t, [c.c_char_p, c.POINTER(Frame)]),
    "sg_line_write_header": (c.c_size_t, [c.c_char_p, c.c_bool, c.c_uint16]),
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
    "sg_front_end_apply": (None, [c.POINTER(FrontEnd), _FLOATS]),
    "sg_resampler_start": (None, [c.c_void_p, c.c_uint32]),
    "sg_resampler_push": (c.c_bool, [c.c_void_p, c.POINTER(Frame)]),
    "sg_resampler_next": (c.c_bool, [c.c_void_p, _FLOATS]),
    "sg_recogniser_start": (None, [c.c_void_p, c.POINTER(Network)]),
    "sg_recogniser_take": (c.c_bool, [c.c_void_p, c.POINTER(Frame), c.POINTER(LetterMessage)]),
    "sg_recogniser_work": (c.c_bool, [c.c_void_p, c.POINTER(LetterMessage)]),
    "sg_glove_init": (None, [c.c_void_p, c.POINTER(Board), c.POINTER(Settings), c.c_uint32]),
    "sg_glove_poll": (c.c_uint32, [c.c_void_p, c.c_uint32]),
}


def load(build: Build) -> c.CDLL:
    """Load the library of a build, with the types of its functions."""
    library = c.CDLL(str(build.path("libsgcore.so")))
    declare(library, _FUNCTIONS)
    return library


def declare(library: c.CDLL, functions: Functions) -> None:
    """Give the library's functions their types."""
    for name, (result, arguments) in functions.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments


def size_of(library: c.CDLL, name: str) -> int:
    """Return the size of a structure in C."""
    return c.c_size_t.in_dll(library, f"sg_size_of_{name}").value


def floats(*values: float) -> c.Array[c.c_float]:
    """Return an array of C."""
    return (c.c_float * len(values))(*values)


def filled(size: int, write: Callable[[c.Array[c.c_char]], int]) -> bytes:
    """Return the bytes that a function writes into a buffer of `size`; it returns their number."""
    buffer = c.create_string_buffer(size)
    length = write(buffer)
    return buffer.raw[:length]
