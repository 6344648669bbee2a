"""Hangul text to the 24 letters in signing order."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.hangul.spelling import letters
from scaleglove.letters import LETTERS
from scaleglove.signed_text import REST, SpellingError

syllables = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("안녕", "ㅇㅏㄴㄴㅕㅇ"),
        ("가", "ㄱㅏ"),
        ("까", "ㄱㄱㅏ"),
        ("따빠싸짜", "ㄷㄷㅏㅂㅂㅏㅅㅅㅏㅈㅈㅏ"),
        ("애얘에예", "ㅇㅏㅣㅇㅑㅣㅇㅓㅣㅇㅕㅣ"),
        ("와왜외", "ㅇㅗㅏㅇㅗㅏㅣㅇㅗㅣ"),
        ("워웨위의", "ㅇㅜㅓㅇㅜㅓㅣㅇㅜㅣㅇㅡㅣ"),
        ("넋앉않", "ㄴㅓㄱㅅㅇㅏㄴㅈㅇㅏㄴㅎ"),
        ("닭삶넓", "ㄷㅏㄹㄱㅅㅏㄹㅁㄴㅓㄹㅂ"),
        ("곬핥읊잃", "ㄱㅗㄹㅅㅎㅏㄹㅌㅇㅡㄹㅍㅇㅣㄹㅎ"),
        ("값있밖", "ㄱㅏㅂㅅㅇㅣㅅㅅㅂㅏㄱㄱ"),
        ("ㄳㅙ", "ㄱㅅㅗㅏㅣ"),
        ("", ""),
    ],
)
def test_spells_by_the_usual_rules(text: str, signed: str) -> None:
    assert letters(text) == list(signed)


def test_every_single_letter_is_itself() -> None:
    assert letters("".join(LETTERS)) == list(LETTERS)


def test_a_run_of_white_space_is_one_rest() -> None:
    assert letters("나  \n는") == ["ㄴ", "ㅏ", REST, "ㄴ", "ㅡ", "ㄴ"]


@given(st.text(syllables))
def test_every_syllable_can_be_spelled_whole_or_decomposed(text: str) -> None:
    signed = letters(text)
    assert set(signed) <= set(LETTERS)
    assert len(signed) >= 2 * len(text)
    assert letters(unicodedata.normalize("NFD", text)) == signed


@pytest.mark.parametrize(("text", "named"), [("안a", "a"), ("1", "1"), ("가!", "!"), ("ㆍ", "ㆍ"), ("é", "é")])
def test_names_what_cannot_be_spelled(text: str, named: str) -> None:
    with pytest.raises(SpellingError, match=f"character {len(text)} of the text, '{named}'"):
        letters(text)
