"""Another form of a model is compared with its artefact on windows of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.runtime.artefact import Artefact, Outputs
from models.runtime.parity import TOLERANCES, find_difference, tried_windows


@pytest.fixture(scope="module")
def artefact(artefact_path: Path) -> Artefact:
    return Artefact.load(artefact_path)


class Changed:
    """An artefact whose answer to windows of more than one is changed in one number."""

    def __init__(self, artefact: Artefact, output: str, by: float) -> None:
        self._artefact, self._output, self._by = artefact, output, by

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        outputs = self._artefact.run_windows(windows)
        if len(windows) > 1:
            getattr(outputs, self._output)[-1, -1] += self._by
        return outputs


@pytest.mark.parametrize("longest", [1, 2, 5, 80, 87])
def test_windows_of_every_length_up_to_the_longest_are_tried(longest: int) -> None:
    lengths = {len(window) for window in tried_windows(longest)}
    assert min(lengths) == 1
    assert max(lengths) == longest


def test_an_artefact_agrees_with_itself(artefact: Artefact) -> None:
    assert find_difference(artefact, artefact) is None


@pytest.mark.parametrize("output", TOLERANCES)
def test_a_difference_is_found_in_any_output_of_a_batch(output: str, artefact: Artefact) -> None:
    assert find_difference(Changed(artefact, output, 0.5 * TOLERANCES[output]), artefact) is None
    found = find_difference(Changed(artefact, output, 3 * TOLERANCES[output]), artefact)
    assert found is not None
    assert found.endswith(f" in {output}")


def test_what_is_no_number_is_a_difference(artefact: Artefact) -> None:
    found = find_difference(Changed(artefact, "embedding", float("nan")), artefact)
    assert found == "nan in embedding"
