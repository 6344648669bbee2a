"""The frames of a step: as many as cover the time that the shape is held, by the glove's clock."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.events import DeviceRestarted, FrameRead
from firmware_bridge.glove_wizard.session import HOLD_MS, StepTake
from models.adaptation.glove_check import LEAST_FRAMES

VALUES = (801.0, 802.0, 803.0, 804.0, None, 1.0, -2.0, 3.0)


def frames(begin: int, count: int, step_ms: float = 20.0) -> list[FrameRead]:
    return [FrameRead(step_ms * place, VALUES) for place in range(begin, begin + count)]


@given(st.floats(1, 1000), st.integers(1, 40))
def test_a_take_ends_when_it_covers_the_time(step_ms: float, at_once: int) -> None:
    take, begin = StepTake(), 0
    while not take.is_done:
        take.add(list(frames(begin, at_once, step_ms)))
        begin += at_once
    values = take.values()
    assert len(values) == max(LEAST_FRAMES, next(n for n in range(2, 3000) if (n - 1) * step_ms >= HOLD_MS))
    assert np.isnan(values).any(axis=0).tolist() == [value is None for value in VALUES]


def test_a_glove_that_restarts_begins_the_step_again() -> None:
    take = StepTake()
    take.add(list(frames(0, 90)))
    take.add([DeviceRestarted(1780.0, 0.0), *frames(0, 100)])
    assert not take.is_done
    take.add(list(frames(100, 1)))
    assert take.is_done
    assert len(take.values()) == 101
