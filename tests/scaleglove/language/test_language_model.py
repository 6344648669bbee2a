from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.hangul.spelling import letters
from scaleglove.language.endings import FOLLOWED, endings_of
from scaleglove.language.language_model import LanguageModel, language_model
from scaleglove.language.word_list import word_list

KOREAN = LanguageModel("korean", {"학교": -3.0, "가": -2.0, "악기": -4.0, "아끼": -4.0}, endings_of("korean"))


def listed(model: LanguageModel, text: str) -> float:
    return model.log_listed(model.indices(letters(text)))


def test_a_word_is_an_entry_and_endings() -> None:
    shares = {ending.text: ending.log_share for ending in endings_of("korean")}
    assert listed(KOREAN, "학교에서는") == pytest.approx(
        listed(KOREAN, "학교") + 2 * math.log(FOLLOWED) + shares["에서"] + shares["는"], abs=1e-4
    )
    assert listed(KOREAN, "학교를") > -math.inf
    assert listed(KOREAN, "간다") > -math.inf


@pytest.mark.parametrize("text", ["학교을", "고학", "하", "는"])
def test_a_word_without_an_entry_or_with_a_wrong_ending_is_in_no_list(text: str) -> None:
    assert listed(KOREAN, text) == -math.inf


def test_entries_with_the_same_letters_are_one() -> None:
    assert (
        listed(KOREAN, "악기")
        == listed(KOREAN, "아끼")
        > listed(LanguageModel("korean", {"악기": -4.0, "가": -2.0}), "악기") - 2
    )


@given(st.lists(st.integers(0, 23), min_size=1, max_size=12).map(tuple))
def test_every_row_of_letters_is_possible(row: tuple[int, ...]) -> None:
    assert -math.inf < KOREAN.open.log_probability(row) < 0


def test_there_is_a_model_of_each_language_with_a_list() -> None:
    english = language_model("english")
    assert english is not None
    assert language_model("english") is english
    assert english.log_listed(english.indices("dont")) > english.log_listed(english.indices("zebra")) > -math.inf
    assert english.log_listed(english.indices("zzxy")) == -math.inf
    assert language_model("none") is None
    assert len(english.letters) == 26


def test_the_letter_model_of_the_package_prefers_words_of_the_language() -> None:
    korean = LanguageModel("korean", word_list("korean"))
    name, noise = (korean.open.log_probability(korean.indices(letters(text))) for text in ("김민준", "쀍뿱"))
    assert name > noise + 20
