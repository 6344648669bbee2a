"""Base class of the errors that are shown to the user."""

from __future__ import annotations


class ScaleGloveError(Exception):
    """An error whose text is meant for the user: one sentence that says what is wrong and where."""
