"""The order of a stream's output, whatever order the answers arrive in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.protocol import Prediction, ServerMessage, Stale
from service.streams.output_queue import OutputQueue, PendingWindow
from service.streams.window import DueWindow


def window(seq: int, is_asked: bool = True) -> PendingWindow:
    due = DueWindow(seq, seq * 20.0, np.zeros((1, 8), np.float32), gap=False)
    return PendingWindow(due, due.frames, cast(Any, None), is_asked)


def predict(pending: PendingWindow) -> Iterator[ServerMessage]:
    yield Prediction(pending.due.seq, pending.due.t_ms, "ok", None, None, [], {})


def numbers(queue: OutputQueue) -> list[int]:
    """Drain a queue; return the numbers of its windows and messages."""
    return [
        message.seq if isinstance(message, Prediction) else int(cast(Stale, message).silent_ms)
        for message in queue.drain(predict)
    ]


@given(
    st.lists(st.sampled_from(["asked", "short", "message", "step"]), max_size=30),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_nothing_overtakes_a_window_and_nothing_is_lost(items: list[str], random: Any, in_order: bool) -> None:
    queue, pending, sent = OutputQueue(), [], []
    for number, item in enumerate(items):
        if item == "message":
            queue.put_message(Stale(number))
        elif item == "step":
            queue.put(lambda number=number: [Stale(number)])
        else:
            waiting = window(number, is_asked=item == "asked")
            queue.put_window(waiting)
            pending += [waiting] if waiting.is_asked else []
    first_asked = next((number for number, item in enumerate(items) if item == "asked"), len(items))
    sent += numbers(queue)
    assert sent == list(range(first_asked))
    assert len(queue) == len(pending)
    if not in_order:
        random.shuffle(pending)
    for waiting in pending:
        assert queue.take(None if in_order else waiting.due) is waiting
        waiting.evidence = cast(Any, object())
        sent += numbers(queue)
    assert sent == list(range(len(items)))
    assert len(queue) == 0


def test_a_dropped_window_is_not_waited_for() -> None:
    queue = OutputQueue()
    queue.put_window(window(0))
    queue.put_window(window(1))
    queue.drop_last()
    queue.put_message(Stale(2))
    queue.take(None).evidence = cast(Any, object())
    assert numbers(queue) == [0, 2]


def test_nothing_follows_the_step_that_closes_it() -> None:
    queue = OutputQueue()

    def close() -> list[ServerMessage]:
        queue.close()
        return [Stale(0), Stale(1)]

    queue.put(close)
    queue.put_message(Stale(2))
    assert numbers(queue) == [0, 1]
    assert numbers(queue) == []


def test_cleared_windows_are_not_waited_for() -> None:
    queue = OutputQueue()
    queue.put_window(window(0))
    queue.clear()
    queue.put_message(Stale(1))
    assert (len(queue), numbers(queue)) == (0, [1])
