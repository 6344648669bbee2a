from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from scaleglove.protocol import Gap, Prediction, encode_utf8
from service.streams.websocket.send_queue import GATHERED_BYTES, SendQueue
from service.streams.websocket.text_frames import FrameBatch, text_frame
from service.telemetry.metrics import Metrics
from tests.service.sockets import payloads_of


class Reader:
    """A socket whose reader may be slow."""

    def __init__(self, is_writable: bool = True) -> None:
        self.is_writable = is_writable
        self.sent: list[tuple[str, int]] = []
        self.writes = 0

    def send_frames(self, frames: bytes) -> None:
        self.writes += 1
        for payload in payloads_of(frames):
            message = json.loads(payload)
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


def batch_of(messages: list[Gap | Prediction]) -> FrameBatch:
    batch = FrameBatch()
    for message in messages:
        batch.add(text_frame(encode_utf8(message)), message.droppable)
    return batch


def test_messages_of_one_step_are_one_write() -> None:
    send_queue, _, _ = new_queue()
    reader = Reader()
    send_queue.open(reader)
    send_queue.put_frames(batch_of([prediction(1), gap(2), prediction(3)]))
    assert reader.sent == [("prediction", 1), ("gap", 2), ("prediction", 3)]
    assert reader.writes == 1


class SlowSocket:
    """A socket whose reader takes bytes now and then; it is writable while it holds at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self.received = b""
        self.largest = 0
        self._limit = limit
        self._held = b""

    @property
    def is_writable(self) -> bool:
        return len(self._held) <= self._limit

    def send_frames(self, frames: bytes) -> None:
        assert self.is_writable
        self._held += frames
        self.largest = max(self.largest, len(self._held))

    def read(self) -> None:
        self.received, self._held = self.received + self._held, b""


Step = list[bool] | None
"""Messages that are put together, each of which may be dropped or not; None: the reader reads."""


@given(st.lists(st.none() | st.lists(st.booleans(), min_size=1, max_size=8), max_size=60), st.booleans())
def test_batches_arrive_as_single_messages_do(steps: list[Step], reads_at_once: bool) -> None:
    """What the readers of both receive is the same bytes, whatever was queued in between."""
    together, ended, metrics = new_queue(6)
    singly, ended_singly, metrics_singly = new_queue(6)
    readers = [Reader(reads_at_once) for _ in range(2)]
    for send_queue, reader in zip((together, singly), readers, strict=True):
        send_queue.open(reader)
    seq = 0
    for step in steps:
        if step is None:
            for send_queue, reader in zip((together, singly), readers, strict=True):
                reader.is_writable = not reader.is_writable
                send_queue.flush()
            continue
        messages = [
            prediction(seq + number) if droppable else gap(seq + number) for number, droppable in enumerate(step)
        ]
        seq += len(step)
        together.put_frames(batch_of(messages))
        for message in messages:
            singly.put(message)
    assert readers[0].sent == readers[1].sent
    assert (together.dropped, together.overflowed, len(together)) == (singly.dropped, singly.overflowed, len(singly))
    assert ended.count == ended_singly.count
    name = "scaleglove_dropped_messages_total"
    assert metrics.registry.get_sample_value(name) == metrics_singly.registry.get_sample_value(name) == together.dropped


@given(st.lists(st.none() | st.lists(st.booleans(), min_size=1, max_size=8), max_size=60), st.integers(0, 2000))
def test_a_slow_reader_receives_whole_messages_in_order(steps: list[Step], limit: int) -> None:
    """The socket becomes unwritable in the middle of a step, and only droppable messages are missing, all counted."""
    send_queue, _, _ = new_queue(8)
    socket = SlowSocket(limit)
    send_queue.open(socket)
    put: list[bytes] = []
    for step in steps:
        if step is None:
            socket.read()
            send_queue.flush()
            continue
        numbers = range(len(put), len(put) + len(step))
        messages = [
            prediction(number) if droppable else gap(number) for number, droppable in zip(numbers, step, strict=True)
        ]
        put += map(encode_utf8, messages)
        send_queue.put_frames(batch_of(messages))
    if send_queue.overflowed:
        return
    while len(send_queue):
        socket.read()
        send_queue.flush()
    socket.read()
    received = payloads_of(socket.received)
    missing = [payload for payload in put if payload not in set(received)]
    assert [payload for payload in put if payload in set(received)] == received
    assert all(b"prediction" in payload for payload in missing)
    assert len(missing) == send_queue.dropped
    assert socket.largest <= limit + GATHERED_BYTES + 200  # the frame with which a write is full


def test_what_waited_for_a_slow_reader_is_gathered_for_few_writes() -> None:
    send_queue, _, _ = new_queue(500)
    reader = Reader(is_writable=False)
    send_queue.open(reader)
    for seq in range(500):
        send_queue.put(gap(seq))
    reader.is_writable = True
    send_queue.flush()
    assert [seq for _, seq in reader.sent] == list(range(500))
    size = 500 * len(text_frame(encode_utf8(gap(500))))
    assert reader.writes <= size // GATHERED_BYTES + 1
