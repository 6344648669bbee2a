"""Retransmit buffer: every frame is acknowledged, kept or counted as dropped."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from firmware_bridge.uplink.retransmit_buffer import MAX_BATCH, Batch, RetransmitBuffer


def put(buffer: RetransmitBuffer, count: int, *, start: int = 0) -> None:
    for index in range(start, start + count):
        buffer.put(20.0 * index, (float(index),) * 8)


def take_all(buffer: RetransmitBuffer) -> list[int]:
    """Return the numbers of all frames that the current stream has not been sent."""
    numbers: list[int] = []
    while (batch := buffer.take()) is not None:
        numbers += numbers_of(batch)
    return numbers


def numbers_of(batch: Batch) -> list[int]:
    return [batch.seq + index for index in range(len(batch.t_ms))]


def test_frames_go_once_in_order_with_their_times_and_values() -> None:
    buffer = RetransmitBuffer()
    put(buffer, 3)
    assert buffer.take() == Batch(0, [0.0, 20.0, 40.0], [(0.0,) * 8, (1.0,) * 8, (2.0,) * 8])
    assert buffer.take() is None
    assert len(buffer) == 3


def test_acknowledged_frames_are_released_and_the_others_sent_on_the_next_stream() -> None:
    buffer = RetransmitBuffer()
    put(buffer, 10)
    take_all(buffer)
    buffer.acknowledge(6)
    buffer.requeue()
    assert take_all(buffer) == [7, 8, 9]
    assert buffer.dropped == 0


def test_lost_frames_are_skipped_in_the_numbers_and_no_message_has_a_gap() -> None:
    buffer = RetransmitBuffer()
    put(buffer, 2)
    buffer.skip(5)
    put(buffer, 2, start=2)
    batches = [buffer.take(), buffer.take(), buffer.take()]
    assert [batch and numbers_of(batch) for batch in batches] == [[0, 1], [7, 8], None]


def test_a_message_has_at_most_the_frames_that_the_service_accepts() -> None:
    buffer = RetransmitBuffer()
    put(buffer, 2 * MAX_BATCH + 1)
    lengths = []
    while (batch := buffer.take()) is not None:
        lengths.append(len(batch.t_ms))
    assert lengths == [MAX_BATCH, MAX_BATCH, 1]


def test_without_a_service_the_newest_are_kept_and_the_others_counted() -> None:
    buffer = RetransmitBuffer(capacity=100)
    put(buffer, 130)
    assert (len(buffer), buffer.dropped) == (100, 30)
    assert take_all(buffer) == list(range(30, 130))


def test_sent_frames_that_overflow_are_dropped_only_if_never_acknowledged() -> None:
    buffer = RetransmitBuffer(capacity=10)
    for index in range(30):
        put(buffer, 1, start=index)
        take_all(buffer)
    assert (len(buffer), buffer.dropped) == (10, 0)
    buffer.acknowledge(4)
    buffer.requeue()
    assert buffer.dropped == 15
    assert take_all(buffer) == list(range(20, 30))


def test_the_count_of_a_stopped_stream_acknowledges_its_frames() -> None:
    buffer = RetransmitBuffer()
    put(buffer, 10)
    take_all(buffer)
    buffer.acknowledge(2)
    buffer.acknowledge_count(8)
    buffer.close()
    assert (buffer.dropped, len(buffer)) == (2, 0)


def test_rejected_frames_are_counted_and_not_sent_again() -> None:
    buffer = RetransmitBuffer()
    put(buffer, 5)
    take_all(buffer)
    put(buffer, 2, start=5)
    buffer.discard_sent()
    buffer.requeue()
    assert take_all(buffer) == [5, 6]
    assert buffer.dropped == 5


@pytest.mark.parametrize("seq", [10, 2**31, 2**32 - 1])
def test_an_acknowledgement_of_unsent_frames_releases_nothing(seq: int) -> None:
    buffer = RetransmitBuffer()
    put(buffer, 10)
    take_all(buffer)
    buffer.acknowledge(seq)
    assert len(buffer) == 10


def test_acknowledgements_work_across_the_wrap_around_of_numbers() -> None:
    buffer = RetransmitBuffer()
    for _ in range(2):
        buffer.skip(2**31 - 1)
    put(buffer, 4)
    first, second = buffer.take(), None
    assert first is not None
    assert (first.seq, len(first.t_ms)) == (2**32 - 2, 4)
    buffer.acknowledge(0)
    buffer.requeue()
    second = buffer.take()
    assert second is not None
    assert (second.seq, len(second.t_ms)) == (1, 1)


class Service(RuleBasedStateMachine):
    """State machine of streams that are lost at any time, and a model of what they received."""

    CAPACITY = 12

    def __init__(self) -> None:
        super().__init__()
        self.buffer = RetransmitBuffer(self.CAPACITY)
        self.put = 0
        self.number = 0
        self.stream: list[int] = []
        self.acknowledged_by_stream = 0
        self.acknowledged: set[int] = set()

    @rule(count=st.integers(1, 8))
    def the_glove_sends(self, count: int) -> None:
        put(self.buffer, count, start=self.put)
        self.put += count

    @rule()
    def a_message_goes(self) -> None:
        batch = self.buffer.take()
        if batch is not None:
            assert numbers_of(batch) == [int(values[0]) for values in batch.values]
            self.stream += numbers_of(batch)

    @precondition(lambda self: self.stream)
    @rule(data=st.data())
    def the_service_predicts(self, data: st.DataObject) -> None:
        self.acknowledged_by_stream = data.draw(st.integers(max(1, self.acknowledged_by_stream), len(self.stream)))
        self.acknowledged.update(self.stream[: self.acknowledged_by_stream])
        self.buffer.acknowledge(self.stream[self.acknowledged_by_stream - 1])

    @precondition(lambda self: self.stream)
    @rule(data=st.data())
    def the_service_stops(self, data: st.DataObject) -> None:
        self.acknowledged_by_stream = data.draw(st.integers(self.acknowledged_by_stream, len(self.stream)))
        self.acknowledged.update(self.stream[: self.acknowledged_by_stream])
        self.buffer.acknowledge_count(self.acknowledged_by_stream)
        self.the_service_goes()

    @rule()
    def the_service_goes(self) -> None:
        self.buffer.requeue()
        self.stream, self.acknowledged_by_stream = [], 0
        assert self.put == len(self.acknowledged) + self.buffer.dropped + len(self.buffer)

    @invariant()
    def memory_is_bounded(self) -> None:
        assert len(self.buffer) <= self.CAPACITY

    @invariant()
    def no_stream_gets_a_frame_twice_or_out_of_order(self) -> None:
        assert self.stream == sorted(set(self.stream))

    @invariant()
    def no_acknowledged_frame_is_counted_as_dropped(self) -> None:
        assert len(self.acknowledged) + self.buffer.dropped + len(self.buffer) <= self.put

    def teardown(self) -> None:
        self.buffer.close()
        assert len(self.acknowledged) + self.buffer.dropped == self.put


TestService = Service.TestCase
TestService.settings = settings(max_examples=60, stateful_step_count=40)


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(1, 500))
def test_numbers_count_frames_and_losses(skips: list[int], capacity: int) -> None:
    buffer = RetransmitBuffer(capacity)
    for skip in skips:
        buffer.skip(skip)
        put(buffer, 1)
    numbers = take_all(buffer)
    assert numbers == [sum(skips[: index + 1]) + index for index in range(len(skips))][-capacity:]


def test_a_recent_frame_is_found_by_its_time() -> None:
    buffer = RetransmitBuffer()
    for index in range(100):
        buffer.put(20.0 * index, (0.0,) * 8)
        buffer.skip(1)
    assert buffer.number_at(99 * 20.0 + 1e-6) == 2 * 99
    assert buffer.number_at(90 * 20.0) == 2 * 90
    assert buffer.number_at(99 * 20.0 + 10) is None
    assert buffer.number_at(0.0) is None


def test_acknowledged_frames_are_not_counted_as_dropped_after_a_gap() -> None:
    buffer = RetransmitBuffer(capacity=12)
    put(buffer, 1)
    take_all(buffer)
    put(buffer, 13, start=1)  # the first is unconfirmed now, the second dropped before it was sent
    take_all(buffer)
    put(buffer, 1, start=14)  # and the third is unconfirmed
    buffer.acknowledge(0)
    buffer.close()
    assert buffer.dropped == 14
