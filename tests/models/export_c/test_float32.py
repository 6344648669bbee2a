"""The float32 package answers as the artefact does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.agreement import agreement
from models.artefact import Artefact
from models.export_c.host import Package
from models.kernel.kernel import TOLERANCES
from tests.models.export_c.conftest import NAMES, Windows

ArtefactOf = Callable[[str], Artefact]
PackageOf = Callable[[str, str], Package]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    shipped: str = request.param
    return shipped


@pytest.fixture
def package(name: str, package_of: PackageOf) -> Package:
    return package_of(name, "float32")


def assert_same(package: Package, artefact: Artefact, windows: Windows) -> None:
    mine, reference = package.run_windows(windows), artefact.run_windows(windows)
    for output in ("probabilities", "scale_importance"):
        np.testing.assert_allclose(
            getattr(mine, output), getattr(reference, output), rtol=0, atol=TOLERANCES[output], err_msg=output
        )


def test_every_letter_is_named_as_the_artefact_names_it(
    name: str, package: Package, artefact_of: ArtefactOf, letters: Windows, episodes: Windows
) -> None:
    assert len(letters) == 24
    same = agreement(package, artefact_of(name), letters + episodes)
    assert same.same_letter_percent == 100
    assert same.largest_difference < 1e-5


def test_windows_of_every_length(name: str, package: Package, artefact_of: ArtefactOf, letters: Windows) -> None:
    long = np.concatenate(letters[:2])
    assert_same(package, artefact_of(name), [long[-count:] for count in range(1, 81)])


def test_dropped_sensors_and_angles_of_many_turns(
    name: str, package: Package, artefact_of: ArtefactOf, readings: Callable[..., NDArray[np.float32]]
) -> None:
    assert_same(package, artefact_of(name), list(readings(50, 40)))


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 90))
def test_step_by_step_is_the_window_to_the_bit(
    seed: int, count: int, package_of: PackageOf, readings: Callable[..., NDArray[np.float32]]
) -> None:
    package, frames = package_of("MSCSGRU_ScaleAware", "float32"), readings(count, seed=seed)
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


def test_before_the_end_it_answers_for_the_frames_that_the_recurrence_has_seen(
    package: Package, letters: Windows
) -> None:
    """Up to four behind; and asking changes nothing."""
    package.start()
    for frame in letters[0]:
        package.step(frame)
        package.result()
        package.importance()
    near, _ = package.result()
    package.finish()
    letter, probabilities = package.result()
    assert near == letter == package.window(letters[0])[0]
    np.testing.assert_array_equal(probabilities, package.window(letters[0])[1])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_what_is_no_reading_is_forgotten_with_the_stream(value: float, package: Package, letters: Windows) -> None:
    before = package.window(letters[0])[1]
    broken = letters[0].copy()
    broken[10:20] = value
    assert 0 <= package.window(broken)[0] < 24
    np.testing.assert_array_equal(package.window(letters[0])[1], before)
