"""What whoever runs the service learns of one stream: counts, a line in the log when it starts and when it ends, and a
span where traces are asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from prometheus_client import Counter

from scaleglove.protocol import (
    Error,
    Gap,
    LinkReport,
    Prediction,
    Sensors,
    ServerMessage,
    Started,
    State,
    Stopped,
)
from service.problems import ProblemError
from service.streams.window import StreamWindow
from service.telemetry.logs import stream_logger
from service.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from service.telemetry.spans import StreamSpan


_Fault = tuple[str, str]
"""Channel and kind."""

_OUTCOMES: Final = ("missing", "repeated", "damaged", "unsent")


class StreamTelemetry:
    """Of the stream of this name; nothing is written down for a single message."""

    def __init__(self, stream: str, metrics: Metrics, span: StreamSpan | None) -> None:
        self.stream = stream
        self._log = stream_logger(__name__, stream)
        self._metrics = metrics
        self._span = span
        self._predictions: dict[State, Counter] = {}
        self._frames = self._late = self._duplicates = 0
        self._model = ""
        self._faults: frozenset[_Fault] = frozenset()
        self._logged: set[_Fault] = set()
        self._link: LinkReport | None = None

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
        elif isinstance(message, Sensors):
            self._note_faults(frozenset((fault.channel, fault.fault) for fault in message.faults))
        elif isinstance(message, LinkReport):
            self._count_link(message)
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

    def _note_faults(self, faults: frozenset[_Fault]) -> None:
        for fault in sorted(faults - self._faults):
            self._metrics.sensor_faults.labels(*fault).inc()
            self._metrics.sensor_faults_present.labels(*fault).inc()
            self._log_once(fault)
        for fault in self._faults - faults:
            self._metrics.sensor_faults_present.labels(*fault).dec()
        if self._span is not None:
            for channel, kind in sorted(self._faults ^ faults):
                self._span.sensor(channel, kind, begins=(channel, kind) in faults)
        self._faults = faults

    def _log_once(self, fault: _Fault) -> None:
        """Each kind of fault once: a stream cannot fill the log."""
        if fault in self._logged:
            return
        self._logged.add(fault)
        channel, kind = fault
        self._log.warning("sensor %s is at fault: %s", channel, kind, extra={"channel": channel, "fault": kind})

    def _count_link(self, report: LinkReport) -> None:
        """Count what has come to grief since the last report; the first one is where counting begins."""
        if self._link is not None:
            for outcome in _OUTCOMES:
                # What a client takes back is not taken off: counters only grow.
                more = getattr(report, outcome) - getattr(self._link, outcome)
                self._metrics.link_frames.labels(outcome).inc(max(0, more))
        self._link = report

    def fail(self, error: Exception) -> None:
        """The model failed at one of its windows."""
        self._log.error("the model failed", exc_info=error)

    def keep_profile(self, problem: ProblemError) -> None:
        """The wearer has another profile, which this stream cannot use."""
        self._log.warning("the profile of before is used on: %s", problem.code, extra={"code": problem.code})

    def end(self, account: Stopped | None) -> None:
        """The stream is over, whoever ended it; None: it never started."""
        for fault in self._faults:
            self._metrics.sensor_faults_present.labels(*fault).dec()
        if self._span is not None:
            self._span.end(account)
        if account is None:
            return
        figures = {name: value for name, value in asdict(account).items() if name not in {"stream", "type"}}
        self._log.info(
            "stream ended: %s", ", ".join(f"{name} {value}" for name, value in figures.items()), extra=figures
        )
