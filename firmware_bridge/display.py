"""How the bridge speaks to people and programs: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TextIO

import orjson
from rich.console import Console
from rich.live import Live
from rich.text import Text as StyledText

from firmware_bridge.bridge import BridgeCounts
from firmware_bridge.codec.events import Damaged, DeviceRestarted, Event, HeaderRead, Remark
from firmware_bridge.link.state import LinkState, LinkStatus
from scaleglove.client import (
    Command,
    Error,
    Gap,
    Gesture,
    GloveLetter,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Sensors,
    ServerMessage,
    Stale,
    Started,
    Text,
)

_SAID_IN_FULL: Final = 5
"""Damaged lines told one by one; a wrong device at the port would fill the screen. All are counted."""

_SHOWN_CHARACTERS: Final = 400

_LINE_CHARACTERS: Final = 40
"""Of the line being written, its end: what the wearer looks at, beside the letter."""

_STATES: Final = {
    LinkState.SEARCHING: "looking for a glove",
    LinkState.OPENING: "opening the glove's port",
    LinkState.WAITING: "waiting for the glove's first frame",
    LinkState.STREAMING: "the glove streams",
    LinkState.LOST: "the glove is lost",
}


class Plain:
    """One line a gesture on `out`; the text word by word, the link, remarks and losses on `err`."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._damaged = 0
        self._link: LinkStatus | None = None
        self._why_no_service = ""
        self._own_letter = ""

    def link_changed(self, status: LinkStatus) -> None:
        told = self._link
        # Each new try is a state too; it is told when it goes otherwise than the one before.
        if status.state is LinkState.OPENING or (told is not None and replace(told, retry_s=status.retry_s) == status):
            return
        self._link = status
        self._say(link_words(status))

    def link_report(self, report: LinkReport) -> None:
        """Nothing: the states are told as they change, the counts at the end."""

    def started(self, started: Started) -> None:
        self._why_no_service = ""
        whose = "" if started.wearer is None else f", profile {started.profile} of {started.wearer}"
        self._say(f"stream {started.stream}, model {started.model}, {started.window_frames} frames a window{whose}")

    def message(self, message: ServerMessage) -> None:
        match message:
            case Gesture(phase="begin"):
                self._tell(_shown(f"{message.label} {message.confidence:.2f}"))
            case Text(composing="", committed=line) if line:
                self._say(f"text: {line[-_LINE_CHARACTERS:]}")
            case Gap(reason="duplicate"):
                self._say(f"frames from before {message.t_ms:.0f} ms came again")
            case Gap():
                missing = "" if message.missing is None else f", {message.missing} frames missing"
                self._say(f"gap before {message.t_ms:.0f} ms ({message.reason}){missing}")
            case Stale():
                self._say(f"no data for {message.silent_ms / 1000:.1f} s")
            case ModelChanged():
                self._say(f"{message.model} answers from here on")
            case ProfileChanged():
                self._say(_of_profile(message))
            case Sensors(faults=()):
                self._say("all sensors are well")
            case Sensors():
                self._say("sensors: " + ", ".join(f"{fault.channel} {fault.fault}" for fault in message.faults))
            case Command():
                milliseconds = "" if message.interval_ms is None else f" {message.interval_ms:g} ms"
                self._say(f"the service commands: {message.command}{milliseconds}")
            case Error():
                self._say(f"the service: {message.detail}")
            case _:
                pass

    def read(self, events: Sequence[Event]) -> None:
        """Nothing: what is no frame is told by `line`, what becomes of the frames by the service."""

    def line(self, event: Event) -> None:
        match event:
            case Remark():
                self._say(f"# {event.text}")
            case HeaderRead():
                self._say(f"the glove sends {','.join(event.names)}")
            case DeviceRestarted():
                self._say(
                    f"the glove has started again: its clock went from {event.before_ms:.0f} to {event.t_ms:.0f} ms"
                )
            case Damaged():
                self._damaged += 1
                if self._damaged <= _SAID_IN_FULL:
                    self._say(f"left out, {event.reason}: {event.detail}: {event.shown}")
                if self._damaged == _SAID_IN_FULL:
                    self._say("what else is damaged is counted without a word")
            case _:
                pass

    def glove_letter(self, letter: GloveLetter) -> None:
        if letter.label != self._own_letter:
            self._own_letter = letter.label
            self._say(f"the glove itself: {letter.label} {letter.confidence:.2f}")

    def service_lost(self, why: str, retry_s: float) -> None:
        if why != self._why_no_service:
            self._why_no_service = why
            self._say(f"{why}; trying again in {retry_s:g} s, then less and less often")

    def _tell(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()

    def _say(self, text: str) -> None:
        self._err.write(f"{_shown(text)}\n")
        self._err.flush()


class Json(Plain):
    """Each of the service's messages, each `link` report and each letter of the glove's own as one line of JSON on
    `out`; the rest as `Plain`."""

    def started(self, started: Started) -> None:
        self._why_no_service = ""
        self._tell_json(started)

    def message(self, message: ServerMessage) -> None:
        self._tell_json(message)

    def link_report(self, report: LinkReport) -> None:
        self._tell_json(report)

    def glove_letter(self, letter: GloveLetter) -> None:
        self._tell_json(letter)

    def _tell_json(self, message: ServerMessage | LinkReport) -> None:
        self._tell(orjson.dumps(message).decode())


class StatusLine(Plain):
    """The link, and what it brings, in one line that is written over."""

    def __init__(self, live: Live, err: TextIO) -> None:
        super().__init__(sys.stdout, err)
        self._live = live
        self._glove = ""
        self._letter = ""
        self._own = ""
        self._text: Text | None = None

    def link_changed(self, status: LinkStatus) -> None:
        super().link_changed(status)
        if status.state is not LinkState.STREAMING:
            self._glove, self._letter, self._own = link_words(status), "", ""
            self._show()

    def link_report(self, report: LinkReport) -> None:
        if report.state == "streaming":
            self._glove = report_words(report)
            self._show()

    def message(self, message: ServerMessage) -> None:
        if isinstance(message, Prediction):
            self._letter = _prediction_words(message)
            self._show()
        elif isinstance(message, Text):
            self._text = message
            self._show()
        elif not isinstance(message, Gesture):  # the line shows the letter already
            super().message(message)

    def glove_letter(self, letter: GloveLetter) -> None:
        self._own = f"the glove itself: {letter.label} {letter.confidence:4.0%}"
        self._show()

    def service_lost(self, why: str, retry_s: float) -> None:
        self._letter = "no service"
        self._show()
        super().service_lost(why, retry_s)

    def _show(self) -> None:
        line = StyledText(_shown("   ".join(part for part in (self._glove, self._letter, self._own) if part)))
        if self._text is not None:
            line.append("   " + _shown(self._text.committed[-_LINE_CHARACTERS:]))
            line.append(_shown(self._text.composing), style="underline")
        self._live.update(line)


def link_words(status: LinkStatus) -> str:
    """A state of the link as people say it."""
    words = _STATES[status.state]
    if status.port is not None:
        words += f" ({status.port})"
    if status.detail:
        words += f": {status.detail}"
    if status.retry_s is not None:
        words += f"; trying again in {status.retry_s:g} s"
    return words


def report_words(report: LinkReport) -> str:
    """What comes over the link, short enough for a line that says more: rate, clock, losses."""
    rate = "" if report.rate_hz is None else f"{report.rate_hz:5.1f} Hz"
    clock = "" if report.clock_uncertainty_ms is None else f"clock ±{report.clock_uncertainty_ms:.1f} ms"
    losses = (("missing", report.missing), ("damaged", report.damaged), ("unsent", report.unsent))
    lost = ", ".join(f"{count} {name}" for name, count in losses if count)
    return "  ".join(part for part in (rate, clock, lost) if part) or report.state


def _prediction_words(prediction: Prediction) -> str:
    letter = prediction.label or "-"
    confidence = "" if prediction.confidence is None else f"{prediction.confidence:4.0%}"
    scales = "  ".join(f"{scale}: {share:4.0%}" for scale, share in prediction.scale_importance.items())
    return f"{letter} {confidence}   {prediction.state}   {scales}"


def _shown(text: str) -> str:
    """`text` as a terminal may have it: what a device or a service sends must not move the cursor or set the title."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def live_line() -> Live:
    """The terminal line that `StatusLine` writes over; what goes to stderr meanwhile appears above it."""
    return Live(StyledText("waiting"), console=Console(), transient=True, refresh_per_second=10)


def _of_profile(changed: ProfileChanged) -> str:
    if changed.version is None:
        return f"no profile of {changed.wearer} is there for the model: it answers as it is"
    return f"profile {changed.version} of {changed.wearer} is used from here on"


def summary(counts: BridgeCounts) -> str:
    """The counts at the end, in words."""
    link = counts.link
    damaged = ", ".join(f"{count} {reason}" for reason, count in sorted(link.damaged.items()))
    return (
        f"{link.frames} frames read, {counts.unsent} of them lost when the service went or was away; "
        f"missing: {link.missing}; repeated: {link.repeated}; restarts of the glove: {link.restarts}; "
        f"damaged: {damaged or 'none'}; pieces met on joining: {link.partial}"
    )
