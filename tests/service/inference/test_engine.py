from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.runtime.artefact import Artefact, Outputs
from service.inference.engine import BATCH_WINDOWS, Engine, Window
from service.telemetry.metrics import Metrics


class Scripted:
    """Model that returns the first reading of each window, and records its batches."""

    def __init__(self, name: str = "scripted") -> None:
        self.contract: Any = SimpleNamespace(name=name)
        self.batches: list[list[float]] = []
        self.fault: Exception | None = None

    def run_windows(self, windows: Sequence[Window]) -> Outputs:
        if self.fault is not None:
            raise self.fault
        first = np.array([[window[0, 0]] for window in windows], np.float32)
        self.batches.append(first[:, 0].tolist())
        return Outputs(first, first, first)


def window(number: float) -> Window:
    return np.full((3, 8), number, np.float32)


class Caller:
    def __init__(self) -> None:
        self.answers: list[float] = []
        self.faults: list[Exception] = []

    def receive(self, outputs: Outputs, row: int) -> None:
        self.answers.append(float(outputs.probabilities[row, 0]))


async def iterations(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_falls_due_together_runs_together_across_streams() -> None:
    engine, model, callers = Engine(Metrics()), Scripted(), [Caller() for _ in range(5)]
    for number, caller in enumerate(callers):
        engine.submit(model, window(number), caller.receive, caller.faults.append)
    await iterations()
    assert model.batches == [[0, 1, 2, 3, 4]]
    assert [caller.answers for caller in callers] == [[0], [1], [2], [3], [4]]


async def test_a_single_window_runs_in_the_next_iteration() -> None:
    engine, model, caller = Engine(Metrics()), Scripted(), Caller()
    engine.submit(model, window(7), caller.receive, caller.faults.append)
    await asyncio.sleep(0)
    assert caller.answers == [7]


async def test_batches_are_bounded_in_order_and_of_one_model() -> None:
    engine, one, other = Engine(Metrics()), Scripted("one"), Scripted("other")
    caller = Caller()
    for number in range(3 * BATCH_WINDOWS):
        engine.submit(other if number % 3 == 0 else one, window(number), caller.receive, caller.faults.append)
    await iterations()
    for model in (one, other):
        flat = [number for batch in model.batches for number in batch]
        assert flat == sorted(flat)
        assert max(map(len, model.batches)) == BATCH_WINDOWS
    assert sorted(caller.answers) == list(range(3 * BATCH_WINDOWS))


async def test_a_large_request_lets_streams_and_small_requests_pass() -> None:
    engine, model, caller = Engine(Metrics()), Scripted(), Caller()
    large = asyncio.create_task(engine.run(model, [window(1000 + number) for number in range(10 * BATCH_WINDOWS)]))
    await iterations(2)
    engine.submit(model, window(1), caller.receive, caller.faults.append)
    small = asyncio.create_task(engine.run(model, [window(2), window(3)]))
    await iterations(4)
    assert caller.answers == [1]
    assert small.done()
    assert small.result().probabilities[:, 0].tolist() == [2, 3]
    assert not large.done()
    outputs = await large
    assert outputs.probabilities[:, 0].tolist() == [1000 + number for number in range(10 * BATCH_WINDOWS)]


async def test_requests_run_together_too() -> None:
    engine, model = Engine(Metrics()), Scripted()
    outputs = await asyncio.gather(*(engine.run(model, [window(number)]) for number in range(4)))
    assert [part.probabilities.tolist() for part in outputs] == [[[0]], [[1]], [[2]], [[3]]]
    assert model.batches == [[0, 1, 2, 3]]


async def test_a_cancelled_caller_receives_no_answer() -> None:
    engine, model = Engine(Metrics()), Scripted()
    leaving = asyncio.create_task(engine.run(model, [window(number) for number in range(10 * BATCH_WINDOWS)]))
    await iterations(3)
    begun = len(model.batches)
    leaving.cancel()
    await iterations()
    assert 0 < begun < 5
    assert len(model.batches) <= begun + 1


async def test_a_failing_model_affects_only_its_callers() -> None:
    engine, broken, model, caller, other = Engine(Metrics()), Scripted(), Scripted(), Caller(), Caller()
    broken.fault = RuntimeError("broken")
    engine.submit(broken, window(0), caller.receive, caller.faults.append)
    engine.submit(model, window(1), other.receive, other.faults.append)
    with pytest.raises(RuntimeError, match="broken"):
        await engine.run(broken, [window(number) for number in range(3 * BATCH_WINDOWS)])
    await iterations()
    assert caller.faults == [broken.fault]
    assert other.answers == [1]
    broken.fault = None
    assert (await engine.run(broken, [window(5)])).probabilities.tolist() == [[5]]


async def test_a_failing_caller_does_not_stop_the_engine(caplog: pytest.LogCaptureFixture) -> None:
    engine, model, caller = Engine(Metrics()), Scripted(), Caller()

    def break_down(outputs: Outputs, row: int) -> None:
        raise ValueError("no ears")

    engine.submit(model, window(0), break_down, caller.faults.append)
    engine.submit(model, window(1), caller.receive, caller.faults.append)
    await iterations()
    assert caller.answers == [1]
    assert "no ears" in caplog.text


async def test_together_or_alone_the_answer_is_the_same(artefact: Artefact, glove: Any) -> None:
    """The real model gives the same outputs to 1e-5 in any batch."""
    windows = [glove(length, length) for length in (1, 9, 10, 33, 80, 87)]
    outputs = await asyncio.gather(*(Engine(Metrics()).run(artefact, [each]) for each in windows))
    together = await Engine(Metrics()).run(artefact, windows)
    for name in ("probabilities", "scale_importance", "embedding"):
        alone = np.concatenate([getattr(part, name) for part in outputs])
        np.testing.assert_allclose(getattr(together, name), alone, atol=1e-5)


async def test_windows_and_their_time_are_counted() -> None:
    metrics, model = Metrics(), Scripted("m")
    engine, caller = Engine(metrics), Caller()
    for number in range(3):
        engine.submit(model, window(number), caller.receive, caller.faults.append)
    await engine.run(model, [window(9)])

    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(name, labels)

    assert value("scaleglove_windows_total", model="m", interface="stream") == 3
    assert value("scaleglove_windows_total", model="m", interface="rest") == 1
    assert value("scaleglove_model_seconds_count", model="m", interface="stream") == 1
    assert value("scaleglove_queue_seconds_count", interface="stream") == 3
