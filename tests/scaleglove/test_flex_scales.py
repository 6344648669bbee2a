"""Scales of flex readings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.flex_scales import SCALES, has_rails, scale_of


@given(st.floats(0, 65535))
def test_the_scale_is_the_least_that_is_not_below_the_readings(most: float) -> None:
    scale = scale_of(most)
    assert scale in SCALES
    assert most <= scale * (1 + 1e-5)
    assert all(most > other for other in SCALES if other < scale)


@pytest.mark.parametrize("scale", SCALES)
def test_a_reading_at_the_end_of_a_scale_in_float32_is_of_that_scale(scale: float) -> None:
    assert scale_of(float(np.float32(scale))) == scale


def test_readings_beyond_every_converter_are_their_own_scale() -> None:
    assert scale_of(1e6) == 1e6


@pytest.mark.parametrize(
    ("scale", "expected"), [(1, True), (5, True), (90, False), (100, False), (180, False), (255, True)]
)
def test_computed_readings_have_no_rails(scale: float, expected: bool) -> None:
    assert has_rails(scale) is expected
