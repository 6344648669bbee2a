"""The shell between a socket and a session, with an engine of its own and a socket that only notes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.runtime.artefact import Artefact
from service.auth.quota import Quota
from service.inference.engine import Engine, Model
from service.inference.glove import ChooseGlove
from service.inference.profile import LoadProfile, Profile, unknown_wearer
from service.settings import Settings
from service.streams.glove_connection import MAX_WAITING, TURN_FRAMES, GloveConnection, StreamServices
from service.streams.hub import Hub
from service.streams.session import StreamSession
from service.streams.stream import Stream
from service.streams.stream_telemetry import StreamTelemetry
from service.telemetry.metrics import Metrics
from tests.service.no_gloves import choose_no_glove
from tests.service.sockets import binary_frames, even, payloads_of

Glove = Callable[..., np.ndarray]


class Channel:
    def __init__(self) -> None:
        self.is_writable = True
        self.is_read = True
        self.sent: list[dict[str, Any]] = []

    def send_frames(self, frames: bytes) -> None:
        self.sent += map(json.loads, payloads_of(frames))

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


async def load_nothing(wearer: str, model: Model) -> Profile:
    raise unknown_wearer(wearer)


class Shell:
    """A connection with a handshake, and its parts."""

    def __init__(
        self,
        artefact: Artefact,
        start: dict[str, Any],
        load: LoadProfile = load_nothing,
        find_model: Callable[[str | None], Model] | None = None,
        choose_glove: ChooseGlove = choose_no_glove,
    ) -> None:
        metrics = Metrics()
        self.engine = Engine(metrics)
        self.hub, self.channel = Hub(2, metrics), Channel()
        find = find_model or (lambda _: artefact)
        services = StreamServices(self.hub, self.engine, Settings(_env_file=None), metrics, find, load, choose_glove)
        telemetry = StreamTelemetry(self.hub.new_stream_name(), metrics, None)
        self.connection = GloveConnection(services, Quota("all"), telemetry)
        self.connection._begin(self.channel)  # type: ignore[arg-type]
        self.connection.send_queue.open(self.channel)
        self.connection.take(json.dumps(start).encode(), True)

    @property
    def stream(self) -> Stream:
        (stream,) = self.hub.streams.values()
        return stream

    @property
    def session(self) -> StreamSession:
        return self.stream.session

    @property
    def frames(self) -> int:
        return self.session.window.frames


async def all_done(shell: Shell) -> None:
    for _ in range(2000):
        await asyncio.sleep(0)
        if shell.channel.is_read and not shell.session.waiting:
            return
    pytest.fail("it is never done")


async def test_a_flood_is_processed_in_turns(
    artefact: Artefact, started: Any, glove: Glove, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without windows that fall due nothing else would stop it. All of it comes in one moment."""
    monkeypatch.setattr(
        "service.streams.glove_connection.time", SimpleNamespace(perf_counter=lambda: 0.0, monotonic=lambda: 0.0)
    )
    shell = Shell(artefact, started(hop_ms=10_000))
    values = glove(400)
    for block in range(20):
        shell.connection.take(binary_frames(block * 20, even(block * 20, 20), values[block * 20 :][:20]), False)
    assert TURN_FRAMES <= shell.frames < TURN_FRAMES + 20
    assert not shell.channel.is_read
    await asyncio.sleep(0)
    assert shell.frames < 2 * (TURN_FRAMES + 20)
    await all_done(shell)
    assert shell.frames == 400


async def test_pending_windows_apply_back_pressure(artefact: Artefact, started: Any, glove: Glove) -> None:
    shell = Shell(artefact, started(hop_ms=20))
    values = glove(1000)
    shell.connection.take(binary_frames(0, even(0, 1000), values), False)
    assert shell.frames < artefact.contract.min_frames + MAX_WAITING + 1
    assert not shell.channel.is_read
    await all_done(shell)
    predictions = [message for message in shell.channel.sent if message["type"] == "prediction"]
    assert [message["seq"] for message in predictions] == list(range(1000))


async def test_keys_of_start_that_are_not_known_are_listed_in_its_answer(artefact: Artefact, started: Any) -> None:
    """A misspelt option would otherwise do nothing, and nobody would notice."""
    shell = Shell(artefact, started(sample_rate=50, text={"space": 2}))
    assert shell.channel.sent[0]["type"] == "started"
    assert shell.channel.sent[0]["ignored"] == ["sample_rate", "text.space"]


async def test_messages_after_the_end_are_ignored(artefact: Artefact, started: Any, glove: Glove) -> None:
    shell = Shell(artefact, started())
    shell.connection.take(b"{", True)
    sent_before = len(shell.channel.sent)
    shell.connection.take(binary_frames(0, even(0, 20), glove(20)), False)
    await asyncio.sleep(0)
    assert shell.channel.sent[-1]["code"] == "bad_message"
    assert len(shell.channel.sent) == sent_before


async def test_a_switch_while_windows_wait_leaves_each_its_own_answer(
    artefact: Artefact, artefact_path: Path, started: Any, glove: Glove
) -> None:
    """Somebody else asks the other model first, so the engine takes its windows together, before older ones."""
    other = Artefact.load(artefact_path.with_stem("MSCSGRU_ScaleHard"))
    values = glove(40)

    def shell() -> Shell:
        return Shell(artefact, started(self_calibration=False), find_model=lambda name: other if name else artefact)

    calm = shell()
    for begin in (0, 20):
        calm.connection.take(binary_frames(begin, even(begin, 20), values[begin : begin + 20]), False)
        await all_done(calm)
        if begin == 0:
            await calm.stream.switch("other")

    hurried = shell()
    hurried.engine.submit(other, values, lambda *_: None, pytest.fail)
    hurried.connection.take(binary_frames(0, even(0, 20), values[:20]), False)
    assert hurried.session.waiting
    await hurried.stream.switch("other")
    hurried.connection.take(binary_frames(20, even(20, 20), values[20:]), False)
    await all_done(hurried)

    def predictions(of: Shell) -> list[dict[str, Any]]:
        return [message for message in of.channel.sent if message["type"] == "prediction"]

    assert len(predictions(hurried)) == 8
    for mine, expected in zip(predictions(hurried), predictions(calm), strict=True):
        assert (mine["seq"], mine["label"]) == (expected["seq"], expected["label"])
        assert mine["confidence"] == pytest.approx(expected["confidence"], abs=1e-5)
