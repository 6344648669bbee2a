from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose, syllabifications
from scaleglove.letters import LETTERS

SYLLABLES = st.integers(0xAC00, 0xD7A3).map(chr)
TEXTS = st.text(st.one_of(SYLLABLES, st.sampled_from([*LETTERS, " "])), max_size=12).map(str.strip)


@given(TEXTS)
def test_composing_and_spelling_again_gives_the_same_letters(text: str) -> None:
    spelled = letters(text)
    assert letters(compose(spelled)) == spelled


@given(st.lists(st.sampled_from(LETTERS), max_size=12))
def test_any_row_of_letters_can_be_read(row: list[str]) -> None:
    assert letters(compose(row)) == row


@given(st.text(SYLLABLES, min_size=1, max_size=4))
def test_every_word_is_among_the_ways_to_read_its_letters(word: str) -> None:
    spelled = "".join(letters(word))
    ways = list(syllabifications(spelled))
    assert word in ways
    assert len(set(ways)) == len(ways)
    assert all("".join(letters(way)) == spelled for way in ways)


def test_a_word_may_be_of_any_length() -> None:
    assert compose("ㅎㅏㄴ" * 5000) == "한" * 5000


COMMON = (
    "안녕하세요 감사합니다 괜찮아요 있어요 했습니다 없어 값이 닭을 꽃 왜 의사 아빠 까 않았다 앉아 쌌다",
    "뷁 쥐었어 앎만 먹었어요 토끼 코끼리 또 뭐예요 좋아해요 ㅋㅋㅋ ㅠㅠ",
)


@pytest.mark.parametrize("text", " ".join(COMMON).split())
def test_common_words_are_read_as_they_are_written(text: str) -> None:
    assert compose(letters(text)) == text


def test_words_stay_apart() -> None:
    assert compose(letters("밥 먹어요")) == "밥 먹어요"
    assert compose([]) == ""


@pytest.mark.parametrize(("text", "read"), [("학교", "하꾜"), ("읽고", "일꼬"), ("옷소매", "오쏘매")])
def test_what_rules_cannot_know_is_the_second_way(text: str, read: str) -> None:
    assert list(syllabifications("".join(letters(text))))[:2] == [read, text]


@given(st.integers(1, 8))
def test_vowels_move_finals_on(count: int) -> None:
    """Typed letter by letter, a consonant ends the syllable until a vowel takes it away."""
    word = "ㄱㅏ" + "ㄴㅏ" * count
    for end in range(1, len(word) + 1):
        syllables = compose(list(word[:end]))
        assert len(syllables) == (end + 1) // 2 if end % 2 == 0 else len(syllables) in {(end + 1) // 2, end // 2 or 1}


def test_only_the_letters_of_fingerspelling_are_read() -> None:
    with pytest.raises(ValueError, match="'ㅐ' is not one of the 24 letters"):
        compose(["ㄱ", "ㅐ"])
    with pytest.raises(ValueError, match="'a' is not one"):
        list(syllabifications("a"))
