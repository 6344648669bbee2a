from __future__ import annotations

import math
from pathlib import Path

import pytest

import scaleglove.language
from scaleglove.hangul.spelling import letters
from scaleglove.language.word_list import LANGUAGES, word_list

MOST_KB = 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_in_the_order_of_their_frequency(language: str) -> None:
    words = word_list(language)
    assert len(words) > 20_000
    logarithms = list(words.values())
    assert logarithms == sorted(logarithms, reverse=True)
    assert 0.5 < sum(map(math.exp, logarithms)) <= 1


def test_letters_spell_every_word() -> None:
    assert all(letters(word) for word in word_list("korean"))
    assert all(set(word) <= set("abcdefghijklmnopqrstuvwxyz'") for word in word_list("english"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_is_small_and_names_its_source(language: str) -> None:
    path = Path(scaleglove.language.__file__).with_name(f"{language}.txt")
    assert path.stat().st_size < 1000 * MOST_KB
    assert "CC BY-SA 4.0" in path.read_text(encoding="utf-8").splitlines()[0]


def test_a_language_without_a_list_has_none() -> None:
    with pytest.raises(FileNotFoundError):
        word_list("none")
