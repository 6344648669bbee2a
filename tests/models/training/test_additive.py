"""The fit of the additive classifier, on embeddings that are the windows' own readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Augmentation, Recording
from models.training.additive import COPIES, fit_additive
from models.training.recipe import Recipe
from scaleglove.vocabulary import Label, Vocabulary

RECIPE = Recipe(augmentation=Augmentation(flex_dropped=0.0))


def recordings(letters: Sequence[int]) -> list[Recording]:
    """Return six recordings of each letter, letters far apart."""
    rng = np.random.default_rng(0)
    centres = np.hstack([rng.uniform(700, 950, (24, 5)), rng.uniform(-120, 120, (24, 3))])
    return [
        Recording((centres[letter] + rng.normal(0, 2, (90, 8))).astype(np.float32), letter, collection, "1")
        for letter in letters
        for collection in "ab"
        for _ in range(3)
    ]


def embed(windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.stack([(np.median(window, axis=0) - 400) / 100 for window in windows]).astype(np.float32)


@pytest.mark.parametrize("letters", [[3], [3, 7], [0, 5, 6, 23]], ids=len)
def test_it_names_what_it_was_shown_and_never_a_letter_that_it_was_not(letters: list[int]) -> None:
    shown = recordings(letters)
    fitted = fit_additive(embed, shown, RECIPE)
    assert (fitted.weights.shape, fitted.bias.shape) == ((8, 24), (24,))
    answers = fitted.probabilities(embed([one.samples for one in shown]))
    assert (answers.argmax(axis=1) == [one.label for one in shown]).mean() > 0.9
    assert answers[:, [letter for letter in range(24) if letter not in letters]].max() < 1e-6


def test_it_is_a_function_of_recordings_and_recipe() -> None:
    shown = recordings([0, 1, 2])
    one, again, other = (fit_additive(embed, shown, recipe) for recipe in (RECIPE, RECIPE, replace(RECIPE, seed=1)))
    np.testing.assert_array_equal(one.weights, again.weights)
    np.testing.assert_array_equal(one.bias, again.bias)
    assert not np.array_equal(one.weights, other.weights)


@pytest.mark.parametrize("moving", [False, True])
def test_windows_are_short_and_whole_where_signs_move(moving: bool) -> None:
    labels = tuple(Label(label=f"sign {number}", moving=moving and number == 1) for number in range(3))
    recipe = replace(RECIPE, vocabulary=Vocabulary(name="own", labels=labels))
    seen: list[int] = []

    def noted(windows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        seen.extend(map(len, windows))
        return embed(windows)

    shown = recordings([0, 1, 2])
    fit_additive(noted, shown, recipe)
    assert len(seen) == COPIES * len(shown)
    short = recipe.augmentation.short_frames
    assert all(recipe.min_frames <= length <= (recipe.window_frames if moving else short) for length in seen)
    assert (max(seen) == recipe.window_frames) == moving


def test_windows_have_the_ranges_of_other_people_where_the_network_learned_them() -> None:
    shown = [replace(one, samples=one.samples + np.float32(90 * (one.collection == "b"))) for one in recordings([0, 1])]
    ranged = replace(RECIPE, augmentation=replace(RECIPE.augmentation, other_range=1.0))
    spreads = []
    for recipe in (RECIPE, ranged):
        of_thumb: list[float] = []

        def noted(windows: Sequence[NDArray[np.float32]], found: list[float] = of_thumb) -> NDArray[np.float32]:
            found.extend(float(np.median(window[:, 0])) for window in windows[: len(windows) // 2])
            return embed(windows)

        fit_additive(noted, shown, recipe)
        of_letter = np.array(of_thumb)[: len(shown) // 2]
        spreads.append(len(np.unique(np.round(of_letter / 30))))
    assert spreads[0] == 2 < spreads[1]
