"""The observer of a bridge that records what it observes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from firmware_bridge.codec.events import Event
from firmware_bridge.observers import SilentObserver
from firmware_bridge.recorder.writer import Recorder, RecordingFailedError
from scaleglove.client import (
    GloveLetter,
    LinkReport,
    ServerMessage,
    Started,
)


class RecordingObserver(SilentObserver):
    """Passes everything on to `recorder`. If the recording fails (a full disk), `on_failure` is called once with the
    reason, and the bridge goes on without it."""

    def __init__(self, recorder: Recorder, on_failure: Callable[[str], None]) -> None:
        self.failed = False
        self._recorder = recorder
        self._on_failure = on_failure

    def read(self, events: Sequence[Event]) -> None:
        self._record(lambda: self._recorder.events(events))

    def started(self, started: Started) -> None:
        self._record(lambda: self._recorder.message(started))

    def message(self, message: ServerMessage) -> None:
        self._record(lambda: self._recorder.message(message))

    def link_report(self, report: LinkReport) -> None:
        self._record(lambda: self._recorder.message(report))

    def glove_letter(self, letter: GloveLetter) -> None:
        self._record(lambda: self._recorder.message(letter))

    def close(self) -> None:
        """End the recording."""
        self._record(self._recorder.close)

    def _record(self, write: Callable[[], None]) -> None:
        if self.failed:
            return
        try:
            write()
        except RecordingFailedError as error:
            self.failed = True
            self._on_failure(str(error))
