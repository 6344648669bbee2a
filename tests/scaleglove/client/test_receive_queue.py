"""What a full queue drops."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scaleglove.client.receive_queue import ReceiveQueue
from scaleglove.protocol import Gesture, Prediction, ServerMessage


def prediction(seq: int) -> Prediction:
    return Prediction(seq, seq * 20.0, "warming", None, None, [], {})


def gesture(seq: int) -> Gesture:
    return Gesture("begin", "ㄱ", seq * 20.0, 1.0)


def taken(queue: ReceiveQueue) -> list[ServerMessage]:
    return list(iter(queue.take, None))


def test_the_oldest_prediction_is_dropped_before_any_other_message() -> None:
    queue = ReceiveQueue(3)
    for message in (gesture(0), prediction(1), gesture(2), prediction(3), gesture(4), gesture(5)):
        queue.put(message)
    assert taken(queue) == [gesture(2), gesture(4), gesture(5)]
    assert queue.dropped == 3


@given(st.lists(st.booleans()), st.integers(1, 5))
def test_is_never_larger_than_its_capacity_and_counts_what_is_lost(kinds: list[bool], capacity: int) -> None:
    messages = [prediction(seq) if kind else gesture(seq) for seq, kind in enumerate(kinds)]
    queue = ReceiveQueue(capacity)
    for message in messages:
        queue.put(message)
    kept = taken(queue)
    assert len(kept) == min(capacity, len(messages))
    assert len(kept) + queue.dropped == len(messages)
    assert kept == [message for message in messages if message in kept]
    assert kept[-1:] == messages[-1:]
