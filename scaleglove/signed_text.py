"""What every language's spelling shares: the label of a space, and the error of a text that cannot be signed."""

from __future__ import annotations

from typing import Final

from scaleglove.errors import ScaleGloveError

REST: Final = " "
"""Label of a space: the hand rests."""


class SpellingError(ScaleGloveError):
    """A text that the labels cannot spell; the message names the character and its position."""
