"""The longest silence of a running stream under any single request.

    python -m benchmarks.serve.silences [--rounds 2] [--only import]

A glove at 100 Hz receives a prediction for each frame, while a second client sends one heavy request after another: the
largest valid ones and hostile ones, to every route that reads a body (`heavy_requests`). A silence is the time from the
moment at which a frame was due to be sent until its prediction arrives, so that no delay of the client hides one of the
server. The first row is the same stream without any request: what the machine and its other load make by themselves.
Other programs add to a silence: they take the processor from the service or from the client. The kernel counts for how
long a thread was ready and had no processor, so a second figure has the silence without that time, which is what the
service makes by itself. Of several rounds the least is shown, and that of the first beside it, since some work is done
only once.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from websockets.frames import Frame, Opcode

from benchmarks import machine
from benchmarks.serve.heavy_requests import HeavyMessage, HeavyRequest, messages, requests
from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.load.messages import Rhythm, start_message
from benchmarks.serve.load.websocket import open_socket
from benchmarks.serve.server import Server, our_service
from service.settings import USUAL_MODEL, shipped_models

_EACH: Final = Rhythm(binary=True, hop_frames=1)
_STREAM_MESSAGES: Final = 12_000
_IDLE_S: Final = 1.0
_IDLE_ROUNDS: Final = 5
_AFTER_S: Final = 0.3
"""Time after an answer in which the stream may still be silent because of its request."""

_LONGEST_S: Final = 120.0
_CHUNK: Final = 1 << 20


class Waits:
    """How long a silence may have been prolonged by waits for a processor: of the service's event loop or of this
    client, whichever is more, since both may have waited at once.

    Args:
        clocks: each returns the seconds for which a thread has waited so far.
    """

    def __init__(self, clocks: Sequence[Callable[[], float]]) -> None:
        self._clocks = clocks
        self._samples: deque[tuple[float, list[float]]] = deque()

    def within(self, now_s: float, silence_s: float) -> float:
        """Return the seconds waited within a silence that ended between the last call and now."""
        waited = [clock() for clock in self._clocks]
        began_s = (self._samples[-1][0] if self._samples else now_s) - silence_s
        while len(self._samples) > 1 and self._samples[1][0] <= began_s:
            self._samples.popleft()
        before = self._samples[0][1] if self._samples else waited
        self._samples.append((now_s, waited))
        return max(after - earlier for after, earlier in zip(waited, before, strict=True))


class Probe:
    """A stream whose every frame is answered, in a thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stop = threading.Event()
        self._longest_s = self._own_s = 0.0
        self._failure: BaseException | None = None
        self._has_begun = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        """Forget the silences so far."""
        self._longest_s = self._own_s = 0.0

    @property
    def longest_ms(self) -> float:
        """The longest silence since `begin`.

        Raises:
            RuntimeError: the stream broke.
        """
        if self._failure is not None:
            raise RuntimeError("the stream broke") from self._failure
        return 1000 * self._longest_s

    @property
    def own_ms(self) -> float:
        """The longest silence without the waits for a processor."""
        return 1000 * self._own_s

    def __enter__(self) -> Probe:
        self._thread.start()
        self._has_begun.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._run_stream()
        except BaseException as error:  # noqa: BLE001 - raised where the figure is read
            self._failure = error
            self._has_begun.set()

    def _run_stream(self) -> None:
        service, own = self._server.pid, os.getpid()
        client = threading.get_native_id()
        waits = Waits([lambda: machine.waited_s(service, service), lambda: machine.waited_s(own, client)])
        with Gloves(self._server.address, 1, _EACH, _STREAM_MESSAGES, gives_up=False) as glove:
            for _ in range(_STREAM_MESSAGES):
                glove.run(1)
                if glove.tally.broken:
                    raise ConnectionError("the service closed the stream")
                silence_s = max(glove.take_tally().delays_s, default=0.0)
                waited_s = waits.within(time.perf_counter(), silence_s)
                self._longest_s = max(self._longest_s, silence_s)
                self._own_s = max(self._own_s, silence_s - waited_s)
                self._has_begun.set()
                if self._stop.is_set():
                    return


