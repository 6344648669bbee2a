"""A glove with a network sends letters: on command, from samples without a gap, and never in place of a frame."""

from __future__ import annotations

import ctypes
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.codec.commands import Letters
from firmware_bridge.codec.events import FrameRead, LetterRead, Remark
from tests.firmware.core import EXPLAIN, RECOGNISE, START, STEP, Network
from tests.firmware.test_glove import BINARY, INTERVAL_US, TEXT, Desk

MIN_SAMPLES = 10
LABELS = tuple(f"sign {number}" for number in range(24))
PIECES = 4
"""The pieces of the computation of the shares."""


class Counting:
    """A network whose letter is the number of samples it has seen."""

    def __init__(self, vocabulary: bytes | None = b"korean") -> None:
        self.seen: list[tuple[float, ...]] = []
        self.starts = 0
        self._pieces = 0
        self.as_c = Network(
            None,
            20_000,
            MIN_SAMPLES,
            START(self._start),
            STEP(self._step),
            RECOGNISE(self._recognise),
            EXPLAIN(self._explain),
            vocabulary,
            (ctypes.c_char_p * len(LABELS))(*(label.encode() for label in LABELS)),
            len(LABELS),
        )

    def _start(self, _: int) -> None:
        self.seen.clear()
        self.starts += 1

    def _step(self, _: int, sample: Any) -> None:
        self.seen.append(tuple(sample[:8]))

    def _recognise(self, _: int, letter: Any) -> None:
        letter.contents.place = len(self.seen) % len(LABELS)
        letter.contents.confidence = 255
        self._pieces = 0

    def _explain(self, _: int, letter: Any) -> bool:
        self._pieces += 1
        if self._pieces == PIECES:
            letter.contents.shares = (ctypes.c_uint8 * 3)(51, 102, 102)
        return self._pieces == PIECES


class Hand(Desk):
    def __init__(self, core: ctypes.CDLL, wire_format: int, network: Counting | None) -> None:
        self.network = network
        super().__init__(core, wire_format, network=None if network is None else network.as_c)
        self.now_us = 0
        self.poll(0)

    def switch(self, letters: Letters) -> list[str]:
        self.typed += f"letters,{letters}\n".encode()
        return [event.text for event in self.poll(self.now_us) if isinstance(event, Remark)]

    def next(self, polls: int = PIECES + 1) -> list[FrameRead | LetterRead]:
        """Return the frames and letters of an interval in which the board polls `polls` times after the sample."""
        self.now_us += INTERVAL_US
        events = [event for piece in range(polls + 1) for event in self.poll(self.now_us + piece)]
        return [event for event in events if isinstance(event, FrameRead | LetterRead)]

    def run(self, frames: int) -> list[FrameRead | LetterRead]:
        return [event for _ in range(frames) for event in self.next()]


@pytest.mark.parametrize("wire_format", [TEXT, BINARY])
def test_labels_that_readers_do_not_know_are_said_one_after_each_sample(core: ctypes.CDLL, wire_format: int) -> None:
    hand = Hand(core, wire_format, Counting(vocabulary=None))
    assert hand.switch("on") == ["letters on"]
    heard = []
    for _ in range(len(LABELS) + 5):
        hand.now_us += INTERVAL_US
        heard.append([event for event in hand.poll(hand.now_us) if isinstance(event, Remark)])
    expected = [Remark(label, {"label": str(place)}) for place, label in enumerate(LABELS)]
    assert [remark for remarks in heard for remark in remarks] == expected
    assert max(map(len, heard)) == 1
    assert hand.decoder.counts.missing == 0


@pytest.mark.parametrize("wire_format", [TEXT, BINARY])
def test_a_glove_says_the_name_of_its_labels_when_asked(core: ctypes.CDLL, wire_format: int) -> None:
    hand = Hand(core, wire_format, Counting())
    hand.typed += b"labels\n"
    assert hand.poll(hand.now_us) == [Remark("vocabulary=korean labels=24", {"vocabulary": "korean", "labels": "24"})]
    silent = Hand(core, wire_format, None)
    silent.typed += b"labels\n"
    assert [event.error for event in silent.poll(silent.now_us) if isinstance(event, Remark)] == ["no_network"]


