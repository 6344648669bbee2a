"""Parts of the recognition of a stream, each of which may be switched off to see what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scaleglove.protocol import DecoderOptions


@dataclass(frozen=True, slots=True)
class Parts:
    """What is on; by default everything, as a service has it."""

    self_calibration: bool = True
    """Whether the hand is learned: from the shapes that it holds, and from words."""
    words: bool = True
    """Whether the language may change a word that has ended."""
    words_teach: bool = True
    """Whether words become examples of the hand."""
    lexicon: bool = True
    """Whether a list of words decides how letters are read as syllables."""
    decoder: DecoderOptions | None = None
    """None: the decoder's default settings."""


ALL_ON: Final = Parts()
ALONE_OFF: Final = Parts(decoder=DecoderOptions(alone_confidence=0.04))
"""A letter by itself needs no more confidence than any other."""
