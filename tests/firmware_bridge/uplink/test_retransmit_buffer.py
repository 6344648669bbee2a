"""Frames kept until they are answered: whatever goes wrong, each is answered, held or counted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from firmware_bridge.uplink.retransmit_buffer import MAX_BATCH, Batch, RetransmitBuffer


def put(unsent: RetransmitBuffer, count: int, *, start: int = 0) -> None:
    for place in range(start, start + count):
        unsent.put(20.0 * place, (float(place),) * 8)


def take_all(unsent: RetransmitBuffer) -> list[int]:
    """The numbers of all frames that the present stream was not given."""
    numbers: list[int] = []
    while (batch := unsent.take()) is not None:
        numbers += numbers_of(batch)
    return numbers


def numbers_of(batch: Batch) -> list[int]:
    return [batch.seq + place for place in range(len(batch.t_ms))]


def test_frames_go_once_in_order_with_their_times_and_values() -> None:
    unsent = RetransmitBuffer()
    put(unsent, 3)
    assert unsent.take() == Batch(0, [0.0, 20.0, 40.0], [(0.0,) * 8, (1.0,) * 8, (2.0,) * 8])
    assert unsent.take() is None
    assert not unsent.waiting
    assert len(unsent) == 3


def test_an_answer_lets_frames_go_and_the_rest_goes_to_the_next_stream() -> None:
    unsent = RetransmitBuffer()
    put(unsent, 10)
    take_all(unsent)
    unsent.answered(6)
    unsent.reopened()
    assert take_all(unsent) == [7, 8, 9]
    assert unsent.dropped == 0


def test_lost_frames_are_passed_over_in_the_numbers_and_no_message_has_a_hole() -> None:
    unsent = RetransmitBuffer()
    put(unsent, 2)
    unsent.skip(5)
    put(unsent, 2, start=2)
    batches = [unsent.take(), unsent.take(), unsent.take()]
    assert [batch and numbers_of(batch) for batch in batches] == [[0, 1], [7, 8], None]


def test_a_message_is_never_longer_than_the_service_takes() -> None:
    unsent = RetransmitBuffer()
    put(unsent, 2 * MAX_BATCH + 1)
    lengths = []
    while (batch := unsent.take()) is not None:
        lengths.append(len(batch.t_ms))
    assert lengths == [MAX_BATCH, MAX_BATCH, 1]


def test_without_a_service_the_newest_are_kept_and_the_others_counted() -> None:
    unsent = RetransmitBuffer(capacity=100)
    put(unsent, 130)
    assert (len(unsent), unsent.dropped) == (100, 30)
    assert take_all(unsent) == list(range(30, 130))


def test_what_a_stream_was_given_and_fell_out_is_lost_only_if_the_stream_never_answers() -> None:
    unsent = RetransmitBuffer(capacity=10)
    for place in range(30):
        put(unsent, 1, start=place)
        take_all(unsent)
    assert (len(unsent), unsent.dropped) == (10, 0)
    unsent.answered(4)
    unsent.reopened()
    assert unsent.dropped == 15
    assert take_all(unsent) == list(range(20, 30))


def test_the_account_of_a_stream_that_stops_counts_as_its_answer() -> None:
    unsent = RetransmitBuffer()
    put(unsent, 10)
    take_all(unsent)
    unsent.answered(2)
    unsent.taken(8)
    unsent.close()
    assert (unsent.dropped, len(unsent)) == (2, 0)


def test_what_was_refused_is_counted_and_not_sent_again() -> None:
    unsent = RetransmitBuffer()
    put(unsent, 5)
    take_all(unsent)
    put(unsent, 2, start=5)
    unsent.give_up()
    unsent.reopened()
    assert take_all(unsent) == [5, 6]
    assert unsent.dropped == 5


@pytest.mark.parametrize("seq", [10, 2**31, 2**32 - 1])
def test_an_answer_to_frames_that_were_never_sent_lets_nothing_go(seq: int) -> None:
    unsent = RetransmitBuffer()
    put(unsent, 10)
    take_all(unsent)
    unsent.answered(seq)
    assert len(unsent) == 10


def test_numbers_wrap_around_on_the_wire_and_answers_are_still_understood() -> None:
    unsent = RetransmitBuffer()
    for _ in range(2):
        unsent.skip(2**31 - 1)
    put(unsent, 4)
    first, second = unsent.take(), None
    assert first is not None
    assert (first.seq, len(first.t_ms)) == (2**32 - 2, 4)
    unsent.answered(0)
    unsent.reopened()
    second = unsent.take()
    assert second is not None
    assert (second.seq, len(second.t_ms)) == (1, 1)


class Service(RuleBasedStateMachine):
    """Streams that come and go without warning, and a model of what they have."""

    CAPACITY = 12

    def __init__(self) -> None:
        super().__init__()
        self.unsent = RetransmitBuffer(self.CAPACITY)
        self.put = 0
        self.number = 0
        self.stream: list[int] = []
        self.answered_by_stream = 0
        self.answered: set[int] = set()

    @rule(count=st.integers(1, 8))
    def the_glove_sends(self, count: int) -> None:
        put(self.unsent, count, start=self.put)
        self.put += count

    @rule()
    def a_message_goes(self) -> None:
        batch = self.unsent.take()
        if batch is not None:
            assert numbers_of(batch) == [int(values[0]) for values in batch.values]
            self.stream += numbers_of(batch)

    @precondition(lambda self: self.stream)
    @rule(data=st.data())
    def the_service_predicts(self, data: st.DataObject) -> None:
        self.answered_by_stream = data.draw(st.integers(max(1, self.answered_by_stream), len(self.stream)))
        self.answered.update(self.stream[: self.answered_by_stream])
        self.unsent.answered(self.stream[self.answered_by_stream - 1])

    @precondition(lambda self: self.stream)
    @rule(data=st.data())
    def the_service_stops(self, data: st.DataObject) -> None:
        self.answered_by_stream = data.draw(st.integers(self.answered_by_stream, len(self.stream)))
        self.answered.update(self.stream[: self.answered_by_stream])
        self.unsent.taken(self.answered_by_stream)
        self.the_service_goes()

    @rule()
    def the_service_goes(self) -> None:
        self.unsent.reopened()
        self.stream, self.answered_by_stream = [], 0
        assert self.put == len(self.answered) + self.unsent.dropped + len(self.unsent)

    @invariant()
    def memory_is_bounded(self) -> None:
        assert len(self.unsent) <= self.CAPACITY

    @invariant()
    def no_stream_gets_a_frame_twice_or_out_of_order(self) -> None:
        assert self.stream == sorted(set(self.stream))

    @invariant()
    def nothing_is_counted_lost_that_was_answered(self) -> None:
        assert len(self.answered) + self.unsent.dropped + len(self.unsent) <= self.put

    def teardown(self) -> None:
        self.unsent.close()
        assert len(self.answered) + self.unsent.dropped == self.put


TestService = Service.TestCase
TestService.settings = settings(max_examples=60, stateful_step_count=40)


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(1, 500))
def test_numbers_count_frames_and_losses(skips: list[int], capacity: int) -> None:
    unsent = RetransmitBuffer(capacity)
    for skip in skips:
        unsent.skip(skip)
        put(unsent, 1)
    numbers = take_all(unsent)
    assert numbers == [sum(skips[: place + 1]) + place for place in range(len(skips))][-capacity:]


def test_a_frame_that_came_lately_is_found_by_its_time() -> None:
    unsent = RetransmitBuffer()
    for place in range(100):
        unsent.put(20.0 * place, (0.0,) * 8)
        unsent.skip(1)
    assert unsent.number_at(99 * 20.0 + 1e-6) == 2 * 99
    assert unsent.number_at(90 * 20.0) == 2 * 90
    assert unsent.number_at(99 * 20.0 + 10) is None
    assert unsent.number_at(0.0) is None


def test_what_was_answered_is_not_counted_lost_beside_a_frame_that_was() -> None:
    unsent = RetransmitBuffer(capacity=12)
    put(unsent, 1)
    take_all(unsent)
    put(unsent, 13, start=1)  # the first is in doubt now, the second lost before it was given
    take_all(unsent)
    put(unsent, 1, start=14)  # and the third in doubt
    unsent.answered(0)
    unsent.close()
    assert unsent.dropped == 14
