"""Observers of the bridge side by side: one that ignores everything, and one that passes everything on to several."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_bridge.bridge import Observer
from firmware_bridge.codec.events import Event
from firmware_bridge.link.state import LinkStatus
from scaleglove.client import GloveLetter, LinkReport, ServerMessage, Started


class SilentObserver:
    """An observer that ignores everything: the base of those that handle a part."""

    def read(self, events: Sequence[Event]) -> None:
        """Ignore all events of one read."""

    def line(self, event: Event) -> None:
        """Ignore an event that is neither a frame nor a letter."""

    def started(self, started: Started) -> None:
        """Ignore the start of a stream."""

    def message(self, message: ServerMessage) -> None:
        """Ignore a message of the service."""

    def link_report(self, report: LinkReport) -> None:
        """Ignore a report of the link."""

    def glove_letter(self, letter: GloveLetter) -> None:
        """Ignore a prediction of the glove itself."""

    def link_changed(self, status: LinkStatus) -> None:
        """Ignore a new state of the link."""

    def service_lost(self, why: str, retry_s: float) -> None:
        """Ignore the loss of the stream."""


class Observers:
    """An observer that passes everything on to `observers`, in their order."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def read(self, events: Sequence[Event]) -> None:
        for observer in self._observers:
            observer.read(events)

    def line(self, event: Event) -> None:
        for observer in self._observers:
            observer.line(event)

    def started(self, started: Started) -> None:
        for observer in self._observers:
            observer.started(started)

    def message(self, message: ServerMessage) -> None:
        for observer in self._observers:
            observer.message(message)

    def link_report(self, report: LinkReport) -> None:
        for observer in self._observers:
            observer.link_report(report)

    def glove_letter(self, letter: GloveLetter) -> None:
        for observer in self._observers:
            observer.glove_letter(letter)

    def link_changed(self, status: LinkStatus) -> None:
        for observer in self._observers:
            observer.link_changed(status)

    def service_lost(self, why: str, retry_s: float) -> None:
        for observer in self._observers:
            observer.service_lost(why, retry_s)
