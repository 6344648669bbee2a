"""Growth of what a stream takes: each measurement, in small, on a real service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.serve import growth
from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.server import Server, our_service
from models.cli.options import DEFAULT_MODEL
from service.process import usable_processors
from service.settings import shipped_models


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    path = shipped_models() / f"{DEFAULT_MODEL}.onnx"
    with our_service(path, DEFAULT_MODEL, frozenset(range(usable_processors()))) as server:
        yield server


def test_few_and_many_gloves_send_as_many_messages_a_second() -> None:
    one, many = growth.Crowd(gloves=1), growth.Crowd(gloves=300)
    assert many.period_s / 300 == pytest.approx(one.period_s)


def test_a_message_of_a_glove_takes_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    run = Gloves.run

    def noted(gloves: Gloves, messages: int) -> None:
        sent.append(messages)
        run(gloves, messages)

    monkeypatch.setattr(Gloves, "run", noted)
    assert growth.cpu_of_gloves(server, DEFAULT_MODEL, 3, 0.5) > 0
    warm_up, counted = sent
    assert warm_up * 5 == 200
    assert counted == 100


def test_each_viewer_receives_frames_and_answers(server: Server) -> None:
    _, received = growth.cpu_of_viewers(server, DEFAULT_MODEL, 2, 0.5)
    # The frames of each message, and a prediction for every second one; the last ones may still be on their way.
    assert received > 1.2
    _, received = growth.cpu_of_viewers(server, DEFAULT_MODEL, 0, 0.1)
    assert received == 0


def test_memory_is_reported_for_each_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "_SHARED_MINUTES", 1)
    assert len(list(growth.memory_while_signing(server, DEFAULT_MODEL, 2, (1,)))) == 1
