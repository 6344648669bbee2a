"""A glove's own letters on their way to the service: each once, and none before the frame that it knows of."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.events import LetterRead
from firmware_bridge.uplink.device_predictions import DevicePredictions
from scaleglove.letters import LETTERS


def letter(t_ms: float, shares: tuple[float, float, float] | None = None) -> LetterRead:
    return LetterRead(t_ms, "ㄷ", 0.5, shares, 7)


@given(
    times=st.lists(st.integers(0, 400).map(lambda n: n * 20.0), unique=True).map(sorted),
    sent=st.lists(st.integers(0, 400).map(lambda n: n * 20.0)).map(sorted),
)
def test_each_goes_once_in_order_and_behind_its_frame(times: list[float], sent: list[float]) -> None:
    letters = DevicePredictions()
    put = [letters.put(letter(t_ms), None) for t_ms in times]
    taken = []
    for sent_ms in [*sent, math.inf]:
        while (message := letters.take(sent_ms)) is not None:
            assert message.t_ms <= sent_ms
            taken.append(message)
    assert taken == put


def test_it_has_the_number_of_its_frame_in_the_stream_or_none() -> None:
    letters = DevicePredictions()
    assert letters.put(letter(100.0), 2**32 + 5).seq == 5
    assert letters.put(letter(100.0), None).seq is None


def test_its_shares_are_by_scale_and_its_time_is_as_frames_have_it() -> None:
    said = DevicePredictions().put(letter(2.0**32 + 20.4, (0.25, 0.0, 0.75)), None)
    assert (said.label in LETTERS, said.t_ms, said.scale_importance) == (True, 20.0, {"3": 0.25, "5": 0.0, "7": 0.75})
    assert DevicePredictions().put(letter(20.0), None).scale_importance == {}


def test_of_too_many_the_newest_are_kept() -> None:
    letters = DevicePredictions()
    for n in range(1000):
        letters.put(letter(n * 100.0), None)
    first = letters.take(math.inf)
    assert first is not None
    assert first.t_ms == 400 * 100.0
