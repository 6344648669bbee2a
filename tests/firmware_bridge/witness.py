"""An observer of the bridge that remembers, and waiting for what it has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from firmware_bridge.codec.events import Event
from firmware_bridge.link.state import LinkState, LinkStatus
from scaleglove.client import (
    GloveLetter,
    LinkReport,
    Prediction,
    ServerMessage,
    Started,
)


@dataclass
class Witness:
    """An observer that remembers."""

    states: list[LinkStatus] = field(default_factory=list)
    reports: list[LinkReport] = field(default_factory=list)
    streams: list[Started] = field(default_factory=list)
    messages: list[ServerMessage] = field(default_factory=list)
    letters: list[GloveLetter] = field(default_factory=list)
    lines: list[Event] = field(default_factory=list)
    troubles: list[tuple[str, float]] = field(default_factory=list)

    def link_changed(self, status: LinkStatus) -> None:
        self.states.append(status)

    def link_report(self, report: LinkReport) -> None:
        self.reports.append(report)

    def started(self, started: Started) -> None:
        self.streams.append(started)

    def message(self, message: ServerMessage) -> None:
        self.messages.append(message)

    def read(self, events: Sequence[Event]) -> None:
        """Ignore the events: those that are not frames also arrive as `line`."""

    def line(self, event: Event) -> None:
        self.lines.append(event)

    def glove_letter(self, letter: GloveLetter) -> None:
        self.letters.append(letter)

    def service_lost(self, why: str, retry_s: float) -> None:
        self.troubles.append((why, retry_s))

    def has_reported(self, what: str) -> bool:
        return any(what in trouble for trouble, _ in self.troubles)

    def was(self, state: LinkState) -> bool:
        return any(status.state is state for status in self.states)

    @property
    def predictions(self) -> list[Prediction]:
        return [message for message in self.messages if isinstance(message, Prediction)]
