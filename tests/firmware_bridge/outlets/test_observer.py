"""What a bridge observes reaches its outlets with numbers and with times of this computer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from firmware_bridge.codec.events import DeviceRestarted, FrameRead, FramesMissing, Remark
from firmware_bridge.observers import Observers
from firmware_bridge.outlets.observer import OutletObserver
from firmware_bridge.outlets.outlet import Outlet, TimedFrame
from firmware_bridge.outlets.worker import OutletWorker
from scaleglove.protocol import DeviceRemark, Gesture, GloveLetter, LinkReport, ServerMessage, Started
from tests.firmware_bridge.outlets.said import Said
from tests.firmware_bridge.witness import Witness

VALUES = (801.0, None, 803.0, 804.0, 805.0, -1.5, 2.25, 179.0)


class Remembers(Outlet):
    """An outlet that remembers."""

    def __init__(self) -> None:
        self.seen: list[TimedFrame] = []
        self.messages: list[tuple[ServerMessage, float]] = []

    def frames(self, frames: Sequence[TimedFrame]) -> None:
        self.seen += frames

    def message(self, message: ServerMessage, time_s: float) -> None:
        self.messages.append((message, time_s))


class Clock:
    """The computer's clock, as a test sets it."""

    def __init__(self) -> None:
        self.now_s = 5000.0

    def __call__(self) -> float:
        return self.now_s


def frames(*times_ms: float) -> list[FrameRead]:
    return [FrameRead(t_ms, VALUES) for t_ms in times_ms]


def observed(steps: Sequence[tuple[float, object]]) -> Remembers:
    """Observe each thing at its time in seconds."""
    outlet, clock = Remembers(), Clock()
    worker = OutletWorker("one", outlet, Said().notice)
    observer = OutletObserver([worker], clock)
    worker.start()
    for now_s, step in steps:
        clock.now_s = now_s
        match step:
            case list():
                observer.read(step)
            case Remark() | DeviceRestarted():
                observer.line(step)
            case Started():
                observer.started(step)
            case LinkReport():
                observer.link_report(step)
            case GloveLetter():
                observer.glove_letter(step)
            case _:
                observer.message(step)  # type: ignore[arg-type]
    worker.stop()
    assert not worker.failed
    return outlet


def test_frames_have_the_time_at_which_the_glove_took_them() -> None:
    """The read that arrived soonest after its frame gives the offset of the clocks."""
    steps = [(100.010, frames(0, 20)), (100.045, frames(40)), (100.050, frames(60))]
    seen = observed(steps).seen
    assert [timed.seq for timed in seen] == [0, 1, 2, 3]
    assert seen[-1].time_s == pytest.approx(100.050)
    assert seen[2].time_s == pytest.approx(100.030)
    assert all(timed.time_s <= 100.050 for timed in seen)


def test_frames_that_are_known_to_be_lost_have_numbers_too() -> None:
    steps = [(1.0, [*frames(0), FramesMissing(60, 2, "sequence"), *frames(60), FramesMissing(90, 1, "time")])]
    assert [timed.seq for timed in observed(steps).seen] == [0, 3]


def test_a_letter_has_the_time_of_its_frame() -> None:
    gesture = Gesture("begin", "ㄱ", 20.0, 0.9)
    ((message, time_s),) = observed([(100.0, frames(0, 20, 40)), (101.5, gesture)]).messages
    assert message == gesture
    assert time_s == pytest.approx(99.98)


def test_before_the_first_frame_and_after_a_restart_the_present_counts() -> None:
    gesture = Gesture("begin", "ㄱ", 80_000.0, 0.9)
    outlet = observed([(7.0, gesture), (8.0, frames(90_000)), (9.0, [DeviceRestarted(90_000, 0)]), (9.5, gesture)])
    assert [time_s for _, time_s in outlet.messages] == [7.0, 9.5]


def test_everything_that_is_said_of_the_glove_arrives() -> None:
    letter = GloveLetter(6, 120.0, "ㄷ", 0.9, {"3": 1.0})
    report = LinkReport("lost", None, "unplugged", None, None, None, 5, 0, 0, 0, 0, 0)
    started = Started("s", "M", 100, 10, 50.0, ("ㄱ",))
    outlet = observed(
        [(1.0, started), (1.0, report), (1.0, letter), (1.0, Remark("hi", {"a": "1"})), (1.0, DeviceRestarted(5, 2))]
    )
    assert [message for message, _ in outlet.messages] == [
        started,
        report,
        letter,
        DeviceRemark("hi", {"a": "1"}),
        DeviceRemark("restarted at 2 ms", {}),
    ]


def test_observers_side_by_side_all_see_everything() -> None:
    first, second = Witness(), Witness()
    both = Observers(first, second)
    both.message(Gesture("begin", "ㄱ", 20.0, 0.9))
    both.line(Remark("hi"))
    both.service_lost("gone", 1.0)
    both.started(Started("s", "M", 100, 10, 50.0, ("ㄱ",)))
    assert first == second
    assert (len(first.messages), len(first.lines), len(first.troubles), len(first.streams)) == (1, 1, 1, 1)
