"""Output of the bridge for people and programs: results on stdout, everything else on stderr."""

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
from firmware_bridge.codec.events import Damaged, DeviceRestarted, Event, HeaderRead, Notice, NoticeCode, Remark
from firmware_bridge.link.state import LinkState, LinkStatus
from scaleglove.client import (
    Command,
    Error,
    Gap,
    Gesture,
    GloveChanged,
    GloveLetter,
    GloveNotice,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Ranging,
    Sensors,
    ServerMessage,
    Stale,
    Started,
    Text,
    Word,
)
from scaleglove.protocol import GloveSource
from scaleglove.terminal_text import escape_unprintable

_MAX_DAMAGED: Final = 5
"""Damaged lines that are printed; another kind of device at the port would fill the screen. All are counted."""

_MAX_CHARACTERS: Final = 400
"""Maximum length of a printed line."""

_LINE_CHARACTERS: Final = 40
"""Length of the shown end of the text, the part that is being written."""

_OWN_NOTICES: Final = frozenset(NoticeCode)
"""What the bridge itself has seen in the glove's bytes comes back from the service; it is printed already."""

_STATES: Final = {
    LinkState.SEARCHING: "searching for a glove",
    LinkState.OPENING: "opening the glove's port",
    LinkState.WAITING: "waiting for the glove's first frame",
    LinkState.STREAMING: "receiving frames from the glove",
    LinkState.LOST: "connection to the glove lost",
}


