from __future__ import annotations

import asyncio
import json

import pytest

from service.hub import Hub, Outbox
from service.metrics import Metrics
from service.wire import Gap, Prediction, Stopped, WireError


def prediction(seq: int) -> Prediction:
    return Prediction(seq, seq * 20.0, "warming", None, None, [], {})


def gap(seq: int) -> Gap:
    return Gap(seq, seq * 20.0, 1, "sequence")


async def drain(outbox: Outbox) -> list[tuple[str, int]]:
    outbox.close(1000)
    messages = []
    while (text := await outbox.get()) is not None:
        message = json.loads(text)
        messages.append((message["type"], message.get("seq", -1)))
    return messages


def test_oldest_predictions_go_first_and_are_counted() -> None:
    metrics = Metrics()
    outbox = Outbox(3, metrics)
    outbox.put(gap(0))
    for seq in range(1, 8):
        outbox.put(prediction(seq))
    outbox.put(gap(8))
    assert (len(outbox), outbox.dropped) == (5, 4)
    assert asyncio.run(drain(outbox)) == [
        ("gap", 0),
        ("prediction", 5),
        ("prediction", 6),
        ("prediction", 7),
        ("gap", 8),
    ]
    assert metrics.registry.get_sample_value("scaleglove_dropped_messages_total") == 4
    assert not outbox.overflowed.is_set()


def test_even_other_messages_are_bounded() -> None:
    outbox = Outbox(3, Metrics())
    for seq in range(1000):
        outbox.put(gap(seq))
        assert len(outbox) <= 3
    assert outbox.overflowed.is_set()


def test_closed_outbox_takes_nothing_more() -> None:
    outbox = Outbox(3, Metrics())
    outbox.put(gap(0))
    outbox.close(1000)
    outbox.put(gap(1))
    outbox.close(1011)
    assert asyncio.run(drain(outbox)) == [("gap", 0)]
    assert outbox.close_code == 1000


def test_get_waits_for_a_message() -> None:
    async def meet() -> str | None:
        outbox = Outbox(3, Metrics())
        waiting = asyncio.create_task(outbox.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        outbox.put(Stopped("here", 0, 0, 0, 0, 0))
        return await waiting

    assert json.loads(asyncio.run(meet()) or "")["type"] == "stopped"


def test_limit_of_streams() -> None:
    hub = Hub(2, 8, Metrics())
    first, second, third = hub.new_outbox(), hub.new_outbox(), hub.new_outbox()
    hub.join(first)
    hub.join(second)
    with pytest.raises(WireError, match="2 streams are open already"):
        hub.join(third)
    hub.leave(first)
    hub.join(third)
