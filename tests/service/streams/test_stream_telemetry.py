"""What a stream's messages add to the metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.protocol import Frames, Start
from service.streams.handshake import handshake
from service.streams.session import StreamRules, StreamSession
from service.streams.stream_telemetry import StreamTelemetry
from service.telemetry.metrics import Metrics


@pytest.fixture
def other(artefact_path: Path) -> Artefact:
    return Artefact.load(artefact_path.with_stem("MSCSGRU_ScaleHard"))


def sign(session: StreamSession, telemetry: StreamTelemetry, frames: Frames) -> None:
    for due in session.receive(frames, 0):
        session.answer(session.model.run_windows([due.frames]), 0)
    for message in session.drain():
        telemetry.note(message)


def test_predictions_count_for_the_model_that_made_them(artefact: Artefact, other: Artefact, glove: Any) -> None:
    rules = StreamRules(1000, 60_000, self_calibrates=False)
    session = handshake(Start(list(CHANNELS), sample_rate_hz=50.0), "here", rules, lambda _: artefact)
    metrics = Metrics()
    telemetry = StreamTelemetry("here", metrics, None)
    telemetry.note(session.started)
    times, values = [20.0 * number for number in range(40)], glove(40)
    sign(session, telemetry, Frames(0, times[:10], values[:10]))
    session.switch(other, None)
    sign(session, telemetry, Frames(10, times[10:], values[10:]))
    counted = [
        sum(
            metrics.registry.get_sample_value(
                "scaleglove_predictions_total", {"model": name, "interface": "stream", "state": state}
            )
            or 0
            for state in ("ok", "rejected", "warming")
        )
        for name in (artefact.contract.name, other.contract.name)
    ]
    assert counted == [2, 6]
