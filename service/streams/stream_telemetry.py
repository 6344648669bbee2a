"""Telemetry of one stream: metrics, log lines at its start and end, and a span where tracing is on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from scaleglove.protocol import (
    Error,
    Gap,
    LinkReport,
    ModelChanged,
    Prediction,
    SensorFaultKind,
    Sensors,
    ServerMessage,
    Started,
    State,
    Stopped,
)
from service.problems import ProblemError
from service.streams.intake import Window
from service.telemetry.buffered import BufferedCounter
from service.telemetry.logs import stream_logger
from service.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from service.telemetry.spans import StreamSpan


_Fault = tuple[str, SensorFaultKind]
"""Channel and kind."""

_OUTCOMES: Final = ("missing", "repeated", "damaged", "unsent")


class StreamTelemetry:
    """Telemetry of the stream of this name; nothing is logged for a single message."""

    def __init__(self, stream: str, metrics: Metrics, span: StreamSpan | None) -> None:
        self.stream = stream
        self._log = stream_logger(__name__, stream)
        self._metrics = metrics
        self._span = span
        self._predictions: dict[State, BufferedCounter] = {}
        self._frames = self._late = self._duplicates = 0
        self._model = ""
        self._faults: frozenset[_Fault] = frozenset()
        self._logged: set[_Fault] = set()
        self._link: LinkReport | None = None

    def note(self, message: ServerMessage) -> None:
        """Count a message that the stream sends."""
        if (note := _NOTES.get(type(message))) is not None:
            note(self, message)

    def count_frames(self, window: Window) -> None:
        """Count the frames received since the last call."""
        self._metrics.frames.inc(window.frames - self._frames)
        self._metrics.late_frames.inc(window.late_frames - self._late)
        self._metrics.duplicate_frames.inc(window.duplicate_frames - self._duplicates)
        self._frames, self._late, self._duplicates = window.frames, window.late_frames, window.duplicate_frames

    def _note_prediction(self, message: Prediction) -> None:
        state = message.state
        if state not in self._predictions:  # looking a child up takes longer than counting
            self._predictions[state] = self._metrics.predictions.labels(self._model, "stream", state)
        self._predictions[state].inc()

    def _note_started(self, message: Started) -> None:
        self._model = message.model
        self._log.info("stream started, model %s", message.model, extra={"model": message.model})
        if self._span is not None:
            self._span.start(message)

    def _note_model(self, message: ModelChanged) -> None:
        self._model = message.model
        self._predictions.clear()

    def _note_gap(self, message: Gap) -> None:
        self._metrics.gaps.labels(message.reason).inc()
        if self._span is not None:
            self._span.gap(message)

    def _note_error(self, message: Error) -> None:
        self._metrics.errors.labels("stream", message.code).inc()
        # Without its detail, which may repeat what a client sent.
        self._log.info("stream refused: %s", message.code, extra={"code": message.code})
        if self._span is not None:
            self._span.refuse(message.code)

    def _note_sensors(self, message: Sensors) -> None:
        faults = frozenset((fault.channel, fault.fault) for fault in message.faults)
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
        """Log each kind of fault once, so that a stream cannot fill the log."""
        if fault in self._logged:
            return
        self._logged.add(fault)
        channel, kind = fault
        self._log.warning("sensor %s is at fault: %s", channel, kind, extra={"channel": channel, "fault": kind})

    def _note_link(self, report: LinkReport) -> None:
        """Count the frames lost since the last report; counting begins with the first."""
        if self._link is not None:
            for outcome in _OUTCOMES:
                # Counters only grow, even if a client corrects its counts downwards.
                more = getattr(report, outcome) - getattr(self._link, outcome)
                self._metrics.link_frames.labels(outcome).inc(max(0, more))
        self._link = report

    def fail(self, error: Exception) -> None:
        """Log that the model failed at one of its windows."""
        self._log.error("the model failed", exc_info=error)

    def keep_profile(self, problem: ProblemError) -> None:
        """Log that the wearer's new profile cannot be used."""
        self._log.warning("the previous profile stays in use: %s", problem.code, extra={"code": problem.code})

    def end(self, account: Stopped | None) -> None:
        """Log the stream's counts at its end; None: it never started."""
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


_NOTES: Final[Mapping[type[Any], Callable[[StreamTelemetry, Any], None]]] = {
    Prediction: StreamTelemetry._note_prediction,
    Started: StreamTelemetry._note_started,
    ModelChanged: StreamTelemetry._note_model,
    Gap: StreamTelemetry._note_gap,
    Sensors: StreamTelemetry._note_sensors,
    LinkReport: StreamTelemetry._note_link,
    Error: StreamTelemetry._note_error,
}
