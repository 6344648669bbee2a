"""Text from signed labels and labels from text, by the language of a vocabulary."""

from __future__ import annotations

from scaleglove.signed_text import REST, SpellingError
from scaleglove.spelling.english import English
from scaleglove.spelling.korean import Korean
from scaleglove.spelling.spelling import Piece, Spelling
from scaleglove.spelling.unspelled import Unspelled
from scaleglove.vocabulary import Vocabulary

__all__ = ["REST", "Piece", "Spelling", "SpellingError", "spelling_of"]


def spelling_of(vocabulary: Vocabulary, *, lexicon: bool = True) -> Spelling:
    """Return the spelling of a vocabulary's language.

    Args:
        lexicon: whether a list of words chooses among the readings of the same letters.
    """
    match vocabulary.language:
        case "korean":
            return Korean(vocabulary, lexicon=lexicon)
        case "english":
            return English(vocabulary, lexicon=lexicon)
        case "none":
            return Unspelled(vocabulary)
