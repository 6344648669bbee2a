"""Frames that never arrive."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_bridge.emulator.glove_model import GloveModel, Reading
from firmware_bridge.emulator.packet_loss import LossyGlove
from scaleglove.letter_templates import load_templates


def readings(share: float, seed: int = 0) -> list[Reading]:
    glove = LossyGlove(GloveModel("안녕", load_templates(), once=True), share, seed)
    return list(iter(lambda: glove.read(20.0), None))


def test_what_is_lost_is_missing_and_the_rest_is_as_it_was() -> None:
    whole, lossy = readings(0.0), readings(0.1)
    assert all(reading.missing == 0 for reading in whole)
    places = np.cumsum([reading.missing + 1 for reading in lossy]) - 1
    assert all(np.array_equal(whole[place].values, left.values) for place, left in zip(places, lossy, strict=True))
    assert [whole[place].t_ms for place in places] == [left.t_ms for left in lossy]


def test_about_the_share_is_lost_and_with_the_same_seed_the_same() -> None:
    whole = len(readings(0.0))
    assert len(readings(0.2)) == pytest.approx(0.8 * whole, rel=0.1)
    times = [[reading.t_ms for reading in readings(0.2, seed)] for seed in (1, 1, 2)]
    assert times[0] == times[1] != times[2]
