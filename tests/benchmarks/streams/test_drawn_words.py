"""Words as they are signed: by their frequency, of the list and of none, with endings that fit."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.streams.drawn_words import DrawnWords, draw_ending
from scaleglove.hangul.syllables import final_of
from scaleglove.language.endings import endings_of


@pytest.fixture(scope="module")
def korean() -> DrawnWords:
    return DrawnWords("korean", offset=0)


@pytest.mark.parametrize("unlisted", [0.0, 1.0])
def test_words_are_of_the_list_or_of_none(korean: DrawnWords, unlisted: float) -> None:
    drawn = korean.draw(20, unlisted, np.random.default_rng(0))
    assert {word.in_list for word in drawn} == {unlisted == 0.0}
    for word in drawn:
        assert (korean.model.log_listed(word.labels) > -np.inf) == word.in_list


def test_the_same_draw_gives_the_same_words(korean: DrawnWords) -> None:
    one, same, other = (korean.draw(10, 0.15, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert one == same != other


@pytest.mark.parametrize("word", ["학교", "사람"])
def test_an_ending_fits_its_word(word: str) -> None:
    endings, rng = endings_of("korean"), np.random.default_rng(0)
    is_closed = bool(final_of(word[-1]))
    kinds = {ending.text: ending.after for ending in endings}
    for _ in range(30):
        ending = draw_ending(word, endings, rng).removeprefix(word)
        assert kinds[ending] in {"any", "a consonant" if is_closed else "a vowel"}


def test_every_process_draws_the_same_words() -> None:
    draw = (
        "import numpy as np; from benchmarks.streams.drawn_words import DrawnWords;"
        "print([word.labels for word in DrawnWords('korean', 0).draw(30, 0.5, np.random.default_rng(0))])"
    )
    drawn = [
        subprocess.run(
            [sys.executable, "-c", draw], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert drawn[0] == drawn[1]
