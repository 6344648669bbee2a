"""The glove on a board in Python: whatever the board lacks, messages are whole and losses show."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Event, FrameRead, FramesMissing, HeaderRead, Remark
from scaleglove.channels import CHANNELS
from scaleglove.channels import FLEX as FINGERS
from tests.firmware.core import READ_FLEX, READ_IMU, RECEIVE, SPACE, WRITE, Board, Network, Settings, size_of

INTERVAL_US = 20_000
FLEX = (100, 200, 300, 400, 500)
FLEX_MOST = 4095
TEXT, BINARY = 0, 1


class Desk:
    """A board with a given space for output, and a glove on it."""

    def __init__(
        self, core: ctypes.CDLL, wire_format: int, *, start_us: int = 0, network: Network | None = None
    ) -> None:
        self.space = 10_000
        self.typed = bytearray()
        self.imu_works = True
        self.sent = bytearray()
        self.decoder = GloveDecoder()
        self._core = core
        # Kept: ctypes does not keep what C calls.
        self._board = Board(
            b"desk",
            None,
            READ_IMU(self._read_imu),
            READ_FLEX(self._read_flex),
            SPACE(lambda _: self.space),
            WRITE(self._write),
            RECEIVE(self._receive),
            FLEX_MOST,
        )
        self._glove = ctypes.create_string_buffer(size_of(core, "glove"))
        settings = Settings(INTERVAL_US, wire_format, False, None if network is None else ctypes.pointer(network))
        core.sg_glove_init(self._glove, self._board, settings, start_us % 2**32)

    def _read_imu(self, _: int, acceleration: Any, rate: Any) -> bool:
        for axis, up in enumerate((0.0, 0.0, 1.0)):
            acceleration[axis], rate[axis] = up, 0.0
        return self.imu_works

    def _read_flex(self, _: int, counts: Any) -> bool:
        for finger, count in enumerate(FLEX):
            counts[finger] = count
        return True

    def _write(self, _: int, data: Any, size: int) -> None:
        assert size <= self.space
        self.space -= size
        self.sent += bytes(data[:size])

    def _receive(self, _: int, byte: Any) -> bool:
        if not self.typed:
            return False
        byte[0] = self.typed.pop(0)
        return True

    def poll(self, now_us: int) -> list[Event]:
        self._core.sg_glove_poll(self._glove, now_us % 2**32)
        events = self.decoder.feed(bytes(self.sent))
        self.sent.clear()
        return events


def frames_of(events: list[Event]) -> list[FrameRead]:
    return [event for event in events if isinstance(event, FrameRead)]


def test_it_greets_and_streams(core: ctypes.CDLL) -> None:
    desk = Desk(core, TEXT)
    greeting, header, frame = desk.poll(0)
    assert isinstance(greeting, Remark)
    assert greeting.text.startswith("scaleglove firmware ")
    assert greeting.text.endswith(" on desk, 20 ms between frames")
    assert isinstance(header, HeaderRead)
    assert header.ranges == dict.fromkeys(CHANNELS[FINGERS], (0, FLEX_MOST))
    assert frame == FrameRead(0.0, (*map(float, FLEX), 0.0, 0.0, 0.0))


def test_in_binary_a_remark_states_the_converter(core: ctypes.CDLL) -> None:
    desk = Desk(core, BINARY)
    said = Remark(f"flex sensors read 0 to {FLEX_MOST}", {"flex_most": str(FLEX_MOST)})
    assert desk.poll(0)[1] == said
    desk.typed += b"header\n"
    assert desk.poll(1) == [said]


Trouble = st.tuples(
    st.sampled_from([10_000, 10_000, 10_000, 44, 43, 0]),  # space
    st.sampled_from([True, True, True, False]),  # whether the motion sensor can be read
    st.integers(0, 70_000),  # how late the board is, in us
)


@settings(max_examples=200)
@given(start_us=st.sampled_from([0, 2**32 - 100_000]), troubles=st.lists(Trouble, max_size=40))
def test_every_sample_due_is_a_frame_or_missing(
    core: ctypes.CDLL, start_us: int, troubles: list[tuple[int, bool, int]]
) -> None:
    desk = Desk(core, BINARY, start_us=start_us)
    now_us = start_us
    events = desk.poll(now_us)
    for desk.space, desk.imu_works, late_us in troubles:
        now_us += INTERVAL_US + late_us
        events += desk.poll(now_us)
    desk.space, desk.imu_works = 10_000, True
    now_us += INTERVAL_US
    events += desk.poll(now_us)
    counts = desk.decoder.counts
    assert not counts.damaged
    assert counts.repeated == counts.restarts == counts.partial == 0
    assert counts.frames + counts.missing_by_sequence == (now_us - start_us) // INTERVAL_US + 1
    last = frames_of(events)[-1]
    assert last.t_ms == pytest.approx(now_us / 1000, abs=1e-6)  # unwrapped in floats of ms
    assert last.seq == ((now_us - start_us) // INTERVAL_US) % 2**16


@given(changes=st.lists(st.sampled_from(["text", "binary"]), min_size=1, max_size=6))
def test_formats_may_change_at_any_time_without_loss(core: ctypes.CDLL, changes: list[str]) -> None:
    desk, frames = Desk(core, TEXT), 0
    remarks: list[str] = []
    for number, change in enumerate([*changes, "text"]):
        for n in range(10):
            events = desk.poll((10 * number + n) * INTERVAL_US)
            frames += len(frames_of(events))
            remarks += [event.text for event in events if isinstance(event, Remark)]
        desk.typed += f"format,{change}\n".encode()
    for n in range(10):
        frames += len(frames_of(desk.poll((10 * len(changes) + 10 + n) * INTERVAL_US)))
    assert not desk.decoder.counts.damaged
    assert desk.decoder.counts.partial == 0
    assert frames == 10 * (len(changes) + 2)
    assert [text for text in remarks if text.startswith("format")] == [f"format {change}" for change in changes]


def test_an_interval_is_kept_exactly(core: ctypes.CDLL) -> None:
    desk = Desk(core, BINARY)
    desk.poll(0)
    desk.typed += b"interval,2.5\n"
    times = [frame.t_ms for now_us in range(100, 100_000, 100) for frame in frames_of(desk.poll(now_us))]
    assert times == [2.6 + 2.5 * n for n in range(len(times))]
    assert len(times) == 39


def test_a_dead_sensor_is_reported_once_a_second_and_its_frames_are_missing(core: ctypes.CDLL) -> None:
    desk = Desk(core, BINARY)
    desk.poll(0)
    desk.imu_works = False
    events = [event for n in range(1, 101) for event in desk.poll(n * INTERVAL_US)]
    assert events == [Remark("the motion sensor cannot be read", {"fault": "motion_sensor"})] * 2
    desk.imu_works = True
    missing, frame = desk.poll(101 * INTERVAL_US)
    assert missing == FramesMissing(2020.0, 100, "sequence")
    assert isinstance(frame, FrameRead)


def test_recal_is_answered_when_the_hand_has_been_still_or_has_not(core: ctypes.CDLL) -> None:
    desk = Desk(core, TEXT)
    desk.typed += b"recal\n"
    still = [(n, event) for n in range(100) for event in desk.poll(n * INTERVAL_US) if isinstance(event, Remark)]
    assert [(n, event.text) for n, event in still[1:]] == [(51, "recalibrated")]
    desk.imu_works = False
    desk.typed += b"recal\n"
    moved = [event for n in range(100, 700) for event in desk.poll(n * INTERVAL_US) if isinstance(event, Remark)]
    assert Remark("not recalibrated: hold the hand still for a second", {"error": "hand_moved"}) in moved
