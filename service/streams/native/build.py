"""The library of this folder's sources."""

from __future__ import annotations

from ctypes import c_char_p, c_int, c_uint64, c_void_p
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
    },
)
"""The functions of intake.h."""


def build() -> list[Path]:
    """Compile the library in place; return its path.

    Raises:
        BuildError: there is no compiler, or it failed.
    """
    return [LIBRARY.build()]
