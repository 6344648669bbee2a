"""When the bridge sends."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.uplink.send_throttle import SendThrottle


def test_the_first_frame_goes_at_once() -> None:
    assert SendThrottle().wait_s(0.0) == 0.0


def test_a_frame_after_a_rest_goes_at_once_and_one_before_waits_for_the_rest_of_it() -> None:
    coalescing = SendThrottle(rest_s=0.008)
    coalescing.sent(10.0)
    assert coalescing.wait_s(10.008) == 0.0
    assert abs(coalescing.wait_s(10.002) - 0.006) < 1e-9


@given(st.lists(st.floats(0.0, 0.05), min_size=1, max_size=300))
def test_no_frame_waits_longer_than_the_rest_and_messages_lie_as_far_apart(gaps_s: list[float]) -> None:
    coalescing, now_s, sent_s = SendThrottle(), 0.0, []
    for gap_s in gaps_s:
        now_s += gap_s
        wait_s = coalescing.wait_s(now_s)
        assert 0.0 <= wait_s <= coalescing.rest_s + 1e-9
        now_s += wait_s
        coalescing.sent(now_s)
        sent_s.append(now_s)
    assert all(after - before >= coalescing.rest_s - 1e-9 for before, after in pairwise(sent_s))
