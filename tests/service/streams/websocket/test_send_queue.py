from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from scaleglove.protocol import Gap, Prediction
from service.streams.websocket.send_queue import SendQueue
from service.telemetry.metrics import Metrics


class Reader:
    """A socket whose reader may be slow."""

    def __init__(self, is_writable: bool = True) -> None:
        self.is_writable = is_writable
        self.sent: list[tuple[str, int]] = []

    def send_text(self, text: str) -> None:
        message = json.loads(text)
        self.sent.append((message["type"], message["seq"]))


class Ended:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def new_queue(limit: int = 3) -> tuple[SendQueue, Ended, Metrics]:
    ended, metrics = Ended(), Metrics()
    return SendQueue(limit, metrics, ended), ended, metrics


def prediction(seq: int) -> Prediction:
    return Prediction(seq, seq * 20.0, "warming", None, None, [], {})


def gap(seq: int) -> Gap:
    return Gap(seq, seq * 20.0, 1, "sequence")


def test_a_fast_reader_is_sent_messages_at_once() -> None:
    send_queue, _, _ = new_queue()
    send_queue.put(gap(0))  # before the socket is open
    reader = Reader()
    send_queue.open(reader)
    send_queue.put(prediction(1))
    assert reader.sent == [("gap", 0), ("prediction", 1)]
    assert len(send_queue) == 0


def test_oldest_predictions_go_first_and_are_counted() -> None:
    send_queue, ended, metrics = new_queue()
    reader = Reader(is_writable=False)
    send_queue.open(reader)
    send_queue.put(gap(0))
    for seq in range(1, 8):
        send_queue.put(prediction(seq))
    send_queue.put(gap(8))
    assert (len(send_queue), send_queue.dropped, reader.sent) == (5, 4, [])
    reader.is_writable = True
    send_queue.flush()
    assert reader.sent == [("gap", 0), ("prediction", 5), ("prediction", 6), ("prediction", 7), ("gap", 8)]
    assert metrics.registry.get_sample_value("scaleglove_dropped_messages_total") == 4
    assert not send_queue.overflowed
    assert ended.count == 0


def test_even_other_messages_are_bounded() -> None:
    send_queue, ended, _ = new_queue()
    for seq in range(1000):
        send_queue.put(gap(seq))
        assert len(send_queue) <= 3
    assert send_queue.overflowed
    assert ended.count == 1
    reader = Reader()
    send_queue.open(reader)
    assert reader.sent == []


def test_a_closed_send_queue_accepts_nothing_and_ends_when_all_is_sent() -> None:
    send_queue, ended, _ = new_queue()
    reader = Reader(is_writable=False)
    send_queue.open(reader)
    send_queue.put(gap(0))
    send_queue.close(1000)
    send_queue.put(gap(1))
    send_queue.close(1011)
    assert ended.count == 0
    reader.is_writable = True
    send_queue.flush()
    assert (reader.sent, send_queue.close_code, ended.count) == ([("gap", 0)], 1000, 1)


@given(st.lists(st.one_of(st.booleans(), st.sampled_from(["prediction", "gap"])), max_size=60))
def test_nothing_is_repeated_reordered_or_lost_uncounted(steps: list[bool | str]) -> None:
    """Slices: what is put, and whether the reader reads from then on."""
    send_queue, _, _ = new_queue(4)
    reader = Reader()
    send_queue.open(reader)
    for seq, step in enumerate(steps):
        if isinstance(step, bool):
            reader.is_writable = step
            send_queue.flush()
        else:
            send_queue.put(prediction(seq) if step == "prediction" else gap(seq))
    if send_queue.overflowed:
        return
    reader.is_writable = True
    send_queue.flush()
    seqs = [seq for _, seq in reader.sent]
    assert seqs == sorted(set(seqs))
    put = [(step, seq) for seq, step in enumerate(steps) if isinstance(step, str)]
    assert [sent for sent in reader.sent if sent[0] == "gap"] == [step for step in put if step[0] == "gap"]
    assert len(put) - len(reader.sent) == send_queue.dropped
