"""C for the scores of windows, beside the Python that it computes the same as and that runs without it.

Sums are of doubles and in an order of their own, so that both forms agree within 1e-9 of a score.
"""

from __future__ import annotations

from ctypes import CDLL, POINTER, c_char_p, c_double, c_int32, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Final

from scaleglove.native.library import NativeLibrary

Written = POINTER(c_double)
"""Memory that a function writes: `c_double.from_buffer` of an array, which is found faster than an array's address."""

LIBRARY: Final = NativeLibrary(
    Path(__file__).parent,
    {
        "scaleglove_model_reference_bytes": (c_int64, ()),
        "scaleglove_user_reference_bytes": (c_int64, ()),
        "scaleglove_learned_bytes": (c_int64, ()),
        "scaleglove_model_scores": (None, (c_void_p, c_int32, c_char_p, c_char_p, Written)),
        "scaleglove_user_scores": (None, (c_void_p, c_int32, c_char_p, c_int32, c_char_p, c_char_p, Written)),
        "scaleglove_adjust": (None, (c_void_p, c_int32, c_char_p, c_char_p, c_char_p, Written)),
    },
    keeps_lock=True,  # 20 us a window, and a request is answered in parts of 64
)

MOST_CLASSES: Final = 512
MOST_WIDTH: Final = 1024
MOST_EXAMPLES: Final = 100_000
"""The sizes for which vectors.h has memory, far above those of any model and user: what is larger runs in Python."""


@cache
def load() -> CDLL | None:
    """Return the library; None where it is not compiled, and Python does the same."""
    return LIBRARY.load()
