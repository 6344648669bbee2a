"""Hangul text as the 24 letters of Korean fingerspelling, in the order they are signed. Pure.

The 24 letters spell all of Hangul: double consonants, compound vowels and final clusters are spelled as their parts.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from scaleglove.letters import LETTERS
from scaleglove.signed_text import REST, SpellingError

COMPOUNDS: Final[dict[str, str]] = {
    "ㄲ": "ㄱㄱ",
    "ㄸ": "ㄷㄷ",
    "ㅃ": "ㅂㅂ",
    "ㅆ": "ㅅㅅ",
    "ㅉ": "ㅈㅈ",
    "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ",
    "ㄶ": "ㄴㅎ",
    "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ",
    "ㅄ": "ㅂㅅ",
    "ㅐ": "ㅏㅣ",
    "ㅒ": "ㅑㅣ",
    "ㅔ": "ㅓㅣ",
    "ㅖ": "ㅕㅣ",
    "ㅘ": "ㅗㅏ",
    "ㅙ": "ㅗㅏㅣ",
    "ㅚ": "ㅗㅣ",
    "ㅝ": "ㅜㅓ",
    "ㅞ": "ㅜㅓㅣ",
    "ㅟ": "ㅜㅣ",
    "ㅢ": "ㅡㅣ",
}
"""Letters of Hangul that fingerspelling lacks, with the letters that spell them."""

# The modern conjoining letters, which a decomposed syllable consists of, in Unicode's order.
LEADING: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TRAILING: Final = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"

_PLAIN: Final[dict[str, str]] = {
    chr(first + index): letter
    for first, letters_of_block in ((0x1100, LEADING), (0x1161, VOWELS), (0x11A8, TRAILING))
    for index, letter in enumerate(letters_of_block)
}
"""Conjoining letter to compatibility letter."""


def letters(text: str) -> list[str]:
    """Spell `text` in signing order: letters of `scaleglove.letters.LETTERS`, and `REST` for each run of white space.

    Syllables, whole or decomposed, and single letters may be mixed. `안녕` is `ㅇㅏㄴㄴㅕㅇ`, `꽈` is `ㄱㄱㅗㅏ`.

    Raises:
        SpellingError: a character is neither Hangul nor white space, or an obsolete Hangul letter.
    """
    signed: list[str] = []
    for position, character in enumerate(text, start=1):
        if character.isspace():
            if signed[-1:] != [REST]:
                signed.append(REST)
            continue
        signed += _spell(character, position)
    return signed


def _spell(character: str, position: int) -> str:
    signed = _parts(character)
    if not all(single in LETTERS for single in signed):
        raise SpellingError(
            f"character {position} of the text, {character!r}, cannot be spelled: use Hangul and spaces only"
        )
    return signed


@lru_cache(maxsize=2048)
def _parts(character: str) -> str:
    """Return the single letters of a character, as far as it has any."""
    parts = (_PLAIN.get(part, part) for part in unicodedata.normalize("NFD", character))
    return "".join(COMPOUNDS.get(letter, letter) for letter in parts)
