"""The text of a file: from bytes in any encoding that spreadsheets write to lines ended by LF.

`clients/page/recordings/text.js` decodes by the same rules.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

from scaleglove.recordings.errors import RecordingError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEEN_BYTES: Final = 4096
"""Bytes at the beginning in which UTF-16 without a mark shows: a header in ASCII has a zero in each pair."""

_CP949_CHARACTER: Final = re.compile(rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xfe]")
_FOREIGN: Final = re.compile(rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xa0]|[\x81-\xa0\xc9-\xfe][\xa1-\xfe]")
"""A pair that is no Hangul of KS X 1001: rare syllables and Chinese characters, as which other encodings look."""

_ADVICE: Final = "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"


class Decoded(NamedTuple):
    """The text of a file, and the encoding that it was read as."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Return the text of a file: by its byte-order mark; else UTF-16, UTF-8, cp949 or windows-1252, each only if the
    bytes are sound in it.

    Raises:
        RecordingError: code `encoding`, or `empty`.
    """
    if not data.strip():
        raise RecordingError("the file is empty: export it again", code="empty")
    encoding, text = _by_mark(data) or _by_zeros(data) or _by_bytes(data)
    if "\0" in text:
        raise _refused("it has zero bytes")
    return Decoded(_with_line_feeds(text), encoding)


def _by_mark(data: bytes) -> tuple[str, str] | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _strict(data[len(mark) :], encoding)
            if text is None:
                raise _refused(f"its mark says {encoding}, but it is not")
            return encoding, text
    return None


def _by_zeros(data: bytes) -> tuple[str, str] | None:
    seen = data[: _SEEN_BYTES & ~1]
    even, odd = seen[::2].count(0), seen[1::2].count(0)
    if not even and not odd:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    # Korean in a column has no zeros, but most of a table is numbers.
    text = _strict(data, encoding) if max(even, odd) >= len(seen) // 4 and min(even, odd) <= len(seen) // 64 else None
    if text is None:
        raise _refused("it has zero bytes, and is not UTF-16")
    return encoding, text


def _by_bytes(data: bytes) -> tuple[str, str]:
    if (text := _strict(data, "utf-8")) is not None:
        return "utf-8", text
    pairs = _CP949_CHARACTER.findall(data)
    foreign = sum(1 for pair in pairs if _FOREIGN.fullmatch(pair))
    encoding = "cp949" if pairs and 4 * foreign <= len(pairs) else "cp1252"
    text = _strict(data, encoding)
    if text is None:
        raise _refused("it is neither UTF-8 nor cp949 nor windows-1252")
    return "windows-1252" if encoding == "cp1252" else encoding, text


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _with_line_feeds(text: str) -> str:
    """Return the text with each of CRLF, LFCR, CR and LF as one LF."""
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\n\r", "\n").replace("\r", "\n")


def _refused(why: str) -> RecordingError:
    return RecordingError(f"cannot be read as text: {why}: {_ADVICE}", code="encoding")
