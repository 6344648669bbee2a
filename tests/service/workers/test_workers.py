"""Several workers behind one address, as real processes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection as AsyncConnection
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from scaleglove.protocol import Commanded, encode
from service.settings import Settings
from service.workers.supervisor import Supervisor, WorkersError
from tests.deadlines import EVENT_S, RUN_S, wait_until
from tests.live_service import NEVER_MS
from tests.processes import started_command
from tests.service.conftest import start_message
from tests.service.sockets import binary_frames, even, read, read_to_end

TOLD_S = 1.0
"""Long enough for workers, which tell their supervisor ten times a second which streams have ended."""

ROOT = Path(__file__).resolve().parents[3]


class Crew:
    """`scaleglove serve` with several workers."""

    def __init__(self, process: subprocess.Popen[str], models_dir: Path) -> None:
        self.process = process
        self.models_dir = models_dir
        self.records: list[dict[str, Any]] = []
        assert process.stdout is not None
        output = process.stdout.readline()
        match = re.fullmatch(r"scaleglove service on (http://\S+)\n", output)
        assert match is not None, output + self._rest_of_stderr()
        self.url = match[1]
        self._reader = threading.Thread(target=self._read_log)
        self._reader.start()

    def pid(self, worker: int) -> int:
        """Return the current process id of this worker."""
        pattern = re.compile(rf"worker {worker} serves as process (\d+)")
        wait_until(lambda: any(pattern.match(record["message"]) for record in self.records))
        return [int(match[1]) for record in self.records if (match := pattern.match(record["message"]))][-1]

    def open(self, stack: ExitStack, path: str = "/v1/stream") -> ClientConnection:
        address = self.url.replace("http", "ws") + path
        return stack.enter_context(connect(address, subprotocols=[Subprotocol("scaleglove.v1")], open_timeout=EVENT_S))

    def start(self, stack: ExitStack, **start: Any) -> tuple[ClientConnection, str]:
        """Start a stream, and return its socket and name."""
        socket = self.open(stack)
        socket.send(json.dumps(start_message(**start)))
        return socket, read(socket)["stream"]

    def watch(self, stack: ExitStack, stream: str) -> ClientConnection:
        return self.open(stack, f"/v1/streams/{stream}/watch")

    def listed(self) -> set[str]:
        """Return the names of the streams, from any worker."""
        response = httpx.get(f"{self.url}/v1/streams")
        assert response.status_code == 200, response.text
        return {stream["stream"] for stream in response.json()["streams"]}

    def metric(self, sample: str) -> float:
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(sample))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(EVENT_S)
        self._reader.join(EVENT_S)
        return status

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.records.append(json.loads(line))

    def _rest_of_stderr(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()


def serve(*options: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a service in which no stream goes stale while a slow machine keeps its client from sending."""
    command = ["serve", "--port", "0", "--log-format", "json", *options]
    environment = {**os.environ, "SCALEGLOVE_STALE_AFTER_MS": str(NEVER_MS)}
    return started_command(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment)


@contextmanager
def crew_of(workers: int, models_dir: Path, *options: str) -> Iterator[Crew]:
    with serve("--workers", str(workers), "--models-dir", str(models_dir), *options) as process:
        try:
            yield Crew(process, models_dir)
        finally:
            process.terminate()
            process.wait(EVENT_S)


