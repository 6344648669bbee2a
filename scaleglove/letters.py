"""The letters of Korean fingerspelling, consonants then vowels."""

from __future__ import annotations

from scaleglove.vocabulary import load_vocabulary

LETTERS: tuple[str, ...] = load_vocabulary("korean").names
"""The 24 letters; a label's index is its position here."""
