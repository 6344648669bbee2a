"""Pacing of the uplink: predictions follow their frames, and messages keep an interval."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.events import LetterRead
from firmware_bridge.uplink.glove_labels import NamedLetter
from firmware_bridge.uplink.pacing import DevicePredictions, SendThrottle


def letter(t_ms: float, shares: tuple[float, float, float] | None = None) -> NamedLetter:
    return NamedLetter(LetterRead(t_ms, 2, 0.5, shares, 7), "ㄷ")


@given(
    times=st.lists(st.integers(0, 400).map(lambda n: n * 20.0), unique=True).map(sorted),
    sent=st.lists(st.integers(0, 400).map(lambda n: n * 20.0)).map(sorted),
)
def test_each_prediction_is_sent_once_in_order_after_its_frame(times: list[float], sent: list[float]) -> None:
    predictions = DevicePredictions()
    put = [predictions.put(letter(t_ms), None) for t_ms in times]
    taken = []
    for sent_ms in [*sent, math.inf]:
        while (message := predictions.take(sent_ms)) is not None:
            assert message.t_ms <= sent_ms
            taken.append(message)
    assert taken == put


def test_a_prediction_has_its_frames_number_or_none() -> None:
    predictions = DevicePredictions()
    assert predictions.put(letter(100.0), 2**32 + 5).seq == 5
    assert predictions.put(letter(100.0), None).seq is None


def test_a_prediction_has_importance_by_scale_and_the_device_time() -> None:
    message = DevicePredictions().put(letter(2.0**32 + 20.4, (0.25, 0.0, 0.75)), None)
    assert (message.label, message.t_ms, message.scale_importance) == (
        "ㄷ",
        20.0,
        {"3": 0.25, "5": 0.0, "7": 0.75},
    )
    assert DevicePredictions().put(letter(20.0), None).scale_importance == {}


def test_only_the_newest_predictions_are_kept() -> None:
    predictions = DevicePredictions()
    for n in range(1000):
        predictions.put(letter(n * 100.0), None)
    first = predictions.take(math.inf)
    assert first is not None
    assert first.t_ms == 400 * 100.0


def test_the_first_frame_is_sent_immediately() -> None:
    assert SendThrottle().wait_s(0.0) == 0.0


def test_a_frame_waits_for_the_rest_of_the_interval() -> None:
    throttle = SendThrottle(min_interval_s=0.008)
    throttle.sent(10.0)
    assert throttle.wait_s(10.008) == 0.0
    assert abs(throttle.wait_s(10.002) - 0.006) < 1e-9


@given(st.lists(st.floats(0.0, 0.05), min_size=1, max_size=300))
def test_no_frame_waits_longer_than_the_interval_between_messages(gaps_s: list[float]) -> None:
    throttle, now_s, sent_s = SendThrottle(), 0.0, []
    for gap_s in gaps_s:
        now_s += gap_s
        wait_s = throttle.wait_s(now_s)
        assert 0.0 <= wait_s <= throttle.min_interval_s + 1e-9
        now_s += wait_s
        throttle.sent(now_s)
        sent_s.append(now_s)
    assert all(after - before >= throttle.min_interval_s - 1e-9 for before, after in pairwise(sent_s))
