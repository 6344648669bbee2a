"""The library of this folder's sources."""

from __future__ import annotations

from ctypes import CDLL, POINTER, c_char_p, c_double, c_int, c_int32, c_int64, c_uint64, c_void_p
from functools import cache
from pathlib import Path
from typing import Final

from scaleglove.native.library import NativeLibrary, Prototype

_TAKE: Final[Prototype] = (c_int, (c_void_p, c_char_p, c_uint64))

LIBRARY: Final = NativeLibrary(
    Path(__file__).parent,
    {
        "scaleglove_take": _TAKE,
        "scaleglove_take_wide": _TAKE,
        "scaleglove_go_on": _TAKE,
        "scaleglove_read_text": (c_uint64, (c_void_p, c_char_p, c_uint64, c_void_p)),
        "scaleglove_reset": (None, (c_void_p,)),
        "scaleglove_intake_size": (c_uint64, ()),
        "scaleglove_still_frames": (c_int32, (c_char_p, c_char_p, c_int32)),
        "scaleglove_holds_bytes": (c_int64, ()),
        "scaleglove_hold": (c_int32, (c_void_p, c_char_p, c_char_p)),
        "scaleglove_finish_hold": (c_int32, (c_void_p,)),
        "scaleglove_pool": (c_int32, (c_char_p, c_int32, c_int32, POINTER(c_double))),
    },
    keeps_lock=True,
)
"""The functions of intake.h, stillness.c, holds.c and pooling.c."""


@cache
def load() -> CDLL | None:
    """Return the library; None where it is not compiled, and Python does the same."""
    return LIBRARY.load()
