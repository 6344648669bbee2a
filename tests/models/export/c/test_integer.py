"""The integer package answers nearly as the artefact does, and names the same letters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.export.c.host import Package
from models.export.c.integer import packed, quantised
from models.export.c.readings import to_readings
from models.runtime.artefact import Artefact, agreement
from tests.models.export.c.conftest import LENGTHS, NAMES, Windows

SAME_LETTER_PERCENT = 99.5
NEAR = 0.06
"""Of a probability, where weights have 8 bits."""

ArtefactOf = Callable[[str], Artefact]
PackageOf = Callable[[str, str], Package]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    shipped: str = request.param
    return shipped


@pytest.fixture
def package(name: str, package_of: PackageOf) -> Package:
    return package_of(name, "integer")


def test_every_letter_is_named_as_the_artefact_names_it(
    name: str, package: Package, artefact_of: ArtefactOf, letters: Windows, episodes: Windows
) -> None:
    assert len(letters) == 24
    same = agreement(package, artefact_of(name), letters + episodes)
    assert same.same_letter_percent >= SAME_LETTER_PERCENT
    assert same.largest_difference < NEAR


def test_windows_of_every_length(name: str, package: Package, artefact_of: ArtefactOf, letters: Windows) -> None:
    windows = [letters[4][-count:] for count in LENGTHS]
    mine, reference = package.run_windows(windows), artefact_of(name).run_windows(windows)
    np.testing.assert_allclose(mine.probabilities, reference.probabilities, rtol=0, atol=NEAR)


def test_importance_is_the_artefacts_where_a_scale_matters(
    name: str, package: Package, artefact_of: ArtefactOf, episodes: Windows
) -> None:
    """It shares out probability that moves; where next to none does, a share says nothing
    (docs/reference/importance.md)."""
    mine, reference = package.run_windows(episodes), artefact_of(name).run_windows(episodes)
    np.testing.assert_allclose(mine.scale_importance.sum(axis=1), 1, atol=3e-4)
    difference = np.abs(mine.scale_importance - reference.scale_importance)
    assert np.mean(difference) < 0.02
    assert np.max(difference) < 0.15
    same_first = mine.scale_importance.argmax(axis=1) == reference.scale_importance.argmax(axis=1)
    assert np.mean(same_first) > 0.95


def test_a_dropped_sensor_is_taken_for_the_median(
    name: str, package: Package, artefact_of: ArtefactOf, letters: Windows
) -> None:
    dropped = [window.copy() for window in letters]
    for place, window in enumerate(dropped):
        window[:, place % 5] = 55
    same = agreement(package, artefact_of(name), dropped)
    assert same.largest_difference < NEAR


@given(degrees=st.floats(-5000, 5000, width=32), turns=st.integers(-3, 3))
def test_whole_turns_of_an_angle_fall_off(degrees: float, turns: int) -> None:
    frames = np.full((2, 8), degrees, np.float32)
    frames[1] += np.float32(360 * turns)
    one, other = to_readings(frames, "integer")[:, 5:].astype(np.int64)
    step = (one - other + 2**15) % 2**16 - 2**15
    assert np.abs(step).max() <= 1 + abs(degrees) * 2**-23 * 2**16 / 360


def test_readings_stop_where_16_bits_end() -> None:
    frames = np.array([[-5, 0, 1023, 1e6, 0.5, 0, 180, -180]], np.float32)
    assert to_readings(frames, "integer").tolist() == [[0, 0, 32736, 32767, 16, 0, -32768, -32768]]


@given(st.integers(0, 2**32 - 1))
def test_packed_weights_are_all_there_in_their_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(8, 16)).astype(np.float32)
    weights, scales = quantised(matrix)
    assert np.abs(weights * scales[:, np.newaxis] - matrix).max() <= scales.max() / 2 * 1.0001
    words = packed(weights).view(np.int8).reshape(2, 4, 4, 4)  # panel, group, row, weight
    assert words[1, 2, 3].tolist() == weights[7, [8, 10, 9, 11]].tolist()


def test_a_row_without_weights_gives_nothing() -> None:
    weights, scales = quantised(np.zeros((4, 8), np.float32))
    assert not weights.any()
    assert np.isfinite(scales).all()


def test_extreme_readings_stay_in_range(package: Package, letters: Windows) -> None:
    before = package.window(letters[0])[1]
    wild: list[NDArray[np.float32]] = [np.tile(np.float32([[0, 2000] * 4]), (80, 1)), np.full((80, 8), 1e6, np.float32)]
    for window in wild:
        shares = package.window(window)[1].astype(np.int64)
        assert abs(shares.sum() - 65535) < 24
    np.testing.assert_array_equal(package.window(letters[0])[1], before)
