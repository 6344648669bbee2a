from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scaleglove.hangul.spelling import letters
from scaleglove.language.language_model import language_model
from scaleglove.letters import LETTERS
from scaleglove.vocabulary import Vocabulary, load_vocabulary
from service.streams.words.options import DEFAULT, OF_KNOWN_HAND, WordOptions
from service.streams.words.signed_letter import SignedLetter
from service.streams.words.word_decoder import MAX_HOLDS, DecodedWord, WordDecoder

KOREAN = load_vocabulary("korean")
LANGUAGE = language_model("korean")

ROWS = st.lists(st.integers(0, 23), min_size=1, max_size=10)


def certain(label: int) -> NDArray[np.float64]:
    """Return scores of a hold that is one letter, and nothing else by far."""
    scores = np.full(25, -60.0)
    scores[label] = 0.0
    return scores


def hold(label: int, *others: int, written: bool = True) -> SignedLetter:
    """Return a hold of a letter for which others are about as likely."""
    scores = np.full(25, -20.0)
    scores[list(others)] = -1.0
    scores[label] = 0.0
    return SignedLetter(scores, label if written else None)


def row_of(text: str) -> list[int]:
    return [LETTERS.index(letter) for letter in letters(text)]


def decoded(holds: list[SignedLetter]) -> DecodedWord:
    decoder = WordDecoder(KOREAN, LANGUAGE)
    for each in holds:
        decoder.push(each)
    return decoder.result()


def spelled(text: str, **wrong: str) -> list[SignedLetter]:
    """Return the holds of a word, some of which look like another letter: `at_3="ㅏ"`."""
    holds = [hold(label) for label in row_of(text)]
    for place, letter in wrong.items():
        index = int(place.removeprefix("at_"))
        holds[index] = hold(LETTERS.index(letter), row_of(text)[index])
    return holds


def test_a_letter_that_was_read_wrong_is_put_right() -> None:
    found = decoded(spelled("학교에서", at_1="ㅓ"))
    assert found.labels == tuple(row_of("학교에서"))
    assert found.raw == tuple(row_of("헉교에서"))
    assert found.sources == tuple(range(10))
    assert found.is_changed
    assert found.in_list
    assert found.margin > 0


@pytest.mark.parametrize(("text", "missing"), [("사람", 2), ("컴퓨터", 3), ("합니다", 6)])
def test_a_letter_that_was_missed_is_put_in_and_has_no_source(text: str, missing: int) -> None:
    holds = spelled(text)
    del holds[missing]
    found = decoded(holds)
    assert found.labels == tuple(row_of(text))
    assert [source for source in found.sources if source is not None] == list(range(len(holds)))
    assert found.sources.count(None) == 1


def test_a_double_letter_that_was_read_once_has_one_source() -> None:
    holds = spelled("대학교")
    del holds[6]
    found = decoded(holds)
    assert found.labels == tuple(row_of("대학교"))
    assert found.sources == (0, 1, 2, 3, 4, 5, 5, 6)


def test_a_letter_that_was_read_twice_is_taken_out() -> None:
    holds = spelled("사람")
    found = decoded([*holds[:2], holds[1], *holds[2:]])
    assert found.labels == tuple(row_of("사람"))


def test_a_false_letter_is_taken_out() -> None:
    holds = spelled("안녕")
    found = decoded([*holds[:3], hold(LETTERS.index("ㅋ"), LETTERS.index("ㅌ")), *holds[3:]])
    assert found.labels == tuple(row_of("안녕"))
    assert 3 not in found.sources


def test_a_hold_that_was_not_written_may_be_a_letter() -> None:
    holds = spelled("사람")
    for is_letter in (False, True):
        holds[2] = replace(hold(row_of("사람")[2], written=False), is_letter=is_letter)
        found = decoded(holds)
        assert found.labels == tuple(row_of("사람"))
        assert found.sources == (0, 1, 2, 3, 4)
        assert found.raw == tuple(row_of("사람")[:2] + row_of("사람")[3:])


def test_a_letter_by_itself_stays_as_it_was_written() -> None:
    one = hold(LETTERS.index("ㄱ"), LETTERS.index("ㅣ"))
    assert not decoded([one]).is_changed
    assert decoded([one, hold(LETTERS.index("ㄱ"), LETTERS.index("ㅣ"))]).is_changed


@pytest.mark.parametrize("written", [False, True])
def test_a_hold_that_is_hardly_a_letter_is_left_out_where_the_word_is_likelier_without_it(written: bool) -> None:
    holds = spelled("학교에서")
    holds.insert(5, replace(hold(LETTERS.index("ㅋ"), LETTERS.index("ㅌ"), written=written), is_letter=False))
    found = decoded(holds)
    assert found.labels == tuple(row_of("학교에서"))
    assert 5 not in found.sources


