"""Holds of a word as they reach its decoder, and what it makes of them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.drawn_words import Drawn
from benchmarks.words.decoding import decode
from benchmarks.words.held_letters import HeldLetters
from benchmarks.words.signing import NONE, Faults, sign
from scaleglove.hangul.spelling import letters
from scaleglove.language.language_model import language_model
from scaleglove.letters import LETTERS
from scaleglove.vocabulary import load_vocabulary
from service.streams.words.word_decoder import WordDecoder

WORD = tuple(LETTERS.index(letter) for letter in letters("학교"))


def hand(misread: int | None = None) -> HeldLetters:
    """Return a hand with two holds of each letter; those of `misread` are read as the letter after it."""
    labels = np.arange(len(LETTERS)).repeat(2)
    scores = np.full((len(labels), len(LETTERS) + 1), -20.0)
    scores[np.arange(len(labels)), labels] = 0.0
    if misread is not None:
        scores[labels == misread, misread + 1] = 1.0
    return HeldLetters(scores, labels.astype(np.int64))


def test_a_hold_is_of_its_letter_and_written_as_the_likeliest() -> None:
    rng = np.random.default_rng(0)
    assert hand().draw(3, rng).label == 3
    assert hand(misread=3).draw(3, rng).label == 4
    assert hand().right() == 1.0
    assert hand(misread=3).right() == pytest.approx(1 - 1 / len(LETTERS))


@pytest.mark.parametrize(
    ("faults", "held"),
    [
        (NONE, list(WORD)),
        (Faults(missed=1.0), [WORD[3]]),  # the second of two equal letters is missed by another one
        (Faults(once=1.0), [*WORD[:3], *WORD[4:]]),
        (Faults(again=1.0), [label for label in WORD for _ in range(2)]),
        (Faults(false=1.0), [each for label in WORD for each in (label, None)]),
    ],
    ids=["none", "missed", "once", "again", "false"],
)
def test_what_is_read_of_a_word(faults: Faults, held: list[int | None]) -> None:
    assert WORD[2] == WORD[3]
    signed = list(sign(WORD, hand(), faults, np.random.default_rng(0)))
    assert [label for _, label in signed] == held
    assert all(hold.label == label for hold, label in signed if label is not None)


def test_a_word_is_counted_as_it_is_written_and_as_it_is_decoded() -> None:
    decoder = WordDecoder(load_vocabulary("korean"), language_model("korean"))
    tally = decode(decoder, Drawn(WORD, in_list=True), hand(misread=WORD[1]), NONE, np.random.default_rng(0))
    assert (tally.words, tally.letters, tally.holds) == (1, 5, 5)
    assert (tally.wrong_written, tally.words_written) == (1, 0)
    assert (tally.wrong_decoded, tally.words_decoded) == (0, 1)
    assert tally.examples == tally.examples_right
    tally.add(tally)
    assert (tally.words, tally.wrong_written) == (2, 2)
