"""Windows of a still hand, pooled."""

from __future__ import annotations

import numpy as np
import pytest

from service.streams.text.pooled_windows import PooledWindows


def test_one_window_against_a_letter_weighs_more_than_one_for_it() -> None:
    pooled = PooledWindows(300.0)
    pooled.push(0.0, np.array([0.9, 0.1]))
    assert pooled.best() == (0, pytest.approx(0.9))
    pooled.push(100.0, np.array([0.001, 0.999]))
    assert pooled.best()[0] == 1


def test_only_the_newest_count() -> None:
    pooled = PooledWindows(300.0)
    for t_ms, probabilities in ((0.0, [0.001, 0.999]), (301.0, [0.9, 0.1])):
        pooled.push(t_ms, np.array(probabilities))
    assert pooled.best() == (0, pytest.approx(0.9))
    pooled.clear()
    pooled.push(302.0, np.array([0.2, 0.8]))
    assert pooled.best() == (1, pytest.approx(0.8))
