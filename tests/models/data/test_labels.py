"""Which vocabulary recordings have: Korean letters, a vocabulary of the package, or labels of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models.data.labels import vocabulary_of
from scaleglove.recordings import Episode
from scaleglove.vocabulary import VocabularyError, load_vocabulary


def of(labels: Sequence[str]) -> list[Episode]:
    times, values = np.zeros(1), np.zeros((1, 8), np.float32)
    return [Episode(Path("x"), "", label, "", times, values, Counter()) for label in labels]


def test_one_korean_letter_makes_it_korean() -> None:
    assert vocabulary_of(of(["hello", "ㄱ"])) == load_vocabulary("korean")


@pytest.mark.parametrize("name", ["american", "american_signs"])
def test_the_labels_of_a_vocabulary_of_the_package_are_that_vocabulary(name: str) -> None:
    vocabulary = load_vocabulary(name)
    assert vocabulary_of(of(vocabulary.names[::-1])) == vocabulary
    assert vocabulary_of(of(vocabulary.names[1:])).name == "own"


def test_other_labels_are_a_vocabulary_of_their_own_without_rest_and_nothing() -> None:
    found = vocabulary_of(of(["wave", "rest", "", "fist", "wave"]))
    assert (found.name, found.names, found.language) == ("own", ("fist", "wave"), "none")


@pytest.mark.parametrize("labels", [[], ["rest"], ["one"], [str(number) for number in range(201)]])
def test_labels_that_make_no_vocabulary_are_refused(labels: list[str]) -> None:
    with pytest.raises(VocabularyError, match="make no vocabulary"):
        vocabulary_of(of(labels))
