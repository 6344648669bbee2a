"""The observer of a bridge that passes what it observes on to outlets, with device times mapped to this computer's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FramesMissing, Remark
from firmware_bridge.link.clock import GloveClock
from firmware_bridge.observers import SilentObserver
from firmware_bridge.outlets.outlet import TimedFrame
from firmware_bridge.outlets.worker import OutletWorker
from scaleglove.client import GloveLetter, LinkReport, ServerMessage, Started
from scaleglove.protocol import DeviceRemark


class OutletObserver(SilentObserver):
    """Passes frames and messages on to `workers`, and never waits for them. `now_s` is the clock that device times are
    mapped to: `time.monotonic`, which is the event loop's too."""

    def __init__(self, workers: Sequence[OutletWorker], now_s: Callable[[], float] = time.monotonic) -> None:
        self._workers = workers
        self._now_s = now_s
        self._clock = GloveClock()
        self._seq = 0

    def read(self, events: Sequence[Event]) -> None:
        now_s = self._now_s()
        self._clock.observe(events, now_s)
        if timed := self._timed(events, now_s):
            for worker in self._workers:
                worker.put(lambda outlet: outlet.frames(timed), droppable=True)

    def line(self, event: Event) -> None:
        match event:
            case Remark(text=text, values=values):
                self._pass_on(DeviceRemark(text, dict(values)))
            case DeviceRestarted(t_ms=t_ms):
                self._pass_on(DeviceRemark(f"restarted at {t_ms:g} ms", {}))
            case _:
                pass

    def started(self, started: Started) -> None:
        self._pass_on(started)

    def message(self, message: ServerMessage) -> None:
        self._pass_on(message)

    def link_report(self, report: LinkReport) -> None:
        self._pass_on(report)

    def glove_letter(self, letter: GloveLetter) -> None:
        self._pass_on(letter)

    def _timed(self, events: Sequence[Event], now_s: float) -> list[TimedFrame]:
        """Return the frames of a read with their numbers and times; no frame is later than its arrival."""
        mapping = self._clock.mapping
        offset_s = 0.0 if mapping is None else mapping.offset_ms / 1000
        timed = []
        for event in events:
            if isinstance(event, FrameRead):
                timed.append(TimedFrame(self._seq, min(event.t_ms / 1000 + offset_s, now_s), event))
                self._seq += 1
            elif isinstance(event, FramesMissing) and event.reason == "sequence":
                self._seq += event.count
        return timed

    def _pass_on(self, message: ServerMessage) -> None:
        time_s = self._time_s(getattr(message, "t_ms", None))
        for worker in self._workers:
            worker.put(lambda outlet: outlet.message(message, time_s), droppable=message.droppable)

    def _time_s(self, t_ms: float | None) -> float:
        now_s, mapping = self._now_s(), self._clock.mapping
        if t_ms is None or mapping is None:
            return now_s
        return min((t_ms + mapping.offset_ms) / 1000, now_s)
