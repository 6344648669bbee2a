"""English: letters become words, and a list of words settles what the letters leave open. Pure.

The first letter of a line and of a sentence is a capital, and so is the pronoun I. The list, `english_words.txt`, is
asked when a word has ended. It decides what fingerspelling does not show, and nothing else:

- a letter that is twice in the word and was signed once, or held and read once: h-e-l-o is hello;
- capitals of names, days and places: m-o-n-d-a-y is Monday;
- the apostrophe: d-o-n-t is don't.

It never changes, adds or removes any other letter, and a word of the list that has exactly the letters signed comes
first: g-o-d is god, not good. So the list also has the words that another one would hide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Final

from scaleglove.signed_text import REST, SpellingError
from scaleglove.spelling.spelling import Piece, Spelling
from scaleglove.spelling.word_list import read_words
from scaleglove.vocabulary import Vocabulary

_APOSTROPHES: Final = "'\N{RIGHT SINGLE QUOTATION MARK}"
_SENTENCE_ENDS: Final = (".", "!", "?")
_PRONOUN: Final = "i"
_AGAIN: Final = re.compile(r"(.)\1+")


class English(Spelling):
    """The letters of the Latin alphabet and other single characters as words; a label of several is a word."""

    def __init__(self, vocabulary: Vocabulary, *, lexicon: bool = True) -> None:
        super().__init__(vocabulary)
        self._letters = {label.lower(): label for label in self._texts if not self.is_word(label)}
        self._lexicon = lexicon

    def is_word(self, label: str) -> bool:
        """Return whether a label is more than one character."""
        return len(label) > 1

    def labels(self, text: str) -> list[str]:
        """Return the letters of `text` without regard to case, and `REST` for each run of white space; apostrophes are
        not signed.

        Raises:
            SpellingError: the vocabulary lacks a character.
        """
        signed: list[str] = []
        for position, character in enumerate(text, start=1):
            if character.isspace():
                signed += [REST] if signed[-1:] != [REST] else []
            elif character.lower() in self._letters:
                signed.append(self._letters[character.lower()])
            elif character not in _APOSTROPHES:
                raise SpellingError(
                    f"character {position} of the text, {character!r}, cannot be spelled: use spaces and the letters "
                    + "".join(sorted(self._letters))
                )
        return signed

    def compose(self, word: Sequence[str], before: str) -> str:
        """Return the letters, with a capital at the beginning of a sentence, or the text of the label that is one."""
        return _with_capital(self._plain(word), before)

    def finish(self, word: Sequence[str], before: str) -> list[Piece]:
        """Return the word as the list has it; what goes on in a word that was committed stays as it is."""
        text = self._plain(word)
        if not (word and self.is_word(word[0])) and (not before or before.endswith(REST)):
            text = self._settle(text)
        return [Piece(_with_capital(text, before), tuple(word))] if word else []

    def _plain(self, word: Sequence[str]) -> str:
        return "".join(self._texts.get(label, label) if self.is_word(label) else label.lower() for label in word)

    def _settle(self, text: str) -> str:
        if text == _PRONOUN:
            return text.upper()
        return next(readings(text), text) if self._lexicon else text


def readings(letters: str) -> Iterator[str]:
    """Yield the words of the list that these letters, of a to z, may be: those with the fewest letters more first."""
    yield from sorted(
        (word for word in _by_skeleton().get(_skeleton(letters), ()) if _is_within(letters, _signed(word))), key=_length
    )


def _with_capital(text: str, before: str) -> str:
    line = before.rstrip()
    return text[:1].upper() + text[1:] if not line or line.endswith(_SENTENCE_ENDS) else text


def _is_within(letters: str, word: str) -> bool:
    """Return whether `word`, with the same skeleton, has each run of equal letters at least as long."""
    runs = zip(groupby(letters), groupby(word), strict=True)
    return all(len(list(signed)) <= len(list(written)) for (_, signed), (_, written) in runs)


def _signed(word: str) -> str:
    """Return the letters of a word of the list."""
    return word.replace("'", "").lower()


def _length(word: str) -> int:
    return len(_signed(word))


def _skeleton(letters: str) -> str:
    """Return the letters with each run of equal ones as one."""
    return _AGAIN.sub(r"\1", letters)


@cache
def _by_skeleton() -> dict[str, list[str]]:
    words = defaultdict(list)
    for word in read_words("english"):
        words[_skeleton(_signed(word))].append(word)
    return dict(words)
