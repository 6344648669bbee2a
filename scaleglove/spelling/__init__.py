"""Text from signed labels and labels from text, by the language of a vocabulary."""

from __future__ import annotations

from typing import Final

from scaleglove.signed_text import REST, SpellingError
from scaleglove.spelling.english import English
from scaleglove.spelling.korean import Korean
from scaleglove.spelling.spelling import Piece, Spelling
from scaleglove.spelling.unspelled import Unspelled
from scaleglove.vocabulary import Vocabulary

__all__ = ["REST", "Piece", "Spelling", "SpellingError", "greeting_in", "spelling_of"]

_GREETINGS: Final = {"korean": "안녕", "english": "hello"}


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


def greeting_in(vocabulary: Vocabulary) -> str:
    """Return a text for a hand that has none: a greeting, or the signs where the vocabulary cannot spell one."""
    spelling = spelling_of(vocabulary)
    greeting = _GREETINGS.get(vocabulary.language, " ".join(vocabulary.names))
    try:
        spelling.labels(greeting)
    except SpellingError:
        return "".join(label for label in vocabulary.names if not spelling.is_word(label))
    return greeting
