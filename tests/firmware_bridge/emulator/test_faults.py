"""Lost packets and defective sensors of the emulated glove."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_bridge.emulator.faults import FaultNameError, PacketLoss, SensorFaults
from firmware_bridge.emulator.glove_model import GloveModel, Reading
from scaleglove.letter_templates import load_templates


def readings(share: float, seed: int = 0) -> list[Reading]:
    glove = PacketLoss(GloveModel("안녕", load_templates(), once=True), share, seed)
    return list(iter(lambda: glove.read(20.0), None))


def test_lost_readings_are_counted_as_missing_and_the_others_unchanged() -> None:
    whole, lossy = readings(0.0), readings(0.1)
    assert all(reading.missing == 0 for reading in whole)
    indices = np.cumsum([reading.missing + 1 for reading in lossy]) - 1
    assert all(np.array_equal(whole[index].values, left.values) for index, left in zip(indices, lossy, strict=True))
    assert [whole[index].t_ms for index in indices] == [left.t_ms for left in lossy]


def test_the_share_is_lost_and_the_same_seed_loses_the_same_readings() -> None:
    whole = len(readings(0.0))
    assert len(readings(0.2)) == pytest.approx(0.8 * whole, rel=0.1)
    times = [[reading.t_ms for reading in readings(0.2, seed)] for seed in (1, 1, 2)]
    assert times[0] == times[1] != times[2]


def values(*faults: str) -> np.ndarray:
    glove = SensorFaults(GloveModel("ㅏㅎ", load_templates()), faults)
    return np.array([reading.values for _ in range(100) if (reading := glove.read(20.0))])


def test_only_channels_with_a_fault_differ() -> None:
    whole = values()
    broken = values("flex2=dropped", "flex5=saturated", "imu=repeating", "flex1=stuck")
    assert (broken[:, 1] == 0).all()
    assert (broken[:, 4] == 1023).all()
    assert (broken[:, [0, 5, 6, 7]] == whole[0, [0, 5, 6, 7]]).all()
    assert np.array_equal(broken[:, [2, 3]], whole[:, [2, 3]])


@pytest.mark.parametrize("name", ["", "flex6=stuck", "flex1=repeating", "imu=dropped", "pitch=stuck", "flex1"])
def test_an_unknown_fault_is_refused(name: str) -> None:
    with pytest.raises(FaultNameError, match="is not a sensor fault"):
        values(name)
