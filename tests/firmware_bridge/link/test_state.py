"""The five states, with time as an argument."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.link.errors import LinkCode
from firmware_bridge.link.note import Note
from firmware_bridge.link.state import LinkState, LinkStates, LinkStatus, Timing

PORT = "/dev/ttyACM0"


def opened(now_s: float = 0.0, note: str = "") -> LinkStates:
    states = LinkStates(Timing())
    states.opening(PORT)
    states.opened(PORT, now_s, Note(note))
    return states


def streaming(now_s: float = 0.0, note: str = "") -> LinkStates:
    states = opened(now_s, note)
    states.arrived(now_s, readable=True)
    return states


def test_begins_by_searching() -> None:
    assert LinkStates(Timing()).status == LinkStatus(LinkState.SEARCHING)


def test_an_open_port_waits_for_a_frame_and_then_streams() -> None:
    states = opened()
    assert states.status == LinkStatus(LinkState.WAITING, PORT, "no frame received yet", code=LinkCode.NO_FRAME)
    states.arrived(1.0, readable=False)
    assert states.status.state is LinkState.WAITING
    states.arrived(1.5, readable=True)
    assert states.status == LinkStatus(LinkState.STREAMING, PORT)


def test_the_note_about_the_port_stays_in_the_status() -> None:
    assert streaming(note="several gloves").status.detail == "several gloves"


def test_silence_is_reported_after_two_seconds_and_the_port_reopened_ten_later() -> None:
    states = streaming(100.0)
    assert states.due_s(100.5) == 1.5
    assert not states.elapsed(101.9)
    assert states.status.state is LinkState.STREAMING
    assert not states.elapsed(102.0)
    assert states.status == LinkStatus(LinkState.WAITING, PORT, "no data for 2 s", code=LinkCode.SILENT)
    assert states.due_s(102.0) == 10.0
    assert not states.elapsed(111.9)
    assert states.elapsed(112.0)


def test_unreadable_bytes_do_not_reopen_the_port() -> None:
    states = streaming()
    for half_seconds in range(1, 100):
        states.arrived(half_seconds / 2, readable=False)
        assert not states.elapsed(half_seconds / 2)
    assert states.status.detail == "no readable frame for 2 s"
    assert states.status.code is LinkCode.UNREADABLE


def test_the_patience_with_a_starting_port_doubles_up_to_two_minutes_until_a_frame_comes() -> None:
    states, now_s, waits = opened(), 0.0, []
    for _ in range(5):
        waits.append(states.due_s(now_s))
        now_s += waits[-1]
        assert states.elapsed(now_s)
        states.opening(PORT)
        states.opened(PORT, now_s)
    assert waits == [30, 60, 120, 120, 120]
    states.arrived(now_s, readable=True)
    assert not states.elapsed(now_s + 2)
    assert states.due_s(now_s + 2) == 10
    assert states.elapsed(now_s + 12)
    states.opened(PORT, now_s + 12)
    assert states.due_s(now_s + 12) == 30


def test_tries_back_off_from_half_a_second_until_a_frame_comes() -> None:
    states = LinkStates(Timing())
    assert [states.lost(PORT, "unplugged", LinkCode.UNPLUGGED) for _ in range(6)] == [0.5, 1, 2, 4, 8, 8]
    assert states.status == LinkStatus(LinkState.LOST, PORT, "unplugged", 8, LinkCode.UNPLUGGED)
    states.opening(PORT)
    states.opened(PORT, 0)
    assert states.lost(PORT, "unplugged", LinkCode.UNPLUGGED) == 8  # it opened, but sent nothing
    states.opening(PORT)
    states.opened(PORT, 0)
    states.arrived(0, readable=True)
    assert states.lost(PORT, "unplugged", LinkCode.UNPLUGGED) == 0.5


def test_a_search_without_a_result_is_not_a_loss() -> None:
    states = LinkStates(Timing())
    states.searching("listening to /dev/ttyACM0")
    assert states.status == LinkStatus(LinkState.SEARCHING, None, "listening to /dev/ttyACM0", code=LinkCode.LISTENING)
    assert [states.not_found("no port", LinkCode.NO_PORT) for _ in range(3)] == [1.0, 1.0, 1.0]
    assert states.status == LinkStatus(LinkState.SEARCHING, None, "no port", 1.0, LinkCode.NO_PORT)


@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["frames", "noise", "nothing"]))))
def test_while_frames_come_within_two_seconds_it_streams_and_never_else(steps: list[tuple[float, str]]) -> None:
    states, now_s, frame_s = opened(), 0.0, float("-inf")
    for step_s, what in steps:
        now_s += step_s
        if states.elapsed(now_s):
            states.opening(PORT)
            states.opened(PORT, now_s)
        if what != "nothing":
            states.arrived(now_s, readable=what == "frames")
            frame_s = now_s if what == "frames" else frame_s
        if states.status.state is LinkState.STREAMING:
            assert states.due_s(now_s) == pytest.approx(frame_s + 2 - now_s)
            assert now_s - frame_s < 2
        else:
            assert now_s - frame_s >= 2 - 1e-9
