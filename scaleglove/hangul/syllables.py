"""Composition of fingerspelled letters to Hangul text. Pure; the inverse is `scaleglove.hangul.spelling.letters`.

The 24 letters spell all of Hangul: two equal consonants are a double one, two or three vowels a compound one. Letters
are composed by the usual rules of typing:

- vowels join as long as they form a compound vowel (ㅗㅏㅣ is ㅙ);
- the last consonant before a vowel is the initial of its syllable, or the last two where they are a double one; those
  before are the final of the previous syllable, two letters where they are a final cluster (ㅇㅣㅅㅅㅇㅓ is 있어);
- of three equal consonants the first two are the final (ㅎㅏㅣㅅㅅㅅㅡㅂ is 했습);
- letters that fit into no syllable stay single (ㅋㅋㅋ).

Two equal consonants between vowels are thus a double one (ㅎㅏㄱㄱㅛ is 하꾜). Only a dictionary can decide that they
are a final and an initial instead (학교): `syllabifications` gives every reading to choose from.

Libraries for composing take the letters of a keyboard, which has double consonants and half of the compound vowels as
keys; there is none for this alphabet. The arithmetic of a syllable is theirs: The Unicode Standard, section 3.12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scaleglove.hangul.spelling import COMPOUNDS, LEADING, TRAILING, VOWELS
from scaleglove.signed_text import REST

_WHOLE: Final = {parts: whole for whole, parts in COMPOUNDS.items()}
_SINGLE_CONSONANTS: Final = "".join(letter for letter in LEADING if letter not in COMPOUNDS)
_SINGLE_VOWELS: Final = "".join(letter for letter in VOWELS if letter not in COMPOUNDS)
_RUNS: Final = re.compile(f"([{_SINGLE_CONSONANTS}]*)([{_SINGLE_VOWELS}]*)")
_VOWEL: Final = re.compile("|".join(sorted((COMPOUNDS.get(vowel, vowel) for vowel in VOWELS), key=len, reverse=True)))
_INITIALS: Final = frozenset(LEADING)
_FINALS: Final = frozenset(TRAILING)
_FIRST_SYLLABLE: Final = 0xAC00


def compose(letters: Sequence[str]) -> str:
    """Compose letters of `scaleglove.letters.LETTERS`, and REST for a space, to text by the rules above.

    Raises:
        ValueError: another character is among them.
    """
    return REST.join(next(syllabifications(word)) for word in "".join(letters).split(REST))


def syllabifications(word: str) -> Iterator[str]:
    """Yield every reading of one word's letters.

    The reading of the rules is first; then come those with a final and an initial in place of a double consonant, or
    the reverse.

    Raises:
        ValueError: a character other than the 24 letters is among them.
    """
    strange = [letter for letter in word if letter not in _SINGLE_CONSONANTS + _SINGLE_VOWELS]
    if strange:
        raise ValueError(f"{strange[0]!r} is not one of the 24 letters")
    runs = [(consonants, _VOWEL.findall(vowels)) for consonants, vowels in _RUNS.findall(word) if consonants or vowels]
    yield from _read(runs)


def _read(runs: Sequence[tuple[str, list[str]]]) -> Iterator[str]:
    todo = [(0, "", "")]  # runs read so far, their text, and the syllable after it that may still get a final
    while todo:
        count, written, open_syllable = todo.pop()
        if count == len(runs):
            yield written + open_syllable
            continue
        readings = [(count + 1, written + text, opened) for text, opened in _read_run(runs[count], open_syllable)]
        todo += reversed(readings)


def _read_run(run: tuple[str, list[str]], open_syllable: str) -> Iterator[tuple[str, str]]:
    """Yield each reading of consonants and vowels after a syllable that may still get a final (empty: none is open).

    A reading is the text that is settled, and the syllable that is then open.
    """
    consonants, vowels = run
    for final, single, initial in _splits(consonants, bool(open_syllable), bool(vowels)):
        before = _closed(open_syllable, final) + single
        first = _open(initial, vowels[0]) if vowels else ""
        rest = "".join(_joined(vowel) for vowel in vowels[1:])
        if rest or not initial:
            yield before + first + rest, ""
        else:
            yield before, first


def _splits(consonants: str, after_syllable: bool, before_vowel: bool) -> Iterator[tuple[str, str, str]]:
    """Yield consonants split into the previous syllable's final, single letters, and the next syllable's initial."""
    initials = [consonants[-1:]] if before_vowel else [""]
    if before_vowel and _WHOLE.get(consonants[-2:]) in _INITIALS:
        initials.insert(len(consonants) > 2 and consonants[-3] == consonants[-1] and after_syllable, consonants[-2:])
    for rank, initial in enumerate(initials):
        rest = consonants[: len(consonants) - len(initial)]
        final = _longest_final(rest) if after_syllable else ""
        if rank == 0 or final == rest:  # a second split must leave no letter single
            yield final, rest[len(final) :], initial


def _longest_final(consonants: str) -> str:
    return next((consonants[:size] for size in (2, 1) if _joined(consonants[:size]) in _FINALS), "")


def _joined(letters: str) -> str:
    return _WHOLE.get(letters, letters)


def _open(initial: str, vowel: str) -> str:
    """Return the syllable without a final; without an initial, the vowel by itself."""
    if not initial:
        return _joined(vowel)
    index = LEADING.index(_joined(initial)) * len(VOWELS) + VOWELS.index(_joined(vowel))
    return chr(_FIRST_SYLLABLE + index * (len(TRAILING) + 1))


def _closed(syllable: str, final: str) -> str:
    return chr(ord(syllable) + 1 + TRAILING.index(_joined(final))) if final else syllable
