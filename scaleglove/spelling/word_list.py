"""The lists of words that choose among the readings of the same letters, as files of the package."""

from __future__ import annotations

from pathlib import Path


def read_words(language: str) -> list[str]:
    """Return the words of a language's list in its order; lines that begin with `#` are comments."""
    text = Path(__file__).with_name(f"{language}_words.txt").read_text(encoding="utf-8")
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
