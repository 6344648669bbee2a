"""The library of this folder's sources."""

from __future__ import annotations

from ctypes import c_double, c_int32, c_void_p
from pathlib import Path
from typing import Final

from scaleglove.native.library import NativeLibrary

LIBRARY: Final = NativeLibrary(
    Path(__file__).parent,
    {
        "scaleglove_beam_sizes": (None, (c_void_p,)),
        "scaleglove_start": (None, (c_void_p, c_void_p)),
        "scaleglove_push": (c_double, (c_void_p, c_void_p, c_void_p, c_void_p, c_int32, c_int32)),
        "scaleglove_ends": (c_int32, (c_void_p, c_void_p, c_void_p, c_int32, c_void_p)),
        "scaleglove_written": (None, (c_void_p, c_void_p, c_int32, c_void_p)),
    },
    keeps_lock=True,  # 50 us a hold, in the event loop
)
"""The functions of word.c."""
