"""What whoever runs the service learns of one stream: counts, a line in the log when it starts and when it ends, and a
span where traces are asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from prometheus_client import Counter

from service.streams.window import StreamWindow
from service.telemetry.logs import stream_logger
from service.telemetry.metrics import Metrics
from service.wire import Error, Gap, Prediction, ServerMessage, Started, State, Stopped

if TYPE_CHECKING:
    from service.telemetry.spans import StreamSpan


class StreamRecord:
    """Of the stream of this name; nothing is written down for a single message."""

    def __init__(self, stream: str, metrics: Metrics, span: StreamSpan | None) -> None:
        self.stream = stream
        self._log = stream_logger(__name__, stream)
        self._metrics = metrics
        self._span = span
        self._predictions: dict[State, Counter] = {}
        self._frames = self._late = self._duplicates = 0
        self._model = ""

    def note(self, message: ServerMessage) -> None:
        """The stream is told this."""
        if isinstance(message, Prediction):
            if message.state not in self._predictions:
                labels = (self._model, "stream", message.state)
                self._predictions[message.state] = self._metrics.predictions.labels(*labels)
            self._predictions[message.state].inc()
        elif isinstance(message, Started):
            self._model = message.model
            self._log.info("stream started, model %s", message.model, extra={"model": message.model})
            if self._span is not None:
                self._span.start(message)
        elif isinstance(message, Gap):
            self._metrics.gaps.labels(message.reason).inc()
            if self._span is not None:
                self._span.gap(message)
        elif isinstance(message, Error):
            self._metrics.errors.labels("stream", message.code).inc()
            # Not its detail: that may say back what a client sent.
            self._log.info("stream refused: %s", message.code, extra={"code": message.code})
            if self._span is not None:
                self._span.refuse(message.code)

    def count_frames(self, window: StreamWindow) -> None:
        """Count what has come since the last time."""
        self._metrics.frames.inc(window.frames - self._frames)
        self._metrics.late_frames.inc(window.late_frames - self._late)
        self._metrics.duplicate_frames.inc(window.duplicate_frames - self._duplicates)
        self._frames, self._late, self._duplicates = window.frames, window.late_frames, window.duplicate_frames

    def fail(self, error: Exception) -> None:
        """The model failed at one of its windows."""
        self._log.error("the model failed", exc_info=error)

    def end(self, account: Stopped | None) -> None:
        """The stream is over, whoever ended it; None: it never started."""
        if self._span is not None:
            self._span.end(account)
        if account is None:
            return
        figures = {name: value for name, value in asdict(account).items() if name not in {"stream", "type"}}
        self._log.info(
            "stream ended: %s", ", ".join(f"{name} {value}" for name, value in figures.items()), extra=figures
        )
