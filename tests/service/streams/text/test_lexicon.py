from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose, syllabifications
from scaleglove.letters import LETTERS
from service.streams.text.lexicon import _words, read_word

KNOWN = "학교 학교에 대학교 먹고 읽고 받다 축구 약국 아까 토끼 코끼리 아빠 바빠요 날씨 진짜 어깨 가짜 옷소매"


@pytest.mark.parametrize("word", KNOWN.split())
def test_words_are_read_as_they_are_written(word: str) -> None:
    assert read_word("".join(letters(word))) == word


def test_an_unknown_word_is_read_by_the_rules() -> None:
    assert read_word("ㄷㅗㄱㄱㅠ") == compose("ㄷㅗㄱㄱㅠ") == "도뀨"
    assert read_word("") == ""


@given(st.lists(st.sampled_from(LETTERS), max_size=20))
def test_letters_are_never_changed(row: list[str]) -> None:
    assert letters(read_word("".join(row))) == row


def test_every_word_of_the_list_has_two_readings() -> None:
    """Else it would decide nothing."""
    for word in sorted(_words()):
        assert len(list(syllabifications("".join(letters(word))))) > 1, word
