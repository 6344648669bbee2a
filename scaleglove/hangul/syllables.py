"""Composition of fingerspelled letters to Hangul text. Pure; the inverse is `scaleglove.hangul.spelling.letters`.

The 24 letters spell all of Hangul: two equal consonants are a double one, two or three vowels a compound one. Letters
are composed by the usual rules of typing:

- vowels join as long as they form a compound vowel (ㅗㅏㅣ is ㅙ);
- the last consonant before a vowel is the initial of its syllable, or the last two where they are a double one; those
  before are the final of the previous syllable, two letters where they are a final cluster (ㅇㅣㅅㅅㅇㅓ is 있어);
- of three equal consonants the first two are the final (ㅎㅏㅣㅅㅅㅅㅡㅂ is 했습);
- letters that fit into no syllable stay single (ㅋㅋㅋ), but only where consonants cannot be divided so that none does
  (ㅁㅏㄷㄷㄷㅏㄹ is 맏딸).

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

_WHOLE: Final[dict[str, str]] = {parts: whole for whole, parts in COMPOUNDS.items()}
_SINGLE_CONSONANTS: Final = "".join(letter for letter in LEADING if letter not in COMPOUNDS)
_SINGLE_VOWELS: Final = "".join(letter for letter in VOWELS if letter not in COMPOUNDS)
_LETTERS: Final = frozenset(_SINGLE_CONSONANTS + _SINGLE_VOWELS)
_RUNS: Final = re.compile(f"([{_SINGLE_CONSONANTS}]*)([{_SINGLE_VOWELS}]*)")
_SYLLABLE: Final = re.compile(
    f"([{_SINGLE_CONSONANTS}]{{1,2}})([{_SINGLE_VOWELS}]{{1,3}})([{_SINGLE_CONSONANTS}]{{0,2}})"
)
_VOWEL: Final = re.compile("|".join(sorted((COMPOUNDS.get(vowel, vowel) for vowel in VOWELS), key=len, reverse=True)))
_INITIALS: Final = frozenset(LEADING)
_VOWELS: Final = frozenset(VOWELS)
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
    check_letters(word)
    runs = [(consonants, _VOWEL.findall(vowels)) for consonants, vowels in _RUNS.findall(word) if consonants or vowels]
    yield from _read(runs)


def check_letters(word: str) -> None:
    """Check that a word has no character but the 24 letters.

    Raises:
        ValueError: it has another one.
    """
    strange = [letter for letter in word if letter not in _LETTERS]
    if strange:
        raise ValueError(f"{strange[0]!r} is not one of the 24 letters")


def syllable_of(letters: str) -> str | None:
    """Return the syllable that has exactly these letters; None: there is none."""
    found = _SYLLABLE.fullmatch(letters)
    if found is None:
        return None
    initial, vowel, final = (joined(found[group]) for group in (1, 2, 3))
    if initial not in _INITIALS or vowel not in _VOWELS or (final and final not in _FINALS):
        return None
    return close(_open(initial, vowel), final)


def is_syllable(character: str) -> bool:
    """Tell whether a character is a syllable of Hangul."""
    return "가" <= character <= "힣"


def final_of(syllable: str) -> str:
    """Return the final of a syllable as one letter of Hangul; empty: it has none."""
    place = (ord(syllable) - _FIRST_SYLLABLE) % (len(TRAILING) + 1)
    return TRAILING[place - 1] if place else ""


def close(syllable: str, final: str) -> str:
    """Return a syllable without a final with this one, which may be empty."""
    return chr(ord(syllable) + 1 + TRAILING.index(joined(final))) if final else syllable


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
        before = close(open_syllable, final) + single
        first = _open(initial, vowels[0]) if vowels else ""
        rest = "".join(joined(vowel) for vowel in vowels[1:])
        if rest or not initial:
            yield before + first + rest, ""
        else:
            yield before, first


def _splits(consonants: str, after_syllable: bool, before_vowel: bool) -> Iterator[tuple[str, str, str]]:
    """Yield consonants split into the previous syllable's final, single letters, and the next syllable's initial."""
    initials = [consonants[-1:]] if before_vowel else [""]
    if before_vowel and _WHOLE.get(consonants[-2:]) in _INITIALS:
        initials.insert(len(consonants) > 2 and consonants[-3] == consonants[-1] and after_syllable, consonants[-2:])
    splits = []
    for initial in initials:
        rest = consonants[: len(consonants) - len(initial)]
        final = _longest_final(rest) if after_syllable else ""
        splits.append((final, rest[len(final) :], initial))
    whole = [split for split in splits if not split[1]]
    yield from whole or splits[:1]


def _longest_final(consonants: str) -> str:
    return next((consonants[:size] for size in (2, 1) if joined(consonants[:size]) in _FINALS), "")


def joined(letters: str) -> str:
    """Return the letter of Hangul that these letters spell together; where there is none, the letters."""
    return _WHOLE.get(letters, letters)


def _open(initial: str, vowel: str) -> str:
    """Return the syllable without a final; without an initial, the vowel by itself."""
    if not initial:
        return joined(vowel)
    index = LEADING.index(joined(initial)) * len(VOWELS) + VOWELS.index(joined(vowel))
    return chr(_FIRST_SYLLABLE + index * (len(TRAILING) + 1))
