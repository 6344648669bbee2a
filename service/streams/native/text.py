"""Text messages of frames, read in C where they have their usual form. Pure."""

from __future__ import annotations

import ctypes
from functools import cache

from scaleglove.protocol import MAX_FRAMES_PER_MESSAGE
from service.streams.native.structures import RULES
from service.streams.unread_frames import WIDE_BYTES, WideFrames


class TextReader:
    """The reader of one thread, with space for the largest message."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._read = library.scaleglove_read_text
        self._space = ctypes.create_string_buffer(WIDE_BYTES * (MAX_FRAMES_PER_MESSAGE + 1))
        self._rules, self._address = ctypes.addressof(RULES), ctypes.addressof(self._space)

    def read(self, text: bytes) -> WideFrames | None:
        """Return the frames that `decode_text` decodes from the same bytes.

        None: this is another message, or none, or it is unusual, as with keys that are not known.
        """
        size = self._read(self._rules, text, len(text), self._address)
        return WideFrames(ctypes.string_at(self._address, size)) if size else None


@cache
def texts_of(library: ctypes.CDLL) -> TextReader:
    """Return the reader of all streams of the event loop."""
    return TextReader(library)
