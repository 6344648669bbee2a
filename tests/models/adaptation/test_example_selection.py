from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.adaptation.example_selection import (
    CHECKS,
    RESTS,
    ExampleSelector,
    Quality,
    judge_example,
)
from models.adaptation.open_set import REST, OpenSetReference
from scaleglove.letters import LETTERS

SIZE = 30
COUNT = len(LETTERS)
RESTED = [REST] * RESTS


def places(near: tuple[int, int] | None = None) -> NDArray[np.float32]:
    """Return an embedding for each letter, far from all others except for two that are `near` each other."""
    found = np.zeros((COUNT, SIZE), np.float32)
    found[:, :COUNT] = 3 * np.eye(COUNT)
    if near is not None:
        found[near[1]] = found[near[0]] + 0.05
    return found


def selector(**options: float) -> ExampleSelector:
    """Make a selector with prototypes of three ways of holding each letter, about 1 apart."""
    rng = np.random.default_rng(0)
    ways = np.repeat(places(), 3, axis=0) + rng.normal(0, 0.13, (3 * COUNT, SIZE))
    labels = np.repeat(np.arange(COUNT), 3).tolist()
    return ExampleSelector(OpenSetReference.of(ways.astype(np.float32), labels, COUNT), **options)  # type: ignore[arg-type]


def shown(labels: list[int], where: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an embedding for each label; rest is far from all letters."""
    rest = np.full(SIZE, -5, np.float32)
    return np.stack([rest if label == REST else where[label] for label in labels])


def session(the_selector: ExampleSelector, where: NDArray[np.float32], wanted: list[int]) -> list[int]:
    """Return all that is asked for of a user who always holds a letter in the same way."""
    labels: list[int] = []
    while True:
        embeddings = shown(labels, where) if labels else np.zeros((0, SIZE), np.float32)
        suggestion = the_selector.suggest(embeddings, labels, wanted)
        if suggestion.label is None:
            return labels
        assert suggestion.again == (suggestion.label in labels)
        labels.append(suggestion.label)


def test_rest_is_asked_for_first_and_then_every_letter_once() -> None:
    asked = session(selector(), places(), [])
    assert asked[:RESTS] == RESTED
    assert sorted(asked[RESTS : RESTS + COUNT]) == list(range(COUNT))


def test_it_is_enough_when_what_is_repeated_was_known_and_not_before() -> None:
    assert len(session(selector(), places(), [])) == RESTS + COUNT + CHECKS
    assert len(session(selector(), places(), [3, 7, 8])) == RESTS + 3 + 3


def test_a_wearer_whose_repeated_letters_were_not_known_is_asked_on() -> None:
    """Two letters are held each time as the other one was held before."""
    labels = [*RESTED, 3, 7, 8, 3, 7, 8]
    where = [5, 5, 3, 7, 8, 7, 3, 8]
    embeddings = shown([*RESTED, *where[RESTS:]], places())
    suggestion = selector().suggest(embeddings, labels, [3, 7, 8])
    assert suggestion.expected_accuracy == pytest.approx(1 / 3)
    assert suggestion.label in {3, 7}
    assert selector(enough=0.3).suggest(embeddings, labels, [3, 7, 8]).label is None
    assert selector(most=6).suggest(embeddings, labels, [3, 7, 8]).label is None


def test_what_was_repeated_before_all_had_been_shown_proves_nothing() -> None:
    labels = [*RESTED, 3, 3, 3, 3, 7, 8]
    assert selector().suggest(shown(labels, places()), labels, [3, 7, 8]).expected_accuracy is None


def test_letters_that_are_confused_come_first_when_it_goes_round_again() -> None:
    labels = RESTED + list(range(COUNT))
    suggestion = selector().suggest(shown(labels, places(near=(3, 7))), labels)
    assert suggestion.label in {3, 7}
    assert suggestion.again
    assert suggestion.confused[0] == (3, 7)
    assert suggestion.expected_accuracy is None


def test_before_anything_is_shown_the_training_says_who_is_confused() -> None:
    rng = np.random.default_rng(0)
    ways = np.repeat(places(near=(5, 9)), 3, axis=0) + rng.normal(0, 0.13, (3 * COUNT, SIZE))
    reference = OpenSetReference.of(ways.astype(np.float32), np.repeat(np.arange(COUNT), 3).tolist(), COUNT)
    assert ExampleSelector(reference).suggest(shown(RESTED, places()), RESTED).label in {5, 9}


@given(st.sets(st.integers(0, COUNT - 1), min_size=1, max_size=6))
def test_only_what_is_wanted_is_asked_for(wanted: set[int]) -> None:
    asked = session(selector(), places(), sorted(wanted))
    assert set(asked[RESTS:]) == wanted


def test_a_training_of_one_way_of_holding_letters_guides_too() -> None:
    lone = ExampleSelector(OpenSetReference.of(places(), list(range(COUNT)), COUNT))
    assert len(session(lone, places(), [])) == RESTS + COUNT + CHECKS


def test_the_same_examples_get_the_same_advice() -> None:
    labels = RESTED + list(range(10))
    embeddings = shown(labels, places())
    assert selector().suggest(embeddings, labels) == selector().suggest(embeddings, labels)


STILL = np.tile(np.array([800, 810, 820, 830, 840, 10, -179, 30], np.float32), (40, 1))


def test_a_hand_that_moved_or_lost_a_sensor_is_no_good_example() -> None:
    embedding = np.zeros(SIZE, np.float32)
    assert judge_example(STILL, embedding, 0, None).score == 1.0
    turned, bent, lost, across = STILL.copy(), STILL.copy(), STILL.copy(), STILL.copy()
    turned[:, 5] += np.linspace(0, 8, 40)
    bent[:, 2] += np.linspace(0, 60, 40)
    lost[:, 1] = 0
    across[20:, 6] += 358
    for frames, code, reason in (
        (turned, "hand_moved", "moved"),
        (bent, "hand_moved", "moved"),
        (lost, "sensor_dropped", "contact"),
    ):
        quality = judge_example(frames, embedding, 0, None)
        assert quality.score < 0.5
        assert (quality.code, quality.other) == (code, None)
        assert reason in quality.reason(LETTERS)
    assert judge_example(across, embedding, 0, None).score == 1.0


def test_an_example_close_to_another_letter_is_named() -> None:
    others = OpenSetReference.of(places(), list(range(COUNT)), COUNT)
    beside = places()[4] * np.float32(0.97)
    quality = judge_example(STILL, beside, 2, others)
    assert quality.score < 0.2
    assert (quality.code, quality.other) == ("close_to_other", 4)
    assert LETTERS[4] in quality.reason(LETTERS)
    assert judge_example(STILL, beside, 4, others) == Quality(1.0)
    assert judge_example(STILL, beside, REST, others).score == 1.0
