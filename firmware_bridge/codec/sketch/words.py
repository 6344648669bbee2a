"""Lines that are no numbers: sentences, boot text and panics, and what surrounds them. Pure."""

from __future__ import annotations

import re
from typing import Final

_BYTE_ORDER_MARK: Final = "\ufeff"
_COLOURS: Final = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_CONTROL: Final = re.compile(r"[\0-\x08\n-\x1f\x7f]")
_NOT_WORDS: Final = re.compile(r"\b(?:nan|infinity|inf|ovf)\b", re.IGNORECASE)
_WORDS: Final = re.compile(r"[^\W\d_]{2}")
_SIGNS: Final = re.compile(r":|0x")


def clean(line: bytes) -> str | None:
    """Return a line as text without byte-order mark, terminal colours and blanks at its edges.

    None if it is not UTF-8, or has control characters.
    """
    if b"\x1b" in line:
        line = _COLOURS.sub(b"", line)
    try:
        text = line.decode().removeprefix(_BYTE_ORDER_MARK).strip(" \t\r\n\f\v")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def are_words(line: str) -> bool:
    """Tell whether a line is a sentence, boot text or a panic, rather than damaged numbers."""
    if _WORDS.search(_NOT_WORDS.sub("", line)) or _SIGNS.search(line):
        return True
    return not any(character.isdigit() for character in line)
