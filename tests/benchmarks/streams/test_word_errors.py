"""Errors by word: where they count, in which spans, and their intervals."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.drawn_words import Drawn
from benchmarks.streams.recognition import Letter, Recognised
from benchmarks.streams.word_errors import SPANS, WordErrors, counts, figures, interval, more_errors, word_errors
from scaleglove.hangul.spelling import letters
from scaleglove.letters import LETTERS

TEXT = ["가나"] * 50 + ["다라"] * 50
SPELLED = [letters(word) for word in TEXT]
WORDS = [Drawn(tuple(map(LETTERS.index, row)), in_list=place % 10 > 0) for place, row in enumerate(SPELLED)]


def read(text: str | None, wrong: range = range(0)) -> Recognised:
    """Return what is recognised where the letters with these numbers are read wrongly and `text` is written."""
    signed = [letter for row in SPELLED for letter in row]
    found = [Letter("ㅎ" if number in wrong else letter, 1000.0 * number, 0.9) for number, letter in enumerate(signed)]
    return Recognised(tuple(found), (), (), text)


def found(text: str | None, wrong: range = range(0)) -> dict[str, float | None]:
    return figures([word_errors(WORDS, read(text, wrong))])


def test_what_is_read_and_written_rightly_has_no_errors() -> None:
    errors = word_errors(WORDS, read(" ".join(TEXT)))
    assert errors[0] == WordErrors(False, 4, 0, 0, 2, 0)
    assert [each.in_list for each in errors] == [word.in_list for word in WORDS]
    assert set(found(" ".join(TEXT)).values()) == {0.0}


def test_errors_count_where_they_are() -> None:
    assert SPANS == {"first": (0, 10), "after_50": (40, 60), "after_100": (80, 100), "all": (0, None)}
    figures = found(" ".join(TEXT), range(4 * 80, 4 * 80 + 16))
    of_decoded = {name: figure for name, figure in figures.items() if name.startswith("decoded")}
    assert of_decoded == {
        "decoded_first": 0,
        "decoded_after_50": 0,
        "decoded_after_100": 20,
        "decoded_all": 4,
        "decoded_unlisted": 10,  # one of ten such words
    }
    figures = found(" ".join(["바사"] * 2 + TEXT[2:]))  # two wrong consonants, two wrong syllables in each
    assert (figures["written_first"], figures["written_after_50"], figures["written_unlisted"]) == (10, 0, 5)
    assert figures["syllables_wrong"] == 2


def test_words_that_run_together_have_no_errors_by_that() -> None:
    assert found("".join(TEXT))["written_all"] == 0


def test_what_writes_nothing_has_no_errors_as_written() -> None:
    errors = [word_errors(WORDS, read(None))]
    assert figures(errors)["decoded_all"] == 0
    assert figures(errors)["written_all"] is figures(errors)["syllables_wrong"] is None
    assert counts(errors, "all") == more_errors(errors, [word_errors(WORDS, read(" ".join(TEXT)))]) == []
    assert interval([]) is None


def test_a_stream_that_is_shorter_than_a_span_is_none_of_it() -> None:
    short = [word_errors(WORDS[:20], Recognised((), (), (), ""))]
    assert figures(short)["written_after_50"] is None
    assert (figures(short)["written_first"], counts(short, "after_100")) == (100, [])


def test_an_interval_has_the_figure_within_it_and_is_always_the_same() -> None:
    words = np.array([[place % 4 == 0, 4] for place in range(100)], np.int64)
    low, high = interval([words, words]) or (0.0, 0.0)
    assert 0 < low < 6.25 < high < 12
    assert interval([words, words]) == (low, high)
    assert interval([np.array([[1, 4]] * 5)]) == (25, 25)  # all words alike


def test_more_errors_are_those_of_the_same_words() -> None:
    wrong, right = word_errors(WORDS, read(" ".join(["바사", *TEXT[1:]]))), word_errors(WORDS, read(" ".join(TEXT)))
    (more,) = more_errors([wrong], [right])
    assert more.tolist()[:2] == [[2, 4], [0, 4]]
    assert (-more_errors([right], [wrong])[0][:, 0] == more[:, 0]).all()
