"""Frame by frame gives the same as a window, to the bit, with any numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.export.c.host import Package
from models.export.c.readings import Arithmetic
from tests.models.export.c.conftest import NAMES, Windows
from tests.models.export.c.test_package import ARITHMETICS

PackageOf = Callable[[str, Arithmetic], Package]
Readings = Callable[..., NDArray[np.float32]]

pytestmark = pytest.mark.parametrize("arithmetic", ARITHMETICS)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 90))
def test_step_by_step_is_the_window_to_the_bit(
    seed: int, count: int, arithmetic: Arithmetic, package_of: PackageOf, readings: Readings
) -> None:
    package, frames = package_of("MSCSGRU_ScaleAware", arithmetic), readings(count, seed=seed)
    letter, probabilities = package.window(frames)
    importance = package.importance()
    package.start()
    for frame in frames:
        package.step(frame)
    package.finish()
    found, step_by_step = package.result()
    assert found == letter
    np.testing.assert_array_equal(step_by_step, probabilities)
    np.testing.assert_array_equal(package.importance(), importance)


@pytest.mark.parametrize("name", NAMES)
def test_before_the_end_it_answers_for_the_frames_that_the_recurrence_has_seen(
    name: str, arithmetic: Arithmetic, package_of: PackageOf, letters: Windows
) -> None:
    """Up to four behind; and asking changes nothing."""
    package = package_of(name, arithmetic)
    package.start()
    for number, frame in enumerate(letters[0]):
        package.step(frame)
        package.result()
        if number % 5 == 0:  # after each phase of two steps of two, in turn: it costs as much as a window
            package.importance()
    near, _ = package.result()
    package.finish()
    letter, probabilities = package.result()
    assert near == letter == package.window(letters[0])[0]
    np.testing.assert_array_equal(probabilities, package.window(letters[0])[1])


@pytest.mark.parametrize("value", [np.inf, -np.inf, 3e38])
def test_what_is_no_reading_is_forgotten_with_the_stream(
    value: float, arithmetic: Arithmetic, package_of: PackageOf, letters: Windows
) -> None:
    package = package_of("MSCSGRU_ScaleAware", arithmetic)
    before = package.window(letters[0])[1]
    broken = letters[0].copy()
    broken[10:20, :5] = value
    assert 0 <= package.window(broken)[0] < 24
    np.testing.assert_array_equal(package.window(letters[0])[1], before)