@pytest.fixture(scope="module")
def crew(artefact_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    models_dir = tmp_path_factory.mktemp("models")
    shutil.copy(artefact_path, models_dir)
    with crew_of(2, models_dir) as crew:
        yield crew


def frames(count: int, begin: int = 0) -> bytes:
    values = 500 + np.arange(begin, begin + count) % 7  # sensors with constant readings would be reported as faulty
    return binary_frames(begin, even(begin, count), np.repeat(values[:, np.newaxis], 8, axis=1).astype(np.float32))


def test_streams_spread_evenly_whatever_else_is_connected(crew: Crew) -> None:
    with ExitStack() as stack:
        names = []
        for number in range(9):
            names.append(crew.start(stack)[1])
            if number % 2:
                client = stack.enter_context(httpx.Client(base_url=crew.url))
                assert client.get("/health/live").status_code == 200  # and stays connected
        assert sorted(Counter(name.partition("-")[0] for name in names).values()) == [4, 5]
    # After some have left, new ones go to the workers with the fewest streams.
    with ExitStack() as stack:
        wait_until(lambda: not crew.listed())
        time.sleep(TOLD_S)
        first, second = (crew.start(stack) for _ in range(2))
        first[0].close()
        wait_until(lambda: crew.listed() == {second[1]})
        time.sleep(TOLD_S)
        assert crew.start(stack)[1][0] == first[1][0]


def test_every_worker_lists_and_counts_the_streams_of_all(crew: Crew) -> None:
    wait_until(lambda: crew.metric("scaleglove_streams_open ") == 0)
    taken = crew.metric("scaleglove_frames_total ")
    with ExitStack() as stack:
        started = [crew.start(stack) for _ in range(4)]
        for socket, _ in started:
            socket.send(frames(50))
            while read(socket)["type"] != "prediction":
                pass
        for _ in range(4):  # connections that are no stream go to each worker in turn
            assert crew.listed() == {name for _, name in started}
            assert crew.metric("scaleglove_streams_open ") == 4
        for socket, _ in started:
            socket.send('{"type": "stop"}')
            read_to_end(socket)
        for _ in range(2):
            assert crew.metric("scaleglove_frames_total ") - taken == 200


def test_a_stream_is_watched_through_any_worker(crew: Crew) -> None:
    with ExitStack() as stack:
        socket, name = crew.start(stack)
        viewers = [crew.watch(stack, name) for _ in range(4)]
        assert [read(viewer)["type"] for viewer in viewers] == ["started"] * 4
        strangers = [crew.watch(stack, f"{worker}-0123456789ab") for worker in (0, 0, 1, 1)]
        for stranger in strangers:
            messages, code = read_to_end(stranger)
            assert ([message["code"] for message in messages], code) == (["unknown_stream"], 1008)
        socket.send(frames(50))
        socket.send('{"type": "stop"}')
        own, _ = read_to_end(socket)
        for viewer in viewers:
            messages, code = read_to_end(viewer)
            assert [message for message in messages if message["type"] != "frames"] == own
            assert code == 1000


async def ask_one_that_answers(url: str) -> httpx.Response:
    """Request the list of streams from both of two workers, one of which is halted; return the only response."""
    async with httpx.AsyncClient(timeout=EVENT_S) as client:
        pending = [asyncio.create_task(client.get(f"{url}/v1/streams")) for _ in range(2)]
        done, halted = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in halted:
            task.cancel()
        return done.pop().result()


def test_a_command_reaches_the_glove_through_any_worker(crew: Crew) -> None:
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        socket, name = crew.start(stack, commands=["recal"])

        def post(command: str, stream: str = name) -> httpx.Response:
            return httpx.post(f"{crew.url}/v1/streams/{stream}/commands", json={"command": command}, timeout=EVENT_S)

        for refused in (None, "unplugged", None, "unplugged"):  # connections go to each worker in turn
            for _ in range(2):
                pending = pool.submit(post, "recal")
                socket.send(encode(Commanded(read(socket)["id"], refused)))
                answer = pending.result()
                if refused is None:
                    assert (answer.status_code, answer.json()["command"]) == (200, "recal")
                else:
                    assert (answer.status_code, answer.json()["detail"]) == (409, refused)
        for _ in range(2):
            assert post("yawzero").json()["code"] == "no_commands"
            for worker in (0, 1):
                assert post("recal", f"{worker}-0123456789ab").json()["code"] == "unknown_stream"
        unanswered = [pool.submit(post, "recal") for _ in range(2)]
        assert {pending.result().json()["code"] for pending in unanswered} == {"no_answer"}


def test_a_list_is_whole_or_an_error(crew: Crew) -> None:
    with ExitStack() as stack:
        kept, name = crew.start(stack)
        other = 1 - int(name[0])
        os.kill(crew.pid(other), signal.SIGSTOP)
        try:
            kept.send(frames(50))  # nothing but the list waits for the other
            while read(kept)["type"] != "prediction":
                pass
            answer = asyncio.run(ask_one_that_answers(crew.url))
        finally:
            os.kill(crew.pid(other), signal.SIGCONT)
        assert (answer.status_code, answer.json()["code"]) == (503, "worker_silent")


def test_reload_reaches_every_worker_and_a_broken_file_none(crew: Crew, artefact_path: Path) -> None:
    def outcomes() -> tuple[float, float]:
        sample = 'scaleglove_model_reloads_total{outcome="%s"}'
        return crew.metric(sample % "done"), crew.metric(sample % "failed")

    with ExitStack() as stack:
        socket, _ = crew.start(stack)
        done, failed = outcomes()
        assert httpx.post(f"{crew.url}/v1/models/reload").status_code == 200
        assert outcomes() == (done + 2, failed)
        broken = crew.models_dir / "broken.onnx"
        broken.write_bytes(artefact_path.read_bytes()[:1000])
        try:
            answer = httpx.post(f"{crew.url}/v1/models/reload")
            assert (answer.status_code, answer.json()["code"]) == (409, "models_refused")
            assert "broken.onnx" in answer.json()["detail"]
            assert str(crew.models_dir) not in answer.text
            crew.process.send_signal(signal.SIGHUP)
            wait_until(lambda: outcomes() == (done + 2, failed + 4))
        finally:
            broken.unlink()
        for _ in range(2):
            assert len(httpx.get(f"{crew.url}/v1/models").json()["models"]) == 1
        socket.send(frames(50))
        while read(socket)["type"] != "prediction":
            pass


def test_a_killed_worker_comes_back_and_the_others_stay(crew: Crew) -> None:
    with ExitStack() as stack:
        wait_until(lambda: not crew.listed())
        time.sleep(TOLD_S)
        lost, kept = (crew.start(stack) for _ in range(2))
        victim = int(lost[1][0])
        viewers = [crew.watch(stack, lost[1]) for _ in range(2)]  # one at each worker
        assert [read(viewer)["type"] for viewer in viewers] == ["started"] * 2
        before = crew.pid(victim)
        os.kill(before, signal.SIGKILL)
        assert read_to_end(lost[0])[1] == 1006
        assert sorted(read_to_end(viewer)[1] for viewer in viewers) == [1006, 1012]
        wait_until(lambda: crew.listed() == {kept[1]})
        assert crew.metric("scaleglove_streams_open ") == 1
        wait_until(lambda: crew.pid(victim) != before)
        again = crew.start(stack)[1]
        assert again[0] == str(victim)
        for _ in range(2):
            assert crew.listed() == {kept[1], again}
        kept[0].send(frames(50))
        while read(kept[0])["type"] != "prediction":
            pass


def test_a_worker_without_descriptors_leaves_connections_to_another(crew: Crew) -> None:
    with ExitStack() as stack:
        wait_until(lambda: not crew.listed())
        time.sleep(TOLD_S)
        limits = resource.prlimit(crew.pid(0), resource.RLIMIT_NOFILE)
        resource.prlimit(crew.pid(0), resource.RLIMIT_NOFILE, (3, limits[1]))  # what is open stays open
        try:
            names = [crew.start(stack)[1] for _ in range(3)]
        finally:
            resource.prlimit(crew.pid(0), resource.RLIMIT_NOFILE, limits)
        assert [name[0] for name in names] == ["1", "1", "1"]
        time.sleep(TOLD_S)
        assert [crew.start(stack)[1][0] for _ in range(3)] == ["0", "0", "0"], "its count is right afterwards"


def test_a_halted_worker_is_passed_over_and_replaced(artefact_path: Path, tmp_path: Path) -> None:
    shutil.copy(artefact_path, tmp_path)
    with crew_of(2, tmp_path, "--worker-timeout-s", "2") as crew, ExitStack() as stack:
        halted = crew.pid(0)
        os.kill(halted, signal.SIGSTOP)
        names = [crew.start(stack)[1] for _ in range(3)]  # one was passed to it before anybody knew
        wait_until(lambda: crew.pid(0) != halted)
        wait_until(lambda: crew.metric('scaleglove_worker_restarts_total{reason="silent"}') == 1)
        wait_until(lambda: crew.metric("scaleglove_workers_silent") == 0)
        for _ in range(2):
            assert crew.listed() == set(names)
        said = [record["message"] for record in crew.records if "silent" in record["message"]]
    assert "gets no more connections" in said[0]
    assert "was replaced" in said[1]


async def play(socket: AsyncConnection) -> None:
    """Send frames until the socket is closed, four times as fast as a glove."""
    with suppress(ConnectionClosed):
        for begin in count(0, 20):
            await socket.send(frames(20, begin))
            await asyncio.sleep(0.1)


async def hear_to_end(socket: AsyncConnection) -> tuple[str | None, int | None]:
    """Return the code of the last message and that of the close."""
    last: dict[str, Any] = {}
    with suppress(ConnectionClosed):
        while True:
            last = json.loads(await socket.recv())
    return last.get("code"), socket.close_code


async def stop_while_playing(crew: Crew) -> tuple[list[Any], list[Any]]:
    """Return the last messages of six gloves and two viewers. All run in one thread: a client that sends in another may
    lose the messages just before the close."""

    async def open_socket(path: str) -> AsyncConnection:
        address = crew.url.replace("http", "ws") + path
        return await connect_async(address, subprotocols=[Subprotocol("scaleglove.v1")])

    gloves = [await open_socket("/v1/stream") for _ in range(6)]
    for glove in gloves:
        await glove.send(json.dumps(start_message()))
    names = [json.loads(await glove.recv())["stream"] for glove in gloves]
    viewers = [await open_socket(f"/v1/streams/{names[0]}/watch") for _ in range(2)]  # one at each worker
    playing = [asyncio.create_task(play(glove)) for glove in gloves]
    hearing = [asyncio.create_task(hear_to_end(socket)) for socket in (*gloves, *viewers)]
    await asyncio.to_thread(wait_until, lambda: crew.metric("scaleglove_frames_total ") > 600)
    assert await asyncio.to_thread(crew.stop) == 0
    heard = await asyncio.gather(*hearing)
    await asyncio.gather(*playing)
    return heard[:6], heard[6:]


def test_stopping_notifies_every_stream_under_load(artefact_path: Path, tmp_path: Path) -> None:
    shutil.copy(artefact_path, tmp_path)
    with crew_of(2, tmp_path) as crew:
        gloves, viewers = asyncio.run(stop_while_playing(crew))
    assert gloves == [("going_away", 1012)] * 6
    assert {code for _, code in viewers} <= {1000, 1012}  # the stream may end a moment before
    assert {record["level"] for record in crew.records} == {"INFO"}


def test_workers_that_cannot_begin_are_one_line_and_a_status(artefact_path: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(artefact_path.read_bytes()[:1000])
    with serve("--workers", "2", "--models-dir", str(tmp_path)) as process:
        output, fault = process.communicate(timeout=RUN_S)
    assert (process.returncode, output) == (1, "")
    assert re.fullmatch(r"scaleglove: \S+broken\.onnx: not a readable ONNX model: .*\n", fault), fault


def test_without_unix_sockets_several_workers_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("socket.send_fds")  # as on Windows
    with pytest.raises(WorkersError, match="set workers to 1"):
        Supervisor(Settings(_env_file=None), 2, print)