class PlainDisplay:
    """One line for each gesture on `out`; text, link states, remarks and losses on `err`."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._damaged = 0
        self._link: LinkStatus | None = None
        self._service_error = ""
        self._device_letter = ""

    def link_changed(self, status: LinkStatus) -> None:
        """Print the state, unless it is a new attempt with the same result as the last one."""
        last = self._link
        if status.state is LinkState.OPENING or (last is not None and replace(last, retry_s=status.retry_s) == status):
            return
        self._link = status
        self._log(link_text(status))

    def link_report(self, report: LinkReport) -> None:
        """Ignore the report: the states are printed as they change, the counts at the end."""

    def started(self, started: Started) -> None:
        """Print the stream and its model."""
        self._service_error = ""
        parts = [f"stream {started.stream}", f"model {started.model}", f"{started.window_frames} frames per window"]
        if started.wearer is not None:
            parts.append(f"profile {started.profile} of {started.wearer}")
        if started.glove is not None:
            parts.append(_glove_text(started.glove, started.glove_profile, started.glove_by))
        self._log(", ".join(parts))
        if started.ignored:
            self._log(f"the service has ignored {', '.join(started.ignored)} of start: it does not know these options")

    def message(self, message: ServerMessage) -> None:
        """Print a gesture as a result, and other messages as status lines."""
        match message:
            case Gesture(phase="begin"):
                self._print(_printable(f"{message.label} {_confidence(message.confidence)}"))
            case Text() | Word():
                self._about_the_line(message)
            case Gap(reason="duplicate"):
                self._log(f"repeated frames before {message.t_ms:.0f} ms")
            case Gap():
                missing = "" if message.missing is None else f", {message.missing} frames missing"
                self._log(f"gap before {message.t_ms:.0f} ms ({message.reason}){missing}")
            case Stale():
                self._log(f"no data for {message.silent_ms / 1000:.1f} s")
            case ModelChanged():
                self._log(f"model {message.model} is used from now on")
            case ProfileChanged() | GloveChanged():
                self._log(_profile_text(message))
            case Sensors(faults=()):
                self._log("all sensors work")
            case Sensors():
                self._log("sensors: " + ", ".join(f"{fault.channel} {fault.fault}" for fault in message.faults))
            case Command():
                milliseconds = "" if message.interval_ms is None else f" {message.interval_ms:g} ms"
                letter = "" if message.letter is None else f" {message.letter}"
                self._log(f"command from the service: {message.command}{milliseconds}{letter}")
            case Error():
                self._log(f"error from the service: {message.detail}")
            case _:
                self._about_the_glove(message)

    def _about_the_line(self, message: Text | Word) -> None:
        """Print the line when a word has ended, and how its language has changed the word."""
        match message:
            case Text(composing="", committed=line) if line:
                self._log(f"text: {line[-_LINE_CHARACTERS:]}")
            case Word(by="language", written=""):
                self._log(f"{message.signed} is not written: it does not look meant")
            case Word(by="language"):
                self._log(f"{message.signed} -> {message.written} by the language")
            case Word():
                self._log(f"{message.signed} as signed")
            case _:
                pass

    def _about_the_glove(self, message: ServerMessage) -> None:
        """Print what the service sees in the frames."""
        match message:
            case GloveNotice(present=True) if message.code not in _OWN_NOTICES:
                self._log(message.text)
            case Ranging(sure=True, shapes=shapes, needed=needed) if shapes == needed:
                self._log(f"the glove is known by {shapes} hand shapes: it is read as the model's glove from now on")
            case _:
                pass

    def read(self, events: Sequence[Event]) -> None:
        """Ignore the events: `line` prints those that are not frames."""

    def line(self, event: Event) -> None:
        """Print a remark, a notice, a header, a restart or damaged bytes."""
        match event:
            case Remark():
                self._log(f"# {event.text}")
            case Notice():
                self._log(event.text)
            case HeaderRead():
                self._log(f"the glove sends {','.join(event.names)}")
            case DeviceRestarted():
                self._log(f"the glove restarted: its clock changed from {event.before_ms:.0f} to {event.t_ms:.0f} ms")
            case Damaged():
                self._damaged += 1
                if self._damaged <= _MAX_DAMAGED:
                    self._log(f"skipped, {event.reason}: {event.detail}: {event.shown}")
                if self._damaged == _MAX_DAMAGED:
                    self._log("further damaged data is counted, but not shown")
            case _:
                pass

    def glove_letter(self, letter: GloveLetter) -> None:
        """Print a prediction of the glove itself when its letter changes."""
        if letter.label != self._device_letter:
            self._device_letter = letter.label
            self._log(f"recognised on the glove: {letter.label} {_confidence(letter.confidence)}")

    def service_lost(self, why: str, retry_s: float) -> None:
        """Print why there is no stream, once for each reason."""
        if why != self._service_error:
            self._service_error = why
            self._log(f"{why}; retrying in {retry_s:g} s, then less often")

    def _print(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()

    def _log(self, text: str) -> None:
        self._err.write(f"{_printable(text)}\n")
        self._err.flush()


class JsonDisplay(PlainDisplay):
    """One line of JSON on `out` for each message of the service, link report and prediction of the glove itself; the
    rest as in `PlainDisplay`."""

    def started(self, started: Started) -> None:
        self._service_error = ""
        self._print_json(started)

    def message(self, message: ServerMessage) -> None:
        self._print_json(message)

    def link_report(self, report: LinkReport) -> None:
        self._print_json(report)

    def glove_letter(self, letter: GloveLetter) -> None:
        self._print_json(letter)

    def _print_json(self, message: ServerMessage | LinkReport) -> None:
        self._print(orjson.dumps(message).decode())


class StatusLineDisplay(PlainDisplay):
    """One terminal line with the link, the letter and the text, which is updated in place."""

    def __init__(self, live: Live, err: TextIO) -> None:
        super().__init__(sys.stdout, err)
        self._live = live
        self._glove = ""
        self._letter = ""
        self._device = ""
        self._text: Text | None = None

    def link_changed(self, status: LinkStatus) -> None:
        super().link_changed(status)
        if status.state is not LinkState.STREAMING:
            self._glove, self._letter, self._device = link_text(status), "", ""
            self._show()

    def link_report(self, report: LinkReport) -> None:
        if report.state == "streaming":
            self._glove = report_text(report)
            self._show()

    def message(self, message: ServerMessage) -> None:
        if isinstance(message, Prediction):
            self._letter = _prediction_text(message)
            self._show()
        elif isinstance(message, Text):
            self._text = message
            self._show()
        elif not isinstance(message, Gesture):  # the line already shows the letter
            super().message(message)

    def glove_letter(self, letter: GloveLetter) -> None:
        self._device = f"on the glove: {letter.label} {_confidence(letter.confidence)}"
        self._show()

    def service_lost(self, why: str, retry_s: float) -> None:
        self._letter = "no connection to the service"
        self._show()
        super().service_lost(why, retry_s)

    def _show(self) -> None:
        line = StyledText(_printable("   ".join(part for part in (self._glove, self._letter, self._device) if part)))
        if self._text is not None:
            line.append("   " + _printable(self._text.committed[-_LINE_CHARACTERS:]))
            line.append(_printable(self._text.composing), style="underline")
        self._live.update(line)


def link_text(status: LinkStatus) -> str:
    """Return the state of the link as text."""
    text = _STATES[status.state]
    if status.port is not None:
        text += f" ({status.port})"
    if status.detail:
        text += f": {status.detail}"
    if status.retry_s is not None:
        text += f"; retrying in {status.retry_s:g} s"
    return text


def report_text(report: LinkReport) -> str:
    """Return the rate, clock uncertainty and losses of the link as short text."""
    rate = "" if report.rate_hz is None else f"{report.rate_hz:5.1f} Hz"
    clock = "" if report.clock_uncertainty_ms is None else f"clock ±{report.clock_uncertainty_ms:.1f} ms"
    losses = (("missing", report.missing), ("damaged", report.damaged), ("unsent", report.unsent))
    lost = ", ".join(f"{count} {name}" for name, count in losses if count)
    return "  ".join(part for part in (rate, clock, lost) if part) or report.state


def _confidence(share: float) -> str:
    """Return a confidence as the page shows it, by the same name."""
    return f"confidence {100 * share:.0f} %"


def _prediction_text(prediction: Prediction) -> str:
    letter = prediction.label or "-"
    confidence = "" if prediction.confidence is None else _confidence(prediction.confidence)
    scales = "  ".join(f"{scale}: {share:4.0%}" for scale, share in prediction.scale_importance.items())
    return f"{letter} {confidence}   {prediction.state}   {scales}"


def _printable(text: str) -> str:
    """Escape and shorten text for a terminal: data of a device or a service must not control the terminal."""
    text = escape_unprintable(text)
    return text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 3] + "..."


def live_line() -> Live:
    """Return the terminal line of `StatusLineDisplay`; output to stderr appears above it."""
    return Live(StyledText("waiting"), console=Console(), transient=True, refresh_per_second=10)


def _glove_text(glove: str, version: int | None, source: GloveSource | None) -> str:
    by = ", by its USB serial number" if source == "usb" else ""
    if version is None:
        return f"glove {glove}{by}, without a profile that this model can use"
    return f"profile {version} of the glove {glove}{by}"


def _profile_text(changed: ProfileChanged | GloveChanged) -> str:
    if isinstance(changed, GloveChanged):
        return f"from now on: {_glove_text(changed.glove, changed.glove_profile, changed.glove_by)}"
    if changed.version is None:
        return f"{changed.wearer} has no profile for this model; using the model without a profile"
    return f"profile {changed.version} of {changed.wearer} is used from now on"


def summary(counts: BridgeCounts) -> str:
    """Return the final counts as text."""
    link = counts.link
    damaged = ", ".join(f"{count} {reason}" for reason, count in sorted(link.damaged.items()))
    return (
        f"{link.frames} frames read, {counts.unsent} of them not delivered to the service; "
        f"missing: {link.missing}; repeated: {link.repeated}; restarts of the glove: {link.restarts}; "
        f"damaged: {damaged or 'none'}; partial messages at the start: {link.partial}"
    )
