from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.peers import catalogue
from benchmarks.serve.sampling import (
    FRAMES_IN,
    LETTERS,
    LOOP,
    METRICS,
    MODEL,
    ORDER,
    PUBLISHING,
    WRITING,
    SamplingError,
    Shares,
    by_part,
    part_of,
    sample,
    sampler,
)
from benchmarks.serve.server import running

COMMAND = ["main (scaleglove/cli.py:119)", "Server.serve_until_stopped (service/server.py:109)"]
LOOPING = [*COMMAND, "Runner.run (asyncio/runners.py:118)"]
TAKING = [*LOOPING, "FastWebSocketProtocol.data_received (service/streams/websocket/fast_websocket.py:138)"]
ANSWERING = [*LOOPING, "Engine._run (service/inference/engine.py:185)"]


@pytest.mark.parametrize(
    ("inner", "part"),
    [
        (LOOPING, LOOP),
        (TAKING, FRAMES_IN),
        ([*TAKING, "Resampler.push (scaleglove/resampling.py:1)", "_median (numpy/lib/f.py:2)"], FRAMES_IN),
        ([*ANSWERING, "Kernel.run_windows (models/runtime/kernel/kernel.py:99)"], MODEL),
        ([*ANSWERING, "StreamSession.answer (service/streams/session.py:3)"], LETTERS),
        ([*ANSWERING, "softmax (models/adaptation/few_shot.py:3)", "exp (numpy/core.py:1)"], LETTERS),
        ([*ANSWERING, "LetterDecoder.push (service/streams/text/decoder.py:3)"], LETTERS),
        ([*ANSWERING, "NativeHoldTracker.push (service/streams/native/holds.py:3)"], LETTERS),
        ([*TAKING, "NativeIntake.take (service/streams/native/intake.py:3)"], FRAMES_IN),
        ([*ANSWERING, "Stream.publish (service/streams/stream.py:130)"], PUBLISHING),
        ([*ANSWERING, "Histogram.observe (prometheus_client/metrics.py:1)"], METRICS),
        ([*ANSWERING, "FastWebSocketProtocol.send_frames (service/streams/websocket/fast_websocket.py:1)"], WRITING),
    ],
)
def test_innermost_function_decides(inner: list[str], part: str) -> None:
    assert part_of(inner) == part


@given(counts=st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_every_sample_counts_once(counts: list[int]) -> None:
    stacks = [TAKING, ANSWERING, LOOPING]
    lines = [f"{';'.join(stacks[number % 3])} {count}" for number, count in enumerate(counts)]
    shares = Shares("a server", "a load", by_part(lines))
    assert shares.total == sum(counts)
    assert shares.share(*ORDER) == pytest.approx(1.0)


def test_a_server_without_samples_has_no_shares() -> None:
    assert Shares("a server", "a load", {}).share(MODEL) == 0.0


def test_a_process_is_sampled_under_load_or_why_not_is_said() -> None:
    try:
        sampler()
    except SamplingError as error:
        pytest.skip(str(error))
    found, refusal = dict[str, int](), ""
    with running("echo", frozenset(os.sched_getaffinity(0)), catalogue._ECHO, "300") as server:
        try:
            found = sample(server, 20, Rhythm(binary=True), 0.1, 1)
        except SamplingError as error:  # a container may forbid one process to read another
            refusal = str(error)
    assert sum(found.values()) > 0 or refusal.startswith("py-spy failed: ")
    assert set(found) <= set(ORDER)


def test_a_missing_sampler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.serve.sampling.shutil.which", lambda *_, **__: None)
    with pytest.raises(SamplingError, match="extra bench"):
        sampler()