@pytest.mark.parametrize("wire_format", [TEXT, BINARY])
def test_none_before_the_command_then_beside_frames_then_alone(core: ctypes.CDLL, wire_format: int) -> None:
    hand = Hand(core, wire_format, Counting())
    assert {type(event) for event in hand.run(30)} == {FrameRead}
    assert hand.switch("on") == ["letters on"]
    beside = hand.run(30)
    assert [type(event) for event in beside].count(FrameRead) == 30
    letters = [event for event in beside if isinstance(event, LetterRead)]
    assert [letter.place for letter in letters] == [10, 15, 20, 1, 6]
    assert all(frame.t_ms == letter.t_ms for frame, letter in pairwise(beside) if letter in letters)
    assert letters[0] == LetterRead(letters[0].t_ms, 10, 1.0, (0.2, 0.4, 0.4), letters[0].seq)
    assert hand.switch("only") == ["letters only"]
    assert {type(event) for event in hand.run(30)} == {LetterRead}
    assert hand.switch("off") == ["letters off"]
    assert {type(event) for event in hand.run(30)} == {FrameRead}
    assert hand.decoder.counts.missing == 0


def test_a_letter_waits_for_its_shares_but_not_for_the_next_letter(core: ctypes.CDLL) -> None:
    hand = Hand(core, BINARY, Counting())
    hand.switch("on")
    seen = [event for _ in range(13) for event in hand.next(polls=1)]  # a piece for each frame
    assert [(event.seq, event.shares) for event in seen if isinstance(event, LetterRead)] == [(10, (0.2, 0.4, 0.4))]
    assert isinstance(seen[-1], LetterRead)
    assert seen[-2].seq == 13
    hand.typed += b"interval,2\n"  # no time for pieces now
    hand.poll(hand.now_us)
    quick = []
    for _ in range(200):
        hand.now_us += 2000
        quick += [event for event in hand.poll(hand.now_us) if isinstance(event, LetterRead)]
    assert len(quick) >= 3
    assert {event.shares for event in quick} == {None}


def test_a_network_is_reset_when_switched_on_again(core: ctypes.CDLL) -> None:
    network = Counting()
    hand = Hand(core, BINARY, network)
    for starts in (1, 2):
        hand.switch("on")
        hand.run(20)
        hand.switch("off")
        hand.run(3)
        assert network.starts == starts


def test_samples_are_the_frames_that_were_sent(core: ctypes.CDLL) -> None:
    network = Counting()
    hand = Hand(core, BINARY, network)
    hand.switch("on")
    frames = [event for event in hand.run(30) if isinstance(event, FrameRead)]
    assert network.seen == [frame.values for frame in frames]


@pytest.mark.parametrize("wrong", ["letters", "letters,", "letters,yes"])
def test_another_wish_is_answered_and_changes_nothing(core: ctypes.CDLL, wrong: str) -> None:
    hand = Hand(core, TEXT, Counting())
    hand.typed += f"{wrong}\n".encode()
    assert Remark("letters takes on, only or off", {"error": "unknown_letters_mode"}) in hand.poll(0)
    assert {type(event) for event in hand.run(30)} == {FrameRead}


def test_a_glove_without_a_network_says_so_and_sends_frames(core: ctypes.CDLL) -> None:
    hand = Hand(core, TEXT, None)
    assert hand.switch("only") == ["this glove has no network"]
    assert {type(event) for event in hand.run(30)} == {FrameRead}


Trouble = st.tuples(
    st.sampled_from([10_000, 10_000, 60, 44, 20, 0]),  # space
    st.sampled_from([True, True, True, False]),  # whether the motion sensor can be read
    st.sampled_from([0, 0, 0, 300_000]),  # how late the board is, in us
)


@settings(max_examples=150)
@given(troubles=st.lists(Trouble, max_size=60))
def test_whatever_goes_wrong_a_letter_is_of_frames_without_a_gap(
    core: ctypes.CDLL, troubles: list[tuple[int, bool, int]]
) -> None:
    network = Counting()
    hand = Hand(core, BINARY, network)
    hand.switch("on")
    good: list[int] = []
    for hand.space, hand.imu_works, late_us in troubles:
        hand.now_us += late_us
        events = hand.next()
        if hand.imu_works:
            good = [*good, hand.now_us] if good and hand.now_us - good[-1] <= 250_000 else [hand.now_us]
        samples = (good[-1] - good[0]) // INTERVAL_US + 1 if good else 0
        assert len(network.seen) in {0, samples}
        for event in events:
            if isinstance(event, LetterRead):
                assert hand.imu_works
                assert samples >= MIN_SAMPLES
                assert event.t_ms == hand.now_us / 1000
    assert not hand.decoder.counts.damaged


def test_the_core_says_that_it_knows_no_network(core: ctypes.CDLL) -> None:
    assert not ctypes.POINTER(Network).in_dll(core, "sg_network_of_board")
