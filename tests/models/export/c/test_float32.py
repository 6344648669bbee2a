"""The float32 package answers as the artefact does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from models.export.c.host import Package
from models.runtime.artefact import Artefact, agreement
from models.runtime.parity import TOLERANCES
from tests.models.export.c.conftest import LENGTHS, NAMES, Windows

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
    assert_same(package, artefact_of(name), [long[-count:] for count in LENGTHS])


def test_dropped_sensors_and_angles_of_many_turns(
    name: str, package: Package, artefact_of: ArtefactOf, readings: Callable[..., NDArray[np.float32]]
) -> None:
    assert_same(package, artefact_of(name), list(readings(20, 40)))
