from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose
from scaleglove.language.endings import endings_of
from scaleglove.language.word_list import word_list
from scaleglove.letters import LETTERS
from scaleglove.spelling.korean_reading import GrowingReading, KoreanReader

READER = KoreanReader.of_package()
WORDS = (
    "학교 학교에 대학교 먹고 읽고 받다 축구 약국 아까 토끼 코끼리 아빠 바빠요 날씨 진짜 어깨 가짜 옷소매 학교에서는",
    "없습니다 웃습니다 값싸다 갖지 맞지 잊지 듣던 걷던 받더니 밝게 닭고기 집보다 합병 악기 미역국 아낍니다 박근혜",
)
SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


def spelled(text: str) -> str:
    return "".join(letters(text))


@pytest.mark.parametrize("word", " ".join(WORDS).split())
def test_words_are_read_as_they_are_written(word: str) -> None:
    assert READER.read(spelled(word)) == word


def test_frequent_words_come_out_as_themselves() -> None:
    """All of the 5,000 most frequent ones: docs/reports/words.md."""
    frequent = list(word_list("korean"))[:5000:9]
    wrong = [word for word in frequent if READER.read(spelled(word)) != word]
    assert len(wrong) < 0.005 * len(frequent), wrong


def test_endings_decide_where_equal_consonants_meet() -> None:
    reader = KoreanReader({"국": -9.0, "쎄": -9.0}, endings_of("korean"))
    assert reader.read(spelled("국까지")) == "국까지"
    assert reader.read(spelled("국고")) == "국고"


def test_an_ending_that_begins_with_a_final_closes_the_syllable() -> None:
    reader = KoreanReader({"아끼": -9.0}, endings_of("korean"))
    assert reader.read(spelled("아낍니다")) == "아낍니다"
    assert reader.read(spelled("아낀다고")) == "아낀다고"


@given(st.lists(st.sampled_from(LETTERS), max_size=64))
def test_letters_are_never_changed(row: list[str]) -> None:
    assert letters(READER.read("".join(row))) == row


@given(st.lists(st.text(st.sampled_from(LETTERS), max_size=12), max_size=6))
def test_a_word_that_grows_or_changes_is_read_as_by_itself(words: list[str]) -> None:
    growing = GrowingReading(READER)
    for word in words:
        for end in range(len(word) + 1):
            assert growing.read(word[:end]) == READER.read(word[:end])


@given(st.text(SYLLABLES, min_size=1, max_size=6))
def test_no_letter_is_left_single_where_a_reading_leaves_none(word: str) -> None:
    read = READER.read(spelled(word))
    assert not any(letter in LETTERS or not "가" <= letter <= "힣" for letter in read)


@pytest.mark.parametrize("row", ["ㅋㅋㅋ", "ㅠㅠ", "ㄱ", ""])
def test_letters_of_no_syllable_stand_alone(row: str) -> None:
    assert READER.read(row) == compose(row) == row


def test_only_the_letters_of_fingerspelling_are_read() -> None:
    with pytest.raises(ValueError, match="'a' is not one of the 24 letters"):
        READER.read("ㄱㅏa")
