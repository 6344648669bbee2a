from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from scaleglove.protocol import Gap, Prediction
from service.streams.send_queue import Outbox
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


def new_outbox(limit: int = 3) -> tuple[Outbox, Ended, Metrics]:
    ended, metrics = Ended(), Metrics()
    return Outbox(limit, metrics, ended), ended, metrics


def prediction(seq: int) -> Prediction:
    return Prediction(seq, seq * 20.0, "warming", None, None, [], {})


def gap(seq: int) -> Gap:
    return Gap(seq, seq * 20.0, 1, "sequence")


def test_who_keeps_up_is_told_at_once() -> None:
    outbox, _, _ = new_outbox()
    outbox.put(gap(0))  # before the socket is open
    reader = Reader()
    outbox.open(reader)
    outbox.put(prediction(1))
    assert reader.sent == [("gap", 0), ("prediction", 1)]
    assert len(outbox) == 0


def test_oldest_predictions_go_first_and_are_counted() -> None:
    outbox, ended, metrics = new_outbox()
    reader = Reader(is_writable=False)
    outbox.open(reader)
    outbox.put(gap(0))
    for seq in range(1, 8):
        outbox.put(prediction(seq))
    outbox.put(gap(8))
    assert (len(outbox), outbox.dropped, reader.sent) == (5, 4, [])
    reader.is_writable = True
    outbox.flush()
    assert reader.sent == [("gap", 0), ("prediction", 5), ("prediction", 6), ("prediction", 7), ("gap", 8)]
    assert metrics.registry.get_sample_value("scaleglove_dropped_messages_total") == 4
    assert not outbox.overflowed
    assert ended.count == 0


def test_even_other_messages_are_bounded() -> None:
    outbox, ended, _ = new_outbox()
    for seq in range(1000):
        outbox.put(gap(seq))
        assert len(outbox) <= 3
    assert outbox.overflowed
    assert ended.count == 1
    reader = Reader()
    outbox.open(reader)
    assert reader.sent == []


def test_closed_outbox_takes_nothing_more_and_ends_when_all_is_sent() -> None:
    outbox, ended, _ = new_outbox()
    reader = Reader(is_writable=False)
    outbox.open(reader)
    outbox.put(gap(0))
    outbox.close(1000)
    outbox.put(gap(1))
    outbox.close(1011)
    assert ended.count == 0
    reader.is_writable = True
    outbox.flush()
    assert (reader.sent, outbox.close_code, ended.count) == ([("gap", 0)], 1000, 1)


@given(st.lists(st.one_of(st.booleans(), st.sampled_from(["prediction", "gap"])), max_size=60))
def test_nothing_is_repeated_reordered_or_lost_uncounted(steps: list[bool | str]) -> None:
    """Steps: what is put, and whether the reader reads from then on."""
    outbox, _, _ = new_outbox(4)
    reader = Reader()
    outbox.open(reader)
    for seq, step in enumerate(steps):
        if isinstance(step, bool):
            reader.is_writable = step
            outbox.flush()
        else:
            outbox.put(prediction(seq) if step == "prediction" else gap(seq))
    if outbox.overflowed:
        return
    reader.is_writable = True
    outbox.flush()
    seqs = [seq for _, seq in reader.sent]
    assert seqs == sorted(set(seqs))
    put = [(step, seq) for seq, step in enumerate(steps) if isinstance(step, str)]
    assert [sent for sent in reader.sent if sent[0] == "gap"] == [step for step in put if step[0] == "gap"]
    assert len(put) - len(reader.sent) == outbox.dropped
