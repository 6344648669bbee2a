from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.signed_text import SpellingError
from scaleglove.spelling import Piece
from scaleglove.spelling.korean import Korean
from scaleglove.vocabulary import Vocabulary, load_vocabulary

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


def test_without_a_list_the_rules_decide() -> None:
    signed = KOREAN.labels("학교")
    assert KOREAN.compose(signed, "") == "학교"
    assert Korean(load_vocabulary("korean"), lexicon=False).compose(signed, "") == "하꾜"