@given(ROWS, st.lists(st.lists(st.floats(-30, 0), min_size=25, max_size=25), min_size=10, max_size=10))
@settings(max_examples=40)
def test_an_answer_is_of_what_was_pushed(row: list[int], scores: list[list[float]]) -> None:
    holds = [SignedLetter(np.array(each), label) for label, each in zip(row, scores, strict=False)]
    found = decoded(holds)
    assert found.raw == tuple(row)
    assert len(found.sources) == len(found.labels)
    read = [source for source in found.sources if source is not None]
    assert read == sorted(read)
    assert all(0 <= source < len(row) for source in read)
    assert found.is_changed or found.labels == tuple(row)


@given(ROWS, ROWS)
@settings(max_examples=40)
def test_what_was_pushed_and_popped_leaves_nothing(row: list[int], other: list[int]) -> None:
    decoder = WordDecoder(KOREAN, LANGUAGE)
    for label in row:
        decoder.push(hold(label, 3, 7))
    before = decoder.result()
    for label in other:
        decoder.push(hold(label, 5))
    for _ in other:
        decoder.pop()
    assert decoder.result() == before
    decoder.clear()
    assert len(decoder) == 0
    assert decoder.result().labels == ()


@given(ROWS)
@settings(max_examples=30)
def test_asking_for_the_word_changes_nothing(row: list[int]) -> None:
    asked = WordDecoder(KOREAN, LANGUAGE)
    for label in row:
        asked.push(hold(label, 4))
        asked.result()
    assert asked.result() == decoded([hold(label, 4) for label in row])


@given(ROWS)
def test_without_a_language_letters_come_out_as_they_were_written(row: list[int]) -> None:
    decoder = WordDecoder(KOREAN, None)
    for label in row:
        decoder.push(hold(label, 1, 2))
    found = decoder.result()
    assert found.labels == found.raw == tuple(row)
    assert found.sources == tuple(range(len(row)))


def test_what_does_not_lead_clearly_is_not_written() -> None:
    decoder = WordDecoder(KOREAN, LANGUAGE, WordOptions(change=1000.0))
    for each in spelled("학교에서", at_1="ㅓ"):
        decoder.push(each)
    found = decoder.result()
    assert found.labels == found.raw
    assert found.margin < 0


def test_a_word_is_bounded() -> None:
    decoder = WordDecoder(KOREAN, LANGUAGE)
    for place in range(MAX_HOLDS):
        decoder.push(hold(place % 24))
    assert decoder.is_full
    assert decoder.result().raw == tuple(place % 24 for place in range(MAX_HOLDS))
    with pytest.raises(ValueError, match="at most 128 holds"):
        decoder.push(hold(0))


def test_labels_are_found_by_their_letter_and_another_ends_the_word() -> None:
    own = Vocabulary.model_validate(
        {"name": "own", "language": "korean", "labels": [{"label": name} for name in ("hello", *reversed(LETTERS))]}
    )
    decoder = WordDecoder(own, LANGUAGE)
    for letter in letters("사람"):
        label = own.index(letter)
        scores = np.full(26, -20.0)
        scores[label] = 0.0
        decoder.push(SignedLetter(scores, label))
    assert [own.names[label] for label in decoder.result().labels] == letters("사람")
    with pytest.raises(ValueError, match="label 0 is no letter"):
        decoder.push(SignedLetter(np.zeros(26), 0))


def test_a_hold_without_scores_is_what_was_written() -> None:
    found = decoded([SignedLetter(np.full(25, np.nan), label) for label in row_of("사람")])
    assert found.labels == tuple(row_of("사람"))


@pytest.mark.parametrize(("options", "is_understood"), [(DEFAULT, True), (OF_KNOWN_HAND, False)])
def test_words_that_are_signed_without_a_rest_are_understood_of_a_hand_that_is_not_known(
    options: WordOptions, is_understood: bool
) -> None:
    """Of a known hand one word stays one: a name is not taken for several."""
    text = "사람생각"
    wrong = spelled(text, at_4="ㅁ", at_6="ㅂ")
    decoder = WordDecoder(KOREAN, LANGUAGE, options)
    for each in wrong:
        decoder.push(each)
    found = decoder.result()
    assert (found.in_list, list(found.labels) == row_of(text)) == (is_understood, is_understood)
    apart = WordDecoder(KOREAN, LANGUAGE, replace(options, space=math.inf))
    for each in wrong:
        apart.push(each)
    assert not apart.result().in_list
