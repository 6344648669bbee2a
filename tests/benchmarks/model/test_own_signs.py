"""Measurement of own signs, on windows made up from the letters' typical readings."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.model import own_signs
from benchmarks.model.any_glove import SHIPPED
from models.data.dataset import Recording
from models.runtime.artefact import Artefact
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS

EACH = 8
LETTER_COUNT = len(LETTERS)
OWN = [LETTER_COUNT, LETTER_COUNT + 1]
"""Classes of two signs that are no letters."""


def recordings() -> list[Recording]:
    """Return recordings of a hand that shows each letter and two shapes of its own, each a little differently."""
    rng, letters = np.random.default_rng(0), load_templates().letters
    shapes = [np.array(letters[letter].mean) for letter in LETTERS]
    shapes += [np.array([950, 500, 950, 500, 950, -80, 60, 0]), np.array([500, 950, 500, 950, 500, 70, -80, 0])]
    return [
        Recording(
            (shape + rng.normal(0, [4.0] * 5 + [2.0] * 3) + rng.normal(0, 0.5, (90, 8))).astype(np.float32),
            label,
            "a",
            "1",
        )
        for label, shape in enumerate(shapes)
        for _ in range(EACH)
    ]


def test_signs_that_are_no_letters_are_recognised_beside_them() -> None:
    artefact = Artefact.load(SHIPPED)
    order = [*range(LETTER_COUNT), *OWN]
    found = own_signs.measure_person(artefact, recordings(), order, LETTER_COUNT, draws=1)
    for each in found.values():
        assert each.signs > 90
        assert each.letters_before - each.letters_after < 5
    assert found[True].letters_after > 90


def test_three_examples_of_each_label_are_drawn_and_the_newest_frames_kept() -> None:
    order = [1, *(index for index in range(LETTER_COUNT + 2) if index != 1)]
    person = own_signs.Person.of(recordings(), order, 80, np.random.default_rng(0))
    assert {len(window) for window in person.windows} == {80}
    assert np.bincount(person.classes[person.shown]).tolist() == [own_signs.SHOWS] * len(order)
    assert (person.classes[EACH : 2 * EACH] == 0).all()


def test_everyone_is_left_out_once_and_signs_differ_from_fold_to_fold() -> None:
    made = [Recording(np.zeros((20, 8), np.float32), 0, person, "1") for person in "abcde"]
    drawn = list(own_signs.folds(made, labels=24, number=3, signs=8))
    assert sorted(person for people, _ in drawn for person in people) == list("abcde")
    assert sorted(sign for _, own in drawn for sign in own) == list(range(24))
