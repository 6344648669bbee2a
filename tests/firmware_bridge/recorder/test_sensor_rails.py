"""Sensors are judged by what the glove itself has sent: any converter, either way round, missing sensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.recorder.sensor_rails import SensorRails

HAND = (786.0, 778.0, 861.0, 860.0, 882.0)
Row = list[float | None]

GLOVES = {
    "10 bits": lambda value: value,
    "12 bits": lambda value: 4 * value,
    "16 bits": lambda value: 64 * value,
    "0 to 1": lambda value: value / 1023,
    "reversed": lambda value: 1023 - value,
    "12 bits, reversed": lambda value: 4095 - 4 * value,
    "another unit": lambda value: value / 10 - 80,
}


def take(glove: str, frames: int = 40, **changes: Sequence[float]) -> list[Row]:
    """Return a take of a trembling hand; a change replaces a sensor, such as `flex2`, by values of the 10-bit scale."""
    rows: list[Row] = []
    for n in range(frames):
        readings = [value + n % 3 for value in HAND]
        for name, values in changes.items():
            readings[int(name[-1]) - 1] = values[n % len(values)]
        rows.append([*(GLOVES[glove](value) for value in readings), -17.0, -64.0, 12.0 + n / 100])
    return rows


def faults(*takes: list[Row]) -> list[str]:
    rails = SensorRails()
    for rows in takes:
        for row in rows:
            rails.push(row)
    return rails.faults(takes[-1])


@pytest.mark.parametrize("glove", GLOVES)
def test_a_healthy_hand_has_no_fault_on_any_scale(glove: str) -> None:
    assert faults(take(glove)) == []


@pytest.mark.parametrize("glove", [name for name in GLOVES if "reversed" not in name and name != "another unit"])
def test_a_sensor_without_contact_is_named(glove: str) -> None:
    assert faults(take(glove, flex2=[0])) == ["flex2 has no contact"]
    assert faults(take(glove, flex2=[778, 779, 0])) == ["flex2 has no contact"]
    assert faults(take(glove), take(glove, flex2=[20, 31, 55])) == ["flex2 has no contact"]


@pytest.mark.parametrize("glove", ["10 bits", "12 bits", "0 to 1"])
def test_a_sensor_at_the_converter_s_end_is_named(glove: str) -> None:
    assert faults(take(glove, flex5=[1023.75])) == ["flex5 is at its limit"] or glove != "12 bits"
    assert faults(take(glove, flex5=[1023])) in (["flex5 is at its limit"], ["flex5 is stuck"])


@pytest.mark.parametrize("glove", GLOVES)
def test_a_stuck_sensor_is_named_on_any_scale(glove: str) -> None:
    assert faults(take(glove, flex3=[800])) == ["flex3 is stuck"]


def test_one_finger_the_other_way_round_is_accepted_once_it_has_moved() -> None:
    straight, moving = [60, 61, 62], list(np.linspace(60, 240, 40))
    assert faults(take("10 bits", flex4=straight)) == ["flex4 has no contact"]
    assert faults(take("10 bits", flex4=moving), take("10 bits", flex4=straight)) == []


def test_missing_sensors_are_no_fault() -> None:
    rows = take("10 bits")
    for row in rows:
        row[1] = row[5] = row[6] = row[7] = None
    assert faults(rows) == []
    assert faults([[None] * 8] * 5) == []


@given(st.lists(st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=8, max_size=8), min_size=1, max_size=20))
def test_any_frames_are_judged(rows: list[Row]) -> None:
    named = [fault.partition(" ")[0] for fault in faults(rows)]
    assert named == sorted(set(named))


@pytest.mark.parametrize("most", [1023.0, 4095.0, 3.3])
def test_a_stated_range_counts_before_any_reading_has_shown_it(most: float) -> None:
    rails = SensorRails()
    rails.state(most)
    rails.push([0.2 * most] * 5 + [0.0] * 3)
    assert rails.full_scale == most
    rails.push([1.5 * most] * 5 + [0.0] * 3)  # the header was damaged
    assert rails.full_scale > most
