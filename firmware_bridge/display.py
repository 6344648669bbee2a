"""How the bridge speaks to people and programs: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

import orjson
from rich.console import Console
from rich.live import Live
from rich.text import Text

from clients.stream import Error, Gap, Gesture, Prediction, ServerMessage, Stale, Started
from firmware_bridge.bridge import BridgeCounts
from firmware_bridge.codec.events import Damaged, Event, HeaderRead, Remark

_RATE_OVER: Final = 20
"""Predictions that the shown rate is taken over."""

_SAID_IN_FULL: Final = 5
"""Unreadable lines told one by one; a wrong device at the port would fill the screen. All are counted."""

_SHOWN_CHARACTERS: Final = 400


class Plain:
    """One line a gesture on `out`; remarks and losses on `err`."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._unreadable = 0

    def link_opened(self, port: str) -> None:
        self._say(f"glove on {port}")

    def started(self, started: Started) -> None:
        self._say(f"stream {started.stream}, model {started.model}, {started.window_frames} frames a window")

    def message(self, message: ServerMessage) -> None:
        match message:
            case Gesture(phase="begin"):
                self._tell(_shown(f"{message.label} {message.confidence:.2f}"))
            case Gap(reason="duplicate"):
                self._say(f"frames from before {message.t_ms:.0f} ms came again")
            case Gap():
                missing = "" if message.missing is None else f", {message.missing} frames missing"
                self._say(f"gap before {message.t_ms:.0f} ms ({message.reason}){missing}")
            case Stale():
                self._say(f"no data for {message.silent_ms / 1000:.1f} s")
            case Error():
                self._say(f"the service: {message.detail}")
            case _:
                pass

    def line(self, event: Event) -> None:
        match event:
            case Remark():
                self._say(f"# {event.text}")
            case HeaderRead():
                self._say(f"the glove sends {','.join(event.names)}")
            case Damaged():
                self._unreadable += 1
                if self._unreadable <= _SAID_IN_FULL:
                    self._say(f"left out a line, {event.reason}: {event.detail}: {event.shown}")
                if self._unreadable == _SAID_IN_FULL:
                    self._say("further unreadable lines are counted without a word")
            case _:
                pass

    def trouble(self, what: str, retry_s: float) -> None:
        self._say(f"{what}; trying again in {retry_s:g} s")

    def _tell(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()

    def _say(self, text: str) -> None:
        self._err.write(f"{_shown(text)}\n")
        self._err.flush()


class Json(Plain):
    """Each of the service's messages as one line of JSON on `out`; the rest as `Plain`."""

    def started(self, started: Started) -> None:
        self._tell_json(started)

    def message(self, message: ServerMessage) -> None:
        self._tell_json(message)

    def _tell_json(self, message: ServerMessage) -> None:
        self._tell(orjson.dumps(message).decode())


class StatusLine(Plain):
    """The present letter, its confidence, its scales and the frame rate in one line that is written over."""

    def __init__(self, live: Live, err: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(sys.stdout, err)
        self._live = live
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque(maxlen=_RATE_OVER)

    def message(self, message: ServerMessage) -> None:
        if isinstance(message, Prediction):
            self._seen.append((self._clock(), message.seq))
            self._live.update(Text(_shown(self._status(message))))
        elif not isinstance(message, Gesture):  # the line shows the letter already
            super().message(message)

    def trouble(self, what: str, retry_s: float) -> None:
        self._seen.clear()
        self._live.update(Text("waiting"))
        super().trouble(what, retry_s)

    def _status(self, prediction: Prediction) -> str:
        letter = prediction.label or "-"
        confidence = "" if prediction.confidence is None else f"{prediction.confidence:4.0%}"
        scales = "  ".join(f"{scale}: {share:4.0%}" for scale, share in prediction.scale_importance.items())
        return f"{self._rate():5.1f} Hz   {letter} {confidence}   {prediction.state}   {scales}"

    def _rate(self) -> float:
        elapsed = self._seen[-1][0] - self._seen[0][0]
        return (self._seen[-1][1] - self._seen[0][1]) / elapsed if elapsed > 0 else 0.0


def _shown(text: str) -> str:
    """`text` as a terminal may have it: what a device or a service sends must not move the cursor or set the title."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def live_line() -> Live:
    """The terminal line that `StatusLine` writes over; what goes to stderr meanwhile appears above it."""
    return Live(Text("waiting"), console=Console(), transient=True, refresh_per_second=10)


def summary(counts: BridgeCounts) -> str:
    """The counts at the end, in words."""
    lines = counts.lines
    unreadable = ", ".join(f"{count} {reason}" for reason, count in sorted(lines.damaged.items()))
    return (
        f"{lines.frames} frames read, {counts.lost_offline} of them lost when the service went or was away; "
        f"unreadable lines: {unreadable or 'none'}; pieces of lines: {lines.partial}"
    )
