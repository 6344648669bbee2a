"""Few words that have every letter that is needed."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scaleglove.language.covering_words import SpelledWord, covering_words

LETTERS = "abcdefgh"

WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=5), unique=True, max_size=20)


def spelled(words: list[str]) -> list[SpelledWord]:
    return [SpelledWord(word, tuple(word)) for word in words]


@given(WORDS, st.dictionaries(st.sampled_from(LETTERS), st.integers(1, 2)))
def test_every_letter_occurs_as_often_as_needed_where_it_can(words: list[str], needed: dict[str, int]) -> None:
    found = [each.word for each in covering_words(spelled(words), needed)]
    usable = [word for word in words if all(one != other for one, other in pairwise(word))]
    assert len(set(found)) == len(found)
    assert set(found) <= set(usable)
    there, had = Counter("".join(found)), Counter("".join(usable))
    for letter, count in needed.items():
        assert there[letter] >= min(count, had[letter])
    for word in found:  # none is superfluous
        rest = there - Counter(word)
        assert any(rest[letter] < min(count, had[letter]) for letter, count in needed.items())


@given(WORDS, st.dictionaries(st.sampled_from(LETTERS), st.integers(1, 2)))
def test_the_same_words_give_the_same_answer(words: list[str], needed: dict[str, int]) -> None:
    assert covering_words(spelled(words), needed) == covering_words(iter(spelled(words)), needed)


def test_of_words_with_as_many_needed_letters_the_first_is_taken() -> None:
    found = covering_words(spelled(["ab", "ba", "abc"]), {"a": 1, "b": 1})
    assert [each.word for each in found] == ["ab"]


def test_no_word_begins_as_the_one_before_it_ends() -> None:
    found = covering_words(spelled(["abc", "cde", "fgh"]), dict.fromkeys(LETTERS, 1))
    assert sorted(each.word for each in found) == ["abc", "cde", "fgh"]
    assert all(one.labels[-1] != other.labels[0] for one, other in pairwise(found))
