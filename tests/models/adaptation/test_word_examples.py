"""Examples that words have shown: they count as in the stream that showed them, and never outweigh a shown one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.online import SPREAD, Hold, OnlineCalibration
from models.adaptation.open_set import REST, OpenSetReference
from models.adaptation.taught import Taught
from models.adaptation.word_examples import WordExamples
from service.wearers.kept_words import MOST_EACH

LETTERS = 6
EVEN = np.full((1, LETTERS), 1 / LETTERS, np.float32)
PLACES = np.eye(LETTERS, dtype=np.float32) * 2
REFERENCE = OpenSetReference.of(PLACES, range(LETTERS), LETTERS)
APART = SPREAD * REFERENCE.class_spacing


def words(rng: np.random.Generator, count: int) -> WordExamples:
    """Return examples anywhere among the letters, some of them wrong."""
    near, letters = rng.integers(0, LETTERS, count), rng.integers(0, LETTERS, count)
    embeddings = PLACES[near] + rng.normal(0, 0.5, (count, LETTERS)).astype(np.float32)
    return WordExamples(embeddings, letters, rng.uniform(0.1, 1, count))


@given(st.integers(0, 10_000), st.integers(1, LETTERS * MOST_EACH))
def test_what_words_have_shown_never_outweighs_what_the_user_has(seed: int, count: int) -> None:
    every = words(np.random.default_rng(seed), count)
    ranks = [int((every.letters[:place] == letter).sum()) for place, letter in enumerate(every.letters)]
    bounded = every.at(np.array(ranks) < MOST_EACH)
    kept = bounded.at(~bounded.contradicted(PLACES, np.arange(LETTERS), APART))
    if not len(kept):
        return
    shown = OnlineCalibration(REFERENCE, kept=kept).adjust(
        REFERENCE.log_scores(np.repeat(EVEN, LETTERS, axis=0), PLACES), PLACES
    )
    assert shown[:, :-1].argmax(axis=1).tolist() == list(range(LETTERS))


@given(st.integers(0, 10_000), st.booleans())
def test_a_hand_is_as_it_was_in_the_stream_that_taught_it(seed: int, of_others: bool) -> None:
    rng = np.random.default_rng(seed)
    shown = words(rng, int(rng.integers(1, 40)))
    stream = OnlineCalibration(REFERENCE, of_others=of_others)
    for number, embedding in enumerate(shown.embeddings):
        stream.add(Hold(embedding, np.zeros(LETTERS + 1), float(number)))
    letters, weights = shown.letters.tolist(), shown.weights.tolist()
    each = zip(letters, weights, strict=True)
    stream.teach({float(number): Taught(letter, weight) for number, (letter, weight) in enumerate(each)})
    later = OnlineCalibration(REFERENCE, of_others=of_others, kept=shown)
    asked = rng.normal(0, 1, (5, LETTERS)).astype(np.float32)
    scores = REFERENCE.log_scores(np.repeat(EVEN, 5, axis=0), asked)
    np.testing.assert_allclose(later.adjust(scores, asked), stream.adjust(scores, asked))
    assert (later.letters, later.sure) == (stream.letters, stream.sure)


def test_what_is_near_something_else_that_the_user_has_shown_is_contradicted() -> None:
    places = np.array([[0.0, 0], [4, 0], [0, 4]], np.float32)
    labels = np.array([0, 1, REST])
    held = np.array([[0.5, 0], [0.5, 0], [2, 2], [0, 3.8], [0, 3.8]], np.float32)
    shown = WordExamples(held, np.array([0, 1, 1, 0, 1]), np.ones(5))
    assert shown.contradicted(places, labels, apart=1.0).tolist() == [False, True, False, True, True]
    assert not shown.contradicted(places[:0], labels[:0], apart=1.0).any()
    assert not len(shown.newest(0))
    assert shown.newest(2).letters.tolist() == [0, 1]
