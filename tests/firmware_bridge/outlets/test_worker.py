"""The thread of an outlet: order, failures that are said once, and a bridge that never waits."""

from __future__ import annotations

import threading

import pytest

from firmware_bridge.outlets.outlet import Outlet, OutletCode, OutletError, Say
from firmware_bridge.outlets.worker import CAPACITY, OutletWorker
from scaleglove.protocol import ServerMessage, Stale
from tests.deadlines import EVENT_S, wait_until
from tests.firmware_bridge.outlets.said import Said


class Remembers(Outlet):
    """An outlet that remembers, and waits for `go`."""

    poll_s = 0.01

    def __init__(self, fails_with: Exception | None = None) -> None:
        self.taken: list[ServerMessage] = []
        self.polls = 0
        self.stopped = 0
        self.go = threading.Event()
        self.go.set()
        self._fails_with = fails_with

    def start(self, say: Say) -> None:
        say(OutletCode.READY, "is ready")

    def message(self, message: ServerMessage, time_s: float) -> None:
        assert self.go.wait(EVENT_S)
        if self._fails_with is not None:
            raise self._fails_with
        self.taken.append(message)

    def poll(self) -> None:
        self.polls += 1

    def stop(self) -> None:
        self.stopped += 1


def send(worker: OutletWorker, number: int, *, droppable: bool = False) -> None:
    worker.put(lambda outlet: outlet.message(Stale(float(number)), 0.0), droppable=droppable)


def test_everything_arrives_in_order_and_the_end_waits_for_it() -> None:
    outlet, said = Remembers(), Said()
    worker = OutletWorker("one", outlet, said.notice)
    worker.start()
    for number in range(100):
        send(worker, number)
    worker.stop()
    assert outlet.taken == [Stale(float(number)) for number in range(100)]
    assert (outlet.stopped, worker.failed, said.codes) == (1, False, [OutletCode.READY])


def test_an_outlet_without_work_looks_after_its_own() -> None:
    outlet = Remembers()
    worker = OutletWorker("one", outlet, Said().notice)
    worker.start()
    wait_until(lambda: outlet.polls > 3)
    worker.stop()


def test_an_outlet_with_work_without_a_pause_looks_after_its_own_too() -> None:
    class Endless(Remembers):
        def message(self, message: ServerMessage, time_s: float) -> None:
            if self.polls < 3:
                send(worker, 0)  # there is always another

    outlet = Endless()
    worker = OutletWorker("one", outlet, Said().notice)
    send(worker, 0)
    worker.start()
    wait_until(lambda: outlet.polls >= 3)
    worker.stop()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OutletError(OutletCode.DISPLAY_LOST, "the display is gone"), OutletCode.DISPLAY_LOST),
        (ZeroDivisionError("a library's fault"), OutletCode.FAILED),
    ],
)
def test_a_failure_is_said_once_and_ends_the_outlet_alone(error: Exception, code: OutletCode) -> None:
    outlet, said = Remembers(error), Said()
    worker = OutletWorker("one", outlet, said.notice)
    worker.start()
    send(worker, 0)
    send(worker, 1)
    wait_until(lambda: outlet.stopped)
    send(worker, 2)
    worker.stop()
    assert worker.failed
    assert said.codes == [OutletCode.READY, code]
    assert outlet.stopped == 1


def test_the_bridge_does_not_wait_for_a_slow_outlet_and_letters_find_a_place_beside_frames() -> None:
    outlet, said = Remembers(), Said()
    outlet.go.clear()
    worker = OutletWorker("one", outlet, said.notice)
    worker.start()
    for number in range(2 * CAPACITY):
        send(worker, number, droppable=True)
    assert worker.left_out > CAPACITY
    send(worker, -1)
    outlet.go.set()
    worker.stop()
    assert outlet.taken[-1] == Stale(-1.0)
    assert len(outlet.taken) + worker.left_out == 2 * CAPACITY + 1
    assert said.codes.count(OutletCode.TOO_SLOW) == 1
    assert not worker.failed
