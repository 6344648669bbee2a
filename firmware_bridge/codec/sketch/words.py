"""Lines that are no numbers: sentences, boot text and panics, and what surrounds them. Pure."""

from __future__ import annotations

import codecs
import re
from itertools import pairwise
from typing import Final

_COLOURS: Final = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_CONTROL: Final = re.compile(r"[\0-\x08\n-\x1f\x7f]")
_NOT_WORDS: Final = re.compile(r"\b(?:nan|infinity|inf|ovf)\b", re.IGNORECASE | re.ASCII)
_SIGNS: Final = re.compile(r":|0x")
_DIGIT: Final = re.compile(r"[0-9]")


def trim(line: bytes) -> bytes:
    """Return a line without byte-order mark, terminal colours and blanks at its edges."""
    line = line.removeprefix(codecs.BOM_UTF8).strip()
    return _COLOURS.sub(b"", line).strip() if b"\x1b" in line else line


def as_text(line: bytes) -> str | None:
    """Return a line as text; None if it is not UTF-8, or has control characters."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def are_words(line: str) -> bool:
    """Tell whether a line is a sentence, boot text or a panic, rather than damaged numbers."""
    letters = pairwise(character.isalpha() for character in _NOT_WORDS.sub("", line))
    return any(map(all, letters)) or bool(_SIGNS.search(line)) or not _DIGIT.search(line)


def differ_by_a_bit(line: str, other: str) -> bool:
    """Tell whether one flipped bit makes the other line of a line."""
    one, two = line.encode(), other.encode()
    return len(one) == len(two) and sum((mine ^ theirs).bit_count() for mine, theirs in zip(one, two, strict=True)) == 1
