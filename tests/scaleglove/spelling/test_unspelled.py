"""Signs that spell nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.signed_text import SpellingError
from scaleglove.spelling import Piece, spelling_of
from scaleglove.vocabulary import Vocabulary

OWN = spelling_of(
    Vocabulary.model_validate(
        {
            "name": "own",
            "labels": [
                {"label": "up"},
                {"label": "up left"},
                {"label": "cheers_"},
                {"label": "dot", "display": "•"},
            ],
        }
    )
)


@given(st.lists(st.sampled_from(["up", "up left", "cheers_"]), max_size=6))
def test_labels_are_joined_by_spaces_and_found_again(labels: list[str]) -> None:
    assert OWN.compose(labels, "") == " ".join(labels)
    assert " ".join(OWN.labels(" ".join(labels))) == " ".join(labels)


def test_the_longest_label_that_fits_is_taken() -> None:
    assert OWN.labels("up up left dot •") == ["up", "up left", "dot", "dot"]


def test_each_label_is_a_word_with_its_text_on_the_page() -> None:
    assert OWN.is_word("up")
    assert OWN.finish(["dot"], "up ") == [Piece("•", ("dot",))]


def test_a_word_that_is_no_label_is_named() -> None:
    with pytest.raises(SpellingError, match="'down' of the text is no sign of the vocabulary: up, up left"):
        OWN.labels("up down")
