"""Base class of the errors that are shown to the user."""

from __future__ import annotations

from typing import Final

from scaleglove.terminal_text import escape_unprintable

_KEPT: Final = "\n\t\xa0\u3000"
"""Blanks that `str.isprintable` refuses and a sentence may have."""


class ScaleGloveError(Exception):
    """An error whose text is meant for the user: one sentence that says what is wrong and where.

    Names of files in it may come from others, so its text has no character that a terminal obeys or that cannot be
    encoded.
    """

    def __str__(self) -> str:
        return escape_unprintable(super().__str__(), _KEPT)