@dataclass(frozen=True, slots=True)
class Silence:
    """What one request did to the stream: its longest silence, and how the service answered."""

    name: str
    longest_ms: float
    own_ms: float
    first_ms: float
    seconds: float
    mib: float
    answer: str
    memory_mib: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2, help="times that each request is sent")
    parser.add_argument("--only", default="", help="part of the names of the requests to send")
    arguments = parser.parse_args()
    cores = machine.assign_cores(sorted(os.sched_getaffinity(0)))
    artefact = shipped_models() / f"{USUAL_MODEL}.onnx"
    with tempfile.TemporaryDirectory() as folder, machine.interruptible():
        os.environ["SCALEGLOVE_DATABASE_URL"] = f"sqlite:///{folder}/wearers.db"
        os.sched_setaffinity(0, cores.client)
        with our_service(artefact, USUAL_MODEL, cores.server) as server, Probe(server) as probe:
            report(measure(server, probe, arguments.only, arguments.rounds))


def measure(server: Server, probe: Probe, only: str, rounds: int) -> Iterator[Silence]:
    """Yield first what the stream has without a request, then with each."""
    yield least([undisturbed(server, probe) for _ in range(max(rounds, _IDLE_ROUNDS))])
    for request in requests():
        # The largest import makes the wearer of later requests.
        if only in request.name or request.name.endswith("the largest export"):
            yield least([sent(server, probe, request) for _ in range(rounds)])
    for message in messages():
        if only in message.name:
            yield least([spoken(server, probe, message) for _ in range(rounds)])


def undisturbed(server: Server, probe: Probe) -> Silence:
    """Return what the stream has while no request is sent."""
    probe.begin()
    time.sleep(_IDLE_S)
    longest_ms, own_ms = probe.longest_ms, probe.own_ms
    return Silence("no request", longest_ms, own_ms, own_ms, _IDLE_S, 0.0, "", server.resident_bytes() / 2**20)


def least(rounds: Sequence[Silence]) -> Silence:
    """Return the round with the least silence of the service's own, with that of the first beside it."""
    return replace(min(rounds, key=lambda each: each.own_ms), first_ms=rounds[0].own_ms)


def sent(server: Server, probe: Probe, request: HeavyRequest) -> Silence:
    """Send a request and wait for its answer."""
    body = request.body()
    connection = http.client.HTTPConnection(*server.address, timeout=_LONGEST_S)
    time.sleep(_AFTER_S)  # making the body held up the client's own stream
    probe.begin()
    began_s = time.perf_counter()
    try:
        with contextlib.suppress(ConnectionError):  # an answer may come before the whole body is sent
            connection.request(request.method, request.path, body, {"Content-Type": request.kind} | request.headers)
        response = connection.getresponse()
        while response.read(_CHUNK):
            pass
        answer = str(response.status)
    except (http.client.HTTPException, OSError) as error:
        answer = type(error).__name__
    finally:
        connection.close()
    return _silence(server, probe, request.name, began_s, len(body), answer)


def spoken(server: Server, probe: Probe, message: HeavyMessage) -> Silence:
    """Send a message of another stream and wait until the service answers or closes."""
    payload = Frame(Opcode.TEXT, message.payload()).serialize(mask=True)
    start = start_message(_EACH)
    with contextlib.closing(open_socket(server.address, start if message.is_started else None)) as connection:
        probe.begin()
        began_s = time.perf_counter()
        connection.sendall(payload)
        connection.settimeout(_LONGEST_S)
        answer = "closed" if b'"type":"error"' in connection.recv(_CHUNK) else "answered"
    return _silence(server, probe, message.name, began_s, len(payload), answer)


def _silence(server: Server, probe: Probe, name: str, began_s: float, size: int, answer: str) -> Silence:
    seconds = time.perf_counter() - began_s
    time.sleep(_AFTER_S)
    longest_ms, own_ms = probe.longest_ms, probe.own_ms
    memory = server.resident_bytes() / 2**20
    return Silence(name, longest_ms, own_ms, own_ms, seconds, size / 2**20, answer, memory)


def report(silences: Iterable[Silence]) -> None:
    """Print a table, row by row."""
    print("| request | MiB | answer | seconds | silence, ms | without waits | in the first round | memory, MiB |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for each in silences:
        row = f"| {each.name} | {each.mib:.1f} | {each.answer} | {each.seconds:.2f} "
        print(
            f"{row}| {each.longest_ms:.0f} | {each.own_ms:.0f} | {each.first_ms:.0f} | {each.memory_mib:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
