"""The language of a vocabulary decides how it is spelled."""

from __future__ import annotations

import pytest

from scaleglove.spelling import greeting_in, spelling_of
from scaleglove.spelling.english import English
from scaleglove.spelling.korean import Korean
from scaleglove.spelling.unspelled import Unspelled
from scaleglove.vocabulary import Vocabulary, load_vocabulary

OWN = Vocabulary.of(["up", "down"])


def test_each_language_has_its_spelling() -> None:
    vocabularies = [load_vocabulary("korean"), load_vocabulary("american"), OWN]
    assert [type(spelling_of(each)) for each in vocabularies] == [Korean, English, Unspelled]


@pytest.mark.parametrize(
    ("vocabulary", "text"),
    [
        (load_vocabulary("korean"), "안녕"),
        (load_vocabulary("american_signs"), "hello"),
        (OWN, "up down"),
        (Vocabulary.of([*"ㄱㄴㄷ"]), "ㄱㄴㄷ"),
    ],
)
def test_a_vocabulary_can_spell_its_greeting(vocabulary: Vocabulary, text: str) -> None:
    assert greeting_in(vocabulary) == text
    assert spelling_of(vocabulary).labels(text)
