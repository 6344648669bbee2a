"""English from letters: what the letters leave open is settled, the letters stay."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.signed_text import REST, SpellingError
from scaleglove.spelling.english import English, readings
from scaleglove.spelling.word_list import read_words
from scaleglove.vocabulary import Vocabulary, load_vocabulary

SIGNS = English(load_vocabulary("american_signs"))
PLAIN = English(load_vocabulary("american_signs"), lexicon=False)
LETTERS = st.lists(st.sampled_from(string.ascii_lowercase), min_size=1, max_size=12)


def finished(word: str, before: str = "so ", spelling: English = SIGNS) -> str:
    return "".join(piece.text for piece in spelling.finish(list(word), before))


def once(word: str) -> str:
    """Return the letters with equal neighbours signed once."""
    return "".join(a for a, b in zip(word, f"{word[1:]} ", strict=True) if a != b)


@given(st.lists(st.text(string.ascii_lowercase, min_size=1), max_size=4).map(" ".join))
def test_a_text_that_is_spelled_and_composed_is_the_text(text: str) -> None:
    words = "".join(SIGNS.labels(text)).split(REST)
    assert " ".join(finished(word, spelling=PLAIN).lower() for word in words) == text


def test_the_words_of_the_list_are_written_as_they_stand_there() -> None:
    for word in read_words("english"):
        assert finished("".join(SIGNS.labels(word))) == word


@given(LETTERS)
def test_letters_are_never_changed_but_those_that_may_be_twice(letters: list[str]) -> None:
    (piece,) = SIGNS.finish(letters, "")
    assert piece.labels == tuple(letters)
    assert once("".join(SIGNS.labels(piece.text))) == once("".join(letters))
    assert len(SIGNS.labels(piece.text)) >= len(letters)


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ("helo", "hello"),
        ("hello", "hello"),
        ("god", "god"),
        ("good", "good"),
        ("adres", "address"),
        ("monday", "Monday"),
        ("dont", "don't"),
        ("ana", "Ana"),
        ("jon", "jon"),
        ("i", "I"),
        ("scaleglove", "scaleglove"),
    ],
)
def test_what_letters_leave_open_is_settled_by_the_list(letters: str, text: str) -> None:
    assert finished(letters) == text


def test_the_frequent_one_of_two_readings_is_taken() -> None:
    assert list(readings("fel")) == ["feel", "fell"]


def test_without_the_list_only_the_rules_apply() -> None:
    assert [finished(word, spelling=PLAIN) for word in ("helo", "monday", "dont", "i")] == [
        "helo",
        "monday",
        "dont",
        "I",
    ]


@pytest.mark.parametrize(
    ("before", "text"), [("", "Yes"), ("is it? ", "Yes"), ("no. ", "Yes"), ("oh ", "yes"), ("ey", "yes")]
)
def test_a_sentence_begins_with_a_capital(before: str, text: str) -> None:
    assert SIGNS.compose(list("yes"), before) == finished("yes", before) == text


def test_a_word_being_signed_is_shown_as_it_is_signed() -> None:
    """Else `hel` on the way to `help` would read `hell`, and `bel` on the way to `below` `bell`."""
    beginnings = ["helo"[:size] for size in range(1, 5)]
    assert [SIGNS.compose(list(letters), "so ") for letters in beginnings] == beginnings


def test_the_rest_of_a_committed_word_is_no_word() -> None:
    assert finished("lo", "hel") == "lo"
    assert finished("i", "hel") == "i"


def test_a_sign_is_a_word_with_its_own_text() -> None:
    assert [SIGNS.is_word(label) for label in ("hello", "h")] == [True, False]
    (thanks,) = SIGNS.finish(["thankyou"], "")
    assert (thanks.text, thanks.labels) == ("Thank you", ("thankyou",))


def test_spelling_takes_capitals_and_apostrophes() -> None:
    assert "".join(SIGNS.labels("Don't  say\nHELLO, "[:-2])) == "dont say hello"


def test_a_letter_that_the_vocabulary_lacks_is_named() -> None:
    with pytest.raises(SpellingError, match="character 1 of the text, 'j', cannot be spelled"):
        English(load_vocabulary("american")).labels("jazz")
    with pytest.raises(SpellingError, match="character 3 of the text, '!'"):
        SIGNS.labels("hi!")


def test_labels_may_be_capitals_or_digits() -> None:
    capitals = English(Vocabulary.model_validate({"name": "own", "labels": [{"label": each} for each in "ABC7"]}))
    assert capitals.labels("cab 7") == ["C", "A", "B", REST, "7"]
    assert capitals.compose(["C", "A", "B", "7"], "a ") == "cab7"


def test_every_word_of_the_list_decides_something() -> None:
    """Else it would only fill the list: it has a letter twice, a capital or an apostrophe, or hides such a word."""
    words = read_words("english")
    assert len(set(words)) == len(words)
    for word in words:
        letters = "".join(SIGNS.labels(word))
        assert once(letters) != letters or word != letters or len(list(readings(letters))) > 1, word
