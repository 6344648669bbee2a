"""Letters found among holds without labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.adaptation.few_shot import softmax
from models.adaptation.online import (
    EVERY,
    FIRST,
    REMEMBERED,
    Hold,
    OnlineCalibration,
    bigrams_of,
)
from models.adaptation.open_set import OpenSetReference
from models.adaptation.taught import Taught
from scaleglove.letters import LETTERS
from scaleglove.vocabulary import Label, Vocabulary, load_vocabulary

EVEN = np.full((1, len(LETTERS)), 1 / len(LETTERS), np.float32)
KOREAN = bigrams_of(load_vocabulary("korean"), len(LETTERS))
SPELLED = [LETTERS.index(letter) for letter in "ㅇㅏㄴㄴㅕㅇㅎㅏㅅㅔㅇㅛ".replace("ㅔ", "ㅓㅣ")]


def trained() -> tuple[OpenSetReference, NDArray[np.float32]]:
    """Return a reference with every letter on another axis, and their embeddings."""
    places = np.eye(len(LETTERS), dtype=np.float32) * 3
    return OpenSetReference.of(places, range(len(LETTERS)), len(LETTERS)), places


def hold(calibration: OnlineCalibration, reference: OpenSetReference, embedding: NDArray[np.float32]) -> bool:
    log_scores = reference.log_scores(EVEN, embedding[np.newaxis])[0]
    return calibration.add(Hold(embedding, log_scores))


def test_nothing_changes_before_enough_was_held() -> None:
    reference, places = trained()
    calibration = OnlineCalibration(reference, KOREAN)
    asked = reference.log_scores(EVEN, places[:1])
    moved = [hold(calibration, reference, places[place % 5]) for place in range(FIRST + 2 * EVERY)]
    assert [count + 1 for count, has in enumerate(moved) if has] == [FIRST, FIRST + EVERY, FIRST + 2 * EVERY]
    assert calibration.letters == 5
    assert OnlineCalibration(reference).adjust(asked, places[:1]) is asked


def test_a_hand_that_holds_letters_elsewhere_is_learned() -> None:
    """All of its letters lie so far from those trained on that they hardly are letters."""
    reference, places = trained()
    hand = places + np.float32(1.1)
    rng = np.random.default_rng(0)
    calibration = OnlineCalibration(reference, KOREAN)
    for _ in range(20):
        for letter in SPELLED:
            hold(calibration, reference, hand[letter] + rng.normal(0, 0.02, len(LETTERS)).astype(np.float32))
    asked = hand[SPELLED]
    before = reference.log_scores(np.repeat(EVEN, len(asked), axis=0), asked)
    assert (softmax(before).max(axis=1) < 0.7).all()
    after = softmax(calibration.adjust(before, asked))
    assert after.argmax(axis=1).tolist() == SPELLED
    assert (after.max(axis=1) > 0.99).all()


def test_what_lies_far_from_all_that_was_held_is_less_of_a_letter() -> None:
    reference, places = trained()
    calibration = OnlineCalibration(reference, KOREAN)
    for _ in range(5):
        for letter in SPELLED:
            hold(calibration, reference, places[letter])
    held = places[SPELLED[:1]]
    aside = held + np.float32(0.9) * places[LETTERS.index("ㅋ")]
    for window, more in ((held, False), (aside, True)):
        before = reference.log_scores(EVEN, window)
        after = calibration.adjust(before, window)
        for_none = (after - before)[0, -1] - (after - before)[0, SPELLED[0]]
        assert (for_none > 0) == more


def test_one_who_holds_each_letter_in_several_ways_is_learned_too() -> None:
    """Three ways each, as far from each other as letters are."""
    reference, places = trained()
    rng = np.random.default_rng(0)
    apart = rng.normal(0, 1, (3, *places.shape))
    ways = (places + 4 * apart / np.linalg.norm(apart, axis=2, keepdims=True)).astype(np.float32)
    calibration = OnlineCalibration(reference, KOREAN)
    for place in range(30 * len(SPELLED)):
        held = ways[rng.integers(3), SPELLED[place % len(SPELLED)]]
        hold(calibration, reference, held + rng.normal(0, 0.02, len(LETTERS)).astype(np.float32))
    asked = ways[:, SPELLED].reshape(-1, len(LETTERS))
    before = reference.log_scores(np.repeat(EVEN, len(asked), axis=0), asked)
    assert (softmax(before).argmax(axis=1) == SPELLED * 3).mean() < 1
    assert softmax(calibration.adjust(before, asked)).argmax(axis=1).tolist() == SPELLED * 3
    assert calibration.letters >= len(set(SPELLED))


def test_memory_is_bounded_and_a_change_of_hand_is_followed() -> None:
    reference, places = trained()
    calibration = OnlineCalibration(reference, KOREAN)
    for _ in range(REMEMBERED // len(SPELLED) + 1):
        for letter in SPELLED:
            hold(calibration, reference, places[letter])
    shifted = places + np.float32(0.3)
    for _ in range(REMEMBERED // len(SPELLED) + 1):
        for letter in SPELLED:
            hold(calibration, reference, shifted[letter])
    assert calibration.count > 2 * REMEMBERED
    window = shifted[SPELLED[:1]]
    adjusted = calibration.adjust(reference.log_scores(EVEN, window), window)
    assert softmax(adjusted)[0, SPELLED[0]] == pytest.approx(1, abs=1e-3)


def test_bigrams_are_those_of_korean_and_none_of_what_spells_no_korean() -> None:
    assert KOREAN is not None
    assert KOREAN.sum(axis=1) == pytest.approx(1)
    assert bigrams_of(load_vocabulary("american"), 24) is None
    some = Vocabulary(name="some", language="korean", labels=tuple(Label(label=each) for each in ("ㄲ", "ㅏ", "ㄱ")))
    table = bigrams_of(some, 4)
    assert table is not None
    assert table.shape == (5, 5)
    a, k = LETTERS.index("ㅏ"), LETTERS.index("ㄱ")
    assert table[1, 2] == KOREAN[a, k]
    assert table[4, 1] == KOREAN[-1, a]
    even = KOREAN[a, :-1].mean()
    assert table[1, [0, 3]] == pytest.approx(even)
    assert (table[:, -1] == KOREAN[0, -1]).all()


def test_labels_that_spell_nothing_are_learned_without_a_prior() -> None:
    reference, places = trained()
    hand = places + np.float32(1.1)
    rng = np.random.default_rng(0)
    calibration = OnlineCalibration(reference)
    for number in range(240):
        place = hand[number % 12] + rng.normal(0, 0.02, len(LETTERS)).astype(np.float32)
        hold(calibration, reference, place)
    asked = hand[:12]
    before = reference.log_scores(np.repeat(EVEN, len(asked), axis=0), asked)
    assert softmax(calibration.adjust(before, asked)).argmax(axis=1).tolist() == list(range(12))


def test_what_words_say_counts_and_nothing_else_any_more() -> None:
    """Two letters are held so that each is read as the other one; a word says so of one hold of either."""
    reference, places = trained()
    places[:2] = [0.55 * places[0] + 0.45 * places[1], 0.45 * places[0] + 0.55 * places[1]]
    places[:2, -1] = 1.5, -1.5  # in their own ways
    calibration = OnlineCalibration(reference, KOREAN)
    scores = reference.log_scores(np.repeat(EVEN, len(LETTERS), axis=0), places)
    for time, place in enumerate([0, 1, *range(2, 12)]):
        calibration.add(Hold(places[place], scores[place], 1000.0 * time))
    calibration.teach({0.0: Taught(1, 0.9), 1000.0: Taught(0, 0.5)})
    assert calibration.letters == 2
    assert calibration.sure == {0: pytest.approx(0.5), 1: pytest.approx(0.9)}
    adjusted = calibration.adjust(scores, places)
    assert adjusted[:2, :-1].argmax(axis=1).tolist() == [1, 0]
    others = adjusted[2:-1] - scores[2:-1]
    np.testing.assert_allclose(others, others[:, :1].repeat(len(LETTERS) + 1, axis=1), atol=0.05)
    calibration.teach({})
    assert calibration.sure == {}


def test_a_reference_of_other_hands_counts_less_the_more_words_have_shown() -> None:
    reference, letters = trained()
    places = np.repeat(letters[:1], 200, axis=0)
    scores = reference.log_scores(np.repeat(EVEN, 200, axis=0), places)
    leads = []
    for of_others in (False, True):
        calibration = OnlineCalibration(reference, of_others=of_others)
        calibration.add_all([Hold(places[0], scores[0], 1000.0 * time) for time in range(200)])
        for count in (1, 20, 200):
            calibration.teach({1000.0 * time: Taught(1, 0.9) for time in range(count)})
            adjusted = calibration.adjust(scores[:1], places[:1])[0]
            leads.append(float(adjusted[1] - adjusted[0]))
    assert leads[:3] == sorted(leads[:3])
    assert leads[3:] == sorted(leads[3:])
    assert [other > one for one, other in zip(leads[:3], leads[3:], strict=True)] == [True] * 3


@given(st.floats(0, 100), st.floats(0, 100))
def test_the_clearer_a_word_the_more_it_teaches(one: float, other: float) -> None:
    weights = [
        0.0 if taught is None else taught.weight
        for taught in (Taught.by_margin(0, margin) for margin in sorted([one, other]))
    ]
    assert weights == sorted(weights)
    assert 0 <= weights[0] <= weights[1] <= 1
    assert Taught.by_margin(0, np.inf) == Taught(0, 1.0)
    assert Taught.by_margin(0, -1.0) is None
