"""Which examples of a profile have one zero of yaw."""

from __future__ import annotations

import numpy as np
import pytest

from service.wearers.profile_examples import SESSION_PAUSE_S, yaws_of
from service.wearers.records import Example, Source

YAWS = [10.0, -170.0, 90.0]


def windows() -> list[np.ndarray]:
    return [np.tile(np.array([800.0] * 5 + [0, 0, yaw], np.float32), (20, 1)) for yaw in YAWS]


def examples(times: list[float], sources: list[Source]) -> list[Example]:
    return [
        Example("ㄱ", window, 50.0, source, None, at)
        for window, at, source in zip(windows(), times, sources, strict=True)
    ]


def test_examples_of_one_session_have_one_zero_in_any_order() -> None:
    found = yaws_of(examples([900.0, 0.0, SESSION_PAUSE_S], ["stream"] * 3), windows())
    np.testing.assert_allclose(found, YAWS, atol=1e-3)
    assert len(yaws_of([], [])) == 0


@pytest.mark.parametrize(
    ("times", "sources"),
    [
        ([0.0, 10.0, SESSION_PAUSE_S + 11], ["stream"] * 3),
        ([0.0, 0.0, 0.0], ["stream", "posted", "stream"]),
    ],
)
def test_after_a_pause_and_of_files_nobody_knows_the_zero(times: list[float], sources: list[Source]) -> None:
    assert np.isnan(yaws_of(examples(times, sources), windows())).all()
