"""One episode: what is taken, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from firmware_bridge.codec.events import Damaged, DeviceRestarted, Event, Fault, FrameRead, FramesMissing
from firmware_bridge.recorder.take import Take

HAND = (801.0, 802.0, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0)


def frames(count: int, *changes: tuple[int, float]) -> list[Event]:
    """Frames of a hand that trembles, with some channels changed for good."""
    made: list[Event] = []
    for n in range(count):
        values = [value + n % 3 / 100 for value in HAND]
        for channel, value in changes:
            values[channel] = value
        made.append(FrameRead(n * 20.0, tuple(values)))
    return made


def taken(events: Sequence[Event], wanted: int = 10) -> Take:
    take = Take(wanted)
    take.add(events, 1000)
    return take


def test_it_is_done_when_there_are_enough_and_takes_no_more() -> None:
    take = taken(frames(9))
    assert not take.done
    take.add(frames(5), 2000)
    assert take.done
    assert len(take.frames) == 10
    assert take.received_ms == [1000] * 9 + [2000]


def test_a_good_one_has_no_faults_and_its_rate() -> None:
    take = taken(frames(10))
    assert take.faults() == []
    assert take.rate_hz() == pytest.approx(50)


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (FramesMissing(100.0, 3, "sequence"), "3 frames were lost"),
        (DeviceRestarted(100.0, 0.0), "the glove started again"),
        (Damaged("x", Fault.CRC, ""), "1 times what came was damaged"),
    ],
)
def test_what_happens_within_it_is_a_fault_and_what_came_before_is_not(event: Event, fault: str) -> None:
    assert taken([event, *frames(10)]).faults() == []
    assert taken([*frames(5), event, *frames(5)]).faults() == [fault]


def test_broken_sensors_are_named() -> None:
    assert taken(frames(10, (1, 0.0))).faults() == ["flex2 has no contact"]
    assert taken(frames(10, (5, 1.0), (6, 2.0), (7, 3.0))).faults() == ["the motion sensor repeats itself"]
    assert taken(frames(10, (5, 1.0))).faults() == []
    assert taken(frames(10, (2, 700.0), (4, 1023.0))).faults() == ["flex3 is stuck", "flex5 is at its limit"]
