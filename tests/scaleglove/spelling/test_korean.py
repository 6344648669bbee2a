from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose, syllabifications
from scaleglove.letters import LETTERS
from scaleglove.signed_text import SpellingError
from scaleglove.spelling import Piece
from scaleglove.spelling.korean import Korean, known_words, read_word
from scaleglove.vocabulary import Vocabulary, load_vocabulary

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
    for word in sorted(known_words()):
        assert len(list(syllabifications("".join(letters(word))))) > 1, word


KOREAN = Korean(load_vocabulary("korean"))


@given(st.lists(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1), max_size=3))
def test_a_text_that_is_spelled_and_composed_has_the_same_letters(words: list[str]) -> None:
    for word in words:
        signed = KOREAN.labels(word)
        pieces = KOREAN.finish(signed, "")
        assert "".join(piece.text for piece in pieces) == KOREAN.compose(signed, "")
        assert [label for piece in pieces for label in piece.labels] == signed


def test_another_label_is_a_word() -> None:
    labels = [{"label": letter} for letter in "ㄱㅏ"] + [{"label": "hello", "display": "안녕하세요"}]
    own = Korean(Vocabulary.model_validate({"name": "own", "language": "korean", "labels": labels}))
    assert [own.is_word(label) for label in ("ㄱ", "hello")] == [False, True]
    assert own.compose(["hello"], "") == "안녕하세요"
    assert own.finish(["hello"], "") == [Piece("안녕하세요", ("hello",))]
    with pytest.raises(SpellingError, match="the letter ㄴ, which the vocabulary lacks"):
        own.labels("가나")
