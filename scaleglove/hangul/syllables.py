"""Letters of finger-spelling become Hangul text. Pure; the other way round is `scaleglove.hangul.spelling.letters`.

The 24 letters stand for all of Hangul: two equal consonants are a double one, two or three vowels a compound one. The
usual rules of typing say how a row of letters is read:

- vowels join as far as a compound vowel goes (ㅗㅏㅣ is ㅙ);
- the last consonant before a vowel begins its syllable, or the last two where they are a double one; what stands before
  them ends the syllable before, two letters where they are a final cluster (ㅇㅣㅅㅅㅇㅓ is 있어);
- of three equal consonants the first two are the end (ㅎㅏㅣㅅㅅㅅㅡㅂ is 했습);
- what cannot stand in a syllable stands alone (ㅋㅋㅋ).

Two equal consonants between vowels are thus a double one (ㅎㅏㄱㄱㅛ is 하꾜); that they may also be an end and a
beginning (학교) is the one thing that rules cannot know. `groupings` gives all ways, for whoever knows words.

Libraries that compose take the letters of a keyboard, on which double consonants and half of the compound vowels are
keys of their own; there is none for this alphabet. What they share is the arithmetic of a syllable: The Unicode
Standard, section 3.12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from scaleglove.hangul.spelling import (
    COMPOUNDS,
    LEADING,
    REST,
    TRAILING,
    VOWELS,
)

_WHOLE: Final = {parts: whole for whole, parts in COMPOUNDS.items()}
_SINGLE_CONSONANTS: Final = "".join(letter for letter in LEADING if letter not in COMPOUNDS)
_SINGLE_VOWELS: Final = "".join(letter for letter in VOWELS if letter not in COMPOUNDS)
_RUNS: Final = re.compile(f"([{_SINGLE_CONSONANTS}]*)([{_SINGLE_VOWELS}]*)")
_VOWEL: Final = re.compile("|".join(sorted((COMPOUNDS.get(vowel, vowel) for vowel in VOWELS), key=len, reverse=True)))
_BEGINS: Final = frozenset(LEADING)
_ENDS: Final = frozenset(TRAILING)
_FIRST_SYLLABLE: Final = 0xAC00


def compose(letters: Sequence[str]) -> str:
    """The text that letters of `models.runtime.contract.LETTERS`, and REST for a space, spell by the rules above.

    Raises:
        ValueError: something else is among them.
    """
    return REST.join(next(groupings(word)) for word in "".join(letters).split(REST))


def groupings(word: str) -> Iterator[str]:
    """Every way to read the letters of one word: first that of the rules, then those in which an end and a beginning
    stand where the rules see a double consonant, or the other way round.

    Raises:
        ValueError: something else than the 24 letters is among them.
    """
    strange = [letter for letter in word if letter not in _SINGLE_CONSONANTS + _SINGLE_VOWELS]
    if strange:
        raise ValueError(f"{strange[0]!r} is none of the 24 letters")
    runs = [(consonants, _VOWEL.findall(vowels)) for consonants, vowels in _RUNS.findall(word) if consonants or vowels]
    yield from _read(runs)


def _read(runs: Sequence[tuple[str, list[str]]]) -> Iterator[str]:
    todo = [(0, "", "")]  # runs read so far, what they are, and a syllable after it that may still get an end
    while todo:
        place, written, open_syllable = todo.pop()
        if place == len(runs):
            yield written + open_syllable
            continue
        ways = [(place + 1, written + text, opened) for text, opened in _read_run(runs[place], open_syllable)]
        todo += reversed(ways)


def _read_run(run: tuple[str, list[str]], open_syllable: str) -> Iterator[tuple[str, str]]:
    """Each way to read consonants and vowels after a consonant and a vowel that may still get an end (empty: there is
    none): what is settled, and the syllable that is then open."""
    consonants, vowels = run
    for end, alone, beginning in _splits(consonants, bool(open_syllable), bool(vowels)):
        before = _closed(open_syllable, end) + alone
        first = _open(beginning, vowels[0]) if vowels else ""
        lone = "".join(_joined(vowel) for vowel in vowels[1:])
        if lone or not beginning:
            yield before + first + lone, ""
        else:
            yield before, first


def _splits(consonants: str, after_syllable: bool, before_vowel: bool) -> Iterator[tuple[str, str, str]]:
    """Consonants as the end of the syllable before, letters that stand alone, and the beginning of the next one."""
    beginnings = [consonants[-1:]] if before_vowel else [""]
    if before_vowel and _WHOLE.get(consonants[-2:]) in _BEGINS:
        beginnings.insert(len(consonants) > 2 and consonants[-3] == consonants[-1] and after_syllable, consonants[-2:])
    for rank, beginning in enumerate(beginnings):
        rest = consonants[: len(consonants) - len(beginning)]
        end = _longest_end(rest) if after_syllable else ""
        if rank == 0 or end == rest:  # a second way is none where it leaves a letter alone
            yield end, rest[len(end) :], beginning


def _longest_end(consonants: str) -> str:
    return next((consonants[:size] for size in (2, 1) if _joined(consonants[:size]) in _ENDS), "")


def _joined(letters: str) -> str:
    return _WHOLE.get(letters, letters)


def _open(beginning: str, vowel: str) -> str:
    """A syllable without an end; the vowel alone, where it has no beginning."""
    if not beginning:
        return _joined(vowel)
    place = LEADING.index(_joined(beginning)) * len(VOWELS) + VOWELS.index(_joined(vowel))
    return chr(_FIRST_SYLLABLE + place * (len(TRAILING) + 1))


def _closed(syllable: str, end: str) -> str:
    return chr(ord(syllable) + 1 + TRAILING.index(_joined(end))) if end else syllable
