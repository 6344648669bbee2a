"""Sentence about an open port with its code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware_bridge.link.errors import LinkCode


@dataclass(frozen=True, slots=True)
class Note:
    """Sentence about the port with its code, or neither."""

    text: str = ""
    code: LinkCode | None = None

    def joined(self, other: Note) -> Note:
        """Return both sentences, with the first one's code."""
        return Note("; ".join(text for text in (self.text, other.text) if text), self.code or other.code)

    def or_else(self, text: str, code: LinkCode) -> Note:
        """Return this note, or the given one if it is empty."""
        return self if self.text else Note(text, code)


NO_NOTE: Final = Note()
