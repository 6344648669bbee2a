"""Sensors that break as real ones do."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_bridge.emulator.glove_model import GloveModel
from firmware_bridge.emulator.sensor_faults import BrokenGlove, FaultNameError
from scaleglove.letter_templates import load_templates


def values(*faults: str) -> np.ndarray:
    glove = BrokenGlove(GloveModel("ㅏㅎ", load_templates()), faults)
    return np.array([reading.values for _ in range(100) if (reading := glove.read(20.0))])


def test_only_what_is_broken_differs() -> None:
    whole = values()
    broken = values("flex2=dropped", "flex5=saturated", "imu=repeating", "flex1=stuck")
    assert (broken[:, 1] == 0).all()
    assert (broken[:, 4] == 1023).all()
    assert (broken[:, [0, 5, 6, 7]] == whole[0, [0, 5, 6, 7]]).all()
    assert np.array_equal(broken[:, [2, 3]], whole[:, [2, 3]])


@pytest.mark.parametrize("name", ["", "flex6=stuck", "flex1=repeating", "imu=dropped", "pitch=stuck", "flex1"])
def test_what_is_no_fault_is_refused(name: str) -> None:
    with pytest.raises(FaultNameError, match="is no fault"):
        values(name)
