"""Header of a binary message of frames, as far as a peer needs it. Pure; checks nothing."""

from __future__ import annotations

from struct import Struct
from typing import Final

from scaleglove.channels import CHANNELS

HEADER: Final = Struct("<BBHI")
"""Kind, version, number of frames, number of the first frame: docs/reference/streaming.md."""

FRAME_FLOATS: Final = 1 + len(CHANNELS)
"""Four-byte words of a frame: its time, and its values."""


def due(first: int, count: int, hop: int) -> int | None:
    """Return which of `count` frames from number `first` on asks for a prediction; None: none of them.

    Every `hop`-th frame of a stream does; of a message with more than one the last counts.
    """
    newest = (first + count) // hop * hop - 1
    return newest if newest >= first else None
