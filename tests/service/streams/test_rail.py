from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.channels import DROPPED_FLEX_BELOW
from scaleglove.flex_scales import SCALES
from service.streams.rail import FLEX_RAIL, rail_of, rounded


@given(st.floats(0, 70_000, width=32), st.floats(0, 70_000, width=32))
def test_a_rail_is_above_all_readings(stated: float, most: float) -> None:
    found = rail_of(stated, most)
    assert found.valid_to * (1 + 2e-6) >= most
    assert found.lost_below < found.rail
    assert found.rail in {found.valid_to, math.inf}


@pytest.mark.parametrize("scale", SCALES)
def test_the_least_scale_that_is_not_exceeded_counts(scale: float) -> None:
    assert rail_of(0.0, rounded(scale)).valid_to == rounded(scale)
    assert rail_of(rounded(scale), 0.5 * scale).valid_to == rounded(scale)


@pytest.mark.parametrize("most", [5.1, 90.0, 100.0, 180.0])
def test_readings_that_are_computed_have_no_rail(most: float) -> None:
    found = rail_of(0.0, most)
    assert (found.rail, found.lost_below) == (math.inf, -math.inf)


def test_contact_is_lost_below_the_same_share_of_any_converter() -> None:
    assert rail_of(0.0, FLEX_RAIL).lost_below == DROPPED_FLEX_BELOW
    assert rail_of(4095.0, 0.0).lost_below == pytest.approx(DROPPED_FLEX_BELOW * 4095 / 1023)
