from __future__ import annotations

from pathlib import Path

import pytest
from wordfreq import get_frequency_list

import scaleglove.language
from benchmarks.words.word_lists import as_file, words_of

SLICE = 300
FOLDER = Path(scaleglove.language.__file__).parent


@pytest.mark.parametrize(("language", "code"), [("korean", "ko"), ("english", "en")])
def test_the_files_are_what_the_generator_makes(language: str, code: str) -> None:
    made = as_file(language, enumerate(get_frequency_list(code)), SLICE).splitlines()
    there = (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    assert made[:-1] == there[: len(made) - 1]
    assert there[len(made) - 1].startswith(made[-1])


def test_words_that_letters_spell_are_kept() -> None:
    buckets = [(0, ["the", "i", "b", "don't", "c3po", "é", "가"]), (1, ["a"])]
    assert list(words_of("english", buckets)) == [(0, "the"), (0, "i"), (0, "don't"), (1, "a")]
    assert list(words_of("korean", [(7, ["학교", "ㅋㅋ", "00", "the"])])) == [(7, "학교")]


def test_a_file_has_a_line_for_each_frequency() -> None:
    text = as_file("korean", [(1, ["이"]), (2, ["the"]), (3, ["는", "을"])])
    assert text.splitlines()[-2:] == ["1 이", "3 는 을"]
