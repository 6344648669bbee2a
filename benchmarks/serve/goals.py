"""Rows of `bench serve`: each measures the plain service and ours, one after the other, against a goal."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from benchmarks.machine import Cores
from benchmarks.report import Figure
from benchmarks.serve import time_profile
from benchmarks.serve.ceiling import CLIENT_BUSY, WARM_UP_S, Ceiling, client_note, find_ceiling
from benchmarks.serve.load import gloves, posts
from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.load.messages import Rhythm, json_body, npy_body, windows
from benchmarks.serve.load.posts import AnswerError, Posted, build_request
from benchmarks.serve.server import Server, our_service, plain_service
from benchmarks.serve.time_profile import Profile
from models.runtime.contract import ModelContract
from service.settings import Settings

_PROFILED_GLOVES: Final = 100
_IDLE_STREAMS: Final = 200
_JSON: Final = "application/json"
_NPY: Final = "application/x-npy"
_LONE: Final = Rhythm(hop_frames=2)
"""A prediction for every sample of the model, fifty a second, since otherwise a p99 would take minutes."""


@dataclass(slots=True)
class Bench:
    """Servers, options and progress callback that all rows share."""

    plain: Server
    ours: Server
    cores: Cores
    artefact: Path
    contract: ModelContract
    seconds: float
    most_gloves: int
    progress: Callable[[str], None]
    profiles: list[Profile] = field(default_factory=list)
    """Profiles that the row `model` adds to its figure."""

    @property
    def warm_up_s(self) -> float:
        return min(WARM_UP_S, self.seconds)


def gloves_one_frame(bench: Bench) -> Iterator[Figure]:
    yield from _gloves(bench, "gloves", 1, {"plain": 90, "JSON": 140, "binary": 145})


def gloves_five_frames(bench: Bench) -> Iterator[Figure]:
    yield from _gloves(bench, "gloves5", 5, {"plain": 120, "JSON": 320, "binary": 320})


def lone_glove(bench: Bench) -> Iterator[Figure]:
    found = {}
    for server in (bench.plain, bench.ours):
        bench.progress(f"lone glove: {server.name}")
        server.settle()
        found[server] = gloves.measure(server.address, 1, _LONE, bench.warm_up_s, 4 * bench.seconds)
    plain, ours = found[bench.plain], found[bench.ours]
    note = client_note([plain, ours])
    for percent, goal in ((50, 0.8), (99, 3.0)):
        title = f"lone glove, frame to prediction, p{percent}"
        figures = plain.delay_ms(percent), ours.delay_ms(percent)
        share = ours.client_share
        yield Figure("lone", title, "ms", *figures, goal, higher_is_better=False, note=note, client_share=share)


def one_window(bench: Bench) -> Iterator[Figure]:
    yield from _posts(bench, "post", 1, connections=16, goals=(1400, 1700))


def many_windows(bench: Bench) -> Iterator[Figure]:
    yield from _posts(bench, "post64", 64, connections=4, goals=(55, 110))


def memory(bench: Bench) -> Iterator[Figure]:
    cores = bench.cores.server
    plain = _memory_kib(bench, plain_service(bench.artefact, cores))
    ours = _memory_kib(bench, our_service(bench.artefact, bench.contract.name, cores))
    for title, before, after in zip(("started", "after frames"), plain, ours, strict=True):
        yield Figure("memory", f"memory per idle stream, {title}", "KiB", before, after, 64, higher_is_better=False)


def model_cost(bench: Bench) -> Iterator[Figure]:
    bench.progress("model: the plain session alone")
    plain_s = _default_session_s(bench)
    costs_ms: list[float | None] = []
    for rhythm in (Rhythm(), Rhythm(binary=True), Rhythm(frames_per_message=5)):
        count = min(_PROFILED_GLOVES, bench.most_gloves)
        bench.progress(f"model: {count} gloves, {rhythm.title}")
        bench.ours.settle()
        found, cost_s = time_profile.measure(bench.ours, bench.contract, count, rhythm, bench.warm_up_s, bench.seconds)
        bench.profiles.append(found)
        costs_ms.append(None if cost_s is None else cost_s * 1000)
    title = f"model cost per due prediction at {count} streams"
    note = "plain: one full window on a default session" if costs_ms[0] else "the service has no such metric"
    yield Figure("model", title, "ms", plain_s * 1000, costs_ms[0], 0.10, higher_is_better=False, note=note)


def workers(bench: Bench) -> Iterator[Figure]:
    title = "two workers against one, 64 windows a request"
    if "workers" not in Settings.model_fields:
        yield Figure("workers", title, "times", None, None, 1.9, note="the service has no setting for workers")
        return
    if len(bench.cores.two_workers) < 2:
        yield Figure("workers", title, "times", None, None, 1.9, note="this machine has one core")
        return
    encoding, request = _cheapest_request(bench)
    rates = []
    for count, cores in ((1, bench.cores.server), (2, bench.cores.two_workers)):
        with our_service(bench.artefact, bench.contract.name, cores, "--workers", str(count)) as server:
            bench.progress(f"workers: {count}")
            rates.append(posts.measure(server.address, request, 16, bench.warm_up_s, bench.seconds).per_second)
    shared = "; the client shares the second core" if bench.cores.client <= bench.cores.two_workers else ""
    note = f"{rates[0]:.0f} and {rates[1]:.0f} requests/s, {encoding}{shared}"
    yield Figure("workers", title, "times", None, rates[1] / rates[0], 1.9, note=note)


ROWS: Final[dict[str, Callable[[Bench], Iterator[Figure]]]] = {
    "gloves": gloves_one_frame,
    "gloves5": gloves_five_frames,
    "lone": lone_glove,
    "post": one_window,
    "post64": many_windows,
    "memory": memory,
    "model": model_cost,
    "workers": workers,
}


def _gloves(bench: Bench, row: str, frames: int, goals: dict[str, int]) -> Iterator[Figure]:
    plain = _ceiling(bench, bench.plain, Rhythm(frames_per_message=frames), goals["plain"])
    for rhythm in (Rhythm(frames_per_message=frames), Rhythm(binary=True, frames_per_message=frames)):
        goal = goals[rhythm.encoding]
        ours = _ceiling(bench, bench.ours, rhythm, goal)
        remark = ours.note or (f"plain FastAPI: {plain.note}" if plain.note else "")
        title = f"gloves at 100 Hz, {rhythm.title}"
        counts = plain.gloves, ours.gloves
        yield Figure(row, title, "gloves", *counts, goal, note=remark, client_share=ours.client_share)


def _ceiling(bench: Bench, server: Server, rhythm: Rhythm, guess: int) -> Ceiling:
    return find_ceiling(server, rhythm, guess, bench.most_gloves, bench.seconds, bench.progress)


def _posts(bench: Bench, row: str, count: int, connections: int, goals: tuple[int, int]) -> Iterator[Figure]:
    batch = windows(count, bench.contract.window_frames)
    title = f"POST {count} window{'s' * (count > 1)}, {connections} connections"
    plain: float | None = None
    for encoding, kind, body, goal in (
        ("JSON", _JSON, json_body(batch), goals[0]),
        ("binary", _NPY, npy_body(batch), goals[1]),
    ):
        request = build_request("/v1/predict", kind, body)
        if plain is None:  # the plain service takes JSON only
            plain = _post(bench, bench.plain, title, request, connections).per_second
        try:
            posted = _post(bench, bench.ours, f"{title}, {encoding}", request, connections)
        except AnswerError as error:
            note = f"the service answers {encoding} with {error.status}"
            yield Figure(row, f"{title}, {encoding}", "requests/s", plain, None, goal, note=note)
        else:
            share = posted.client_share
            note = f"limited by the client, {share:.0%} busy" if share > CLIENT_BUSY else ""
            figures = plain, posted.per_second, goal
            yield Figure(row, f"{title}, {encoding}", "requests/s", *figures, note=note, client_share=share)


def _post(bench: Bench, server: Server, title: str, request: bytes, connections: int) -> Posted:
    bench.progress(f"{title}: {server.name}")
    server.settle()
    return posts.measure(server.address, request, connections, min(1.0, bench.seconds), bench.seconds)


def _cheapest_request(bench: Bench) -> tuple[str, bytes]:
    """Return a request of 64 windows with its encoding, binary where the service accepts it."""
    batch = windows(64, bench.contract.window_frames)
    binary = build_request("/v1/predict", _NPY, npy_body(batch))
    try:
        posts.measure(bench.ours.address, binary, 1, 0.0, 0.2)
    except AnswerError:
        return "JSON", build_request("/v1/predict", _JSON, json_body(batch))
    return "binary", binary


def _memory_kib(bench: Bench, service: AbstractContextManager[Server]) -> tuple[float, float]:
    """Return the resident memory per stream in KiB: just started, and after frames.

    The server is a fresh one that has served a few streams, so that what only the first one needs is not counted.
    """
    rhythm = Rhythm(frames_per_message=10)
    count, messages = min(_IDLE_STREAMS, bench.most_gloves), rhythm.messages_in(bench.warm_up_s)
    with service as server:
        bench.progress(f"memory: {server.name}")
        with Gloves(server.address, min(10, count), rhythm, messages) as first:
            first.run(messages)
            first.drain(1.0)
        server.settle()
        empty = server.resident_bytes()
        with Gloves(server.address, count, rhythm, messages) as streams:
            server.settle()
            started = server.resident_bytes()
            streams.run(messages)
            streams.drain(2.0)
            server.settle()
            used = server.resident_bytes()
    return (started - empty) / count / 1024, (used - empty) / count / 1024


def _default_session_s(bench: Bench) -> float:
    """Return the median time of one full window on a default session."""
    session = onnxruntime.InferenceSession(str(bench.artefact))
    frames = windows(1, bench.contract.window_frames)
    lengths = np.array([frames.shape[1]], np.int64)
    times: list[float] = []
    end_s = time.perf_counter() + min(1.0, bench.seconds)
    while not times or time.perf_counter() < end_s:
        begin_s = time.perf_counter()
        session.run(None, {"frames": frames, "lengths": lengths})
        times.append(time.perf_counter() - begin_s)
    return statistics.median(times)
