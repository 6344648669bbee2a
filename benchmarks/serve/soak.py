"""Soak test: minutes of load at 80 % of the service's capacity beside misbehaving clients, looking for leaks.

    python -m benchmarks.serve.soak --minutes 3

Gloves stream during the whole test. A second process connects and disconnects, half of the times without a closing
handshake, holds connections that never read, and posts windows. Memory, open files and delays are sampled every few
seconds. The test fails (exit status 1) when

- the median memory of the last third is more than 2 % above that of the middle third,
- or the median of its open files more than 3 above,
- or more files are open 3 s after all clients have left than before the first one came,
- or a glove's stream broke, a prediction that was due never came, or no misbehaving client connected.
"""

from __future__ import annotations

import http.client
import itertools
import json
import multiprocessing
import os
import shlex
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress
from websockets.frames import Frame, Opcode

from benchmarks.machine import assign_cores, interruptible, processor
from benchmarks.report import as_markdown, as_table, page_head, write_page
from benchmarks.serve.ceiling import find_ceiling
from benchmarks.serve.load.gloves import Gloves, measure
from benchmarks.serve.load.messages import Rhythm, glove_messages, json_body, start_message, windows
from benchmarks.serve.load.websocket import RefusedError, open_stream
from benchmarks.serve.server import Server, our_service
from models.cli.options import DEFAULT_MODEL, Json
from service.settings import shipped_models

SAMPLES: Final = 24
MEMORY_PERCENT: Final = 2.0
FILES: Final = 3

_SHARE: Final = 0.8
_SEARCH_S: Final = 2.0
_GUESS: Final = 140
_MOST: Final = 480
_LEAVING_S: Final = 3.0
_DRAIN_S: Final = 2.0

_READERS_THAT_NEVER_READ: Final = 4
_VISIT: Final = Rhythm(frames_per_message=10)
_UNREAD: Final = Rhythm(frames_per_message=10, hop_frames=2)
_VISIT_MESSAGES: Final = 10
_ROUND_S: Final = 0.5
_CHUNK: Final = 65536
_STOP: Final = Frame(Opcode.TEXT, b'{"type":"stop"}').serialize(mask=True)
_RESET: Final = Frame(Opcode.TEXT, b'{"type":"reset"}').serialize(mask=True)

_METHOD: Final = f"""\
Gloves stream during the whole test, at 80 % of the service's capacity unless another number is given. Beside them
clients connect and disconnect, half of the times without a closing handshake, hold connections that never read, and
post windows. The test fails when the median memory of the last third is more than {MEMORY_PERCENT:g} % above that of
the middle third, or the median of its open files more than {FILES} above, when files stay open after all clients have
left, when a stream breaks, or when a prediction that was due never comes. Delays are counted from the time at which a
message was due."""


@dataclass(frozen=True, slots=True)
class Sample:
    """State of the service after some seconds; delays and lateness are of the time since the last sample."""

    seconds: float
    memory_mib: float
    open_files: int
    p50_ms: float
    p99_ms: float
    predictions: int
    client_busy: float
    client_late_ms: float


@dataclass(frozen=True, slots=True)
class Soaked:
    """Samples and counts of a whole soak test."""

    samples: Sequence[Sample]
    broken: int
    """Streams that broke."""
    missing: int
    """Predictions that were due and never came."""
    rounds: int
    """Rounds of the misbehaving clients."""


def faults(soaked: Soaked, files_before: int, files_after: int) -> list[str]:
    """Return what grew, broke or stayed open, as sentences; an empty list where the test passed."""
    found = []
    samples = soaked.samples
    memory = [statistics.median(sample.memory_mib for sample in third) for third in _late_thirds(samples)]
    if memory[1] > memory[0] * (1 + MEMORY_PERCENT / 100):
        found.append(f"memory grew from {memory[0]:.1f} to {memory[1]:.1f} MiB")
    files = [statistics.median(sample.open_files for sample in third) for third in _late_thirds(samples)]
    if files[1] > files[0] + FILES:
        found.append(f"open files grew from {files[0]:g} to {files[1]:g}")
    if files_after > files_before:
        found.append(f"{files_after} files are open after all clients left, {files_before} before the first one came")
    if soaked.broken:
        found.append(f"{soaked.broken} streams broke")
    if soaked.missing:
        found.append(f"{soaked.missing} predictions never came")
    if not soaked.rounds:
        found.append("no misbehaving client connected, so nothing was tested")
    return found


def _late_thirds(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    third = len(samples) // 3
    return samples[third : 2 * third], samples[2 * third :]


def main(
    minutes: Annotated[float, typer.Option(min=0.05, max=60)] = 3.0,
    gloves: Annotated[
        int | None, typer.Option(min=1, help="number of gloves (default: 80 % of those answered in time)")
    ] = None,
    binary: Annotated[bool, typer.Option(help="binary frames instead of text")] = False,
    page: Annotated[Path | None, typer.Option(help="page to write (*.md)", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Load the service for some minutes; exit status 1 when it leaks or breaks."""
    path = shipped_models() / f"{DEFAULT_MODEL}.onnx"
    cores = assign_cores(sorted(os.sched_getaffinity(0)))
    os.sched_setaffinity(0, cores.client)
    rhythm = Rhythm(binary)
    console = Console(stderr=True)
    with interruptible(), our_service(path, DEFAULT_MODEL, cores.server) as server:
        if gloves is None:
            ceiling = find_ceiling(server, rhythm, _GUESS, _MOST, _SEARCH_S, console.print)
            gloves = max(1, int(_SHARE * ceiling.gloves))
            console.print(f"{ceiling.gloves} gloves are answered in time; loading with {gloves}")
        measure(server.address, 1, rhythm, _SEARCH_S / 10, _SEARCH_S / 10)  # opens what only the first stream needs
        server.settle()
        before = server.open_files()
        soaked = _soak(server, gloves, rhythm, 60 * minutes, console)
        time.sleep(_LEAVING_S)
        after = server.open_files()
    found = faults(soaked, before, after)
    title = f"{gloves} gloves at 100 Hz, {rhythm.title}, and {soaked.rounds} rounds of misbehaving clients"
    verdict = "; ".join(found) if found else "Passed: no growth of memory or open files, no broken stream."
    if page:
        write_page(page, _page(title, verdict, soaked.samples))
    if as_json:
        print(json.dumps({"gloves": gloves, **asdict(soaked), "faults": found}))
    else:
        Console().print(as_table(_rows(soaked.samples), title))
        Console().print(verdict)
    raise typer.Exit(1 if found else 0)


def _soak(server: Server, count: int, rhythm: Rhythm, seconds: float, console: Console) -> Soaked:
    interval = rhythm.messages_in(seconds / SAMPLES)
    samples = []
    broken = due = came = 0
    with (
        Progress(console=console, auto_refresh=False, disable=not console.is_terminal) as progress,
        Gloves(server.address, count, rhythm, interval * SAMPLES, gives_up=False) as gloves,
        _misbehaving_clients(server) as rounds,
    ):
        begin_s = time.perf_counter()
        for _ in progress.track(range(SAMPLES), description="loading"):
            gloves.run(interval)
            tally = gloves.take_tally()
            samples.append(
                Sample(
                    round(time.perf_counter() - begin_s, 1),
                    server.resident_bytes() / 2**20,
                    server.open_files(),
                    tally.delay_ms(50),
                    tally.delay_ms(99),
                    len(tally.delays_s),
                    tally.client_share,
                    tally.late_ms,
                )
            )
            broken, due, came = broken + tally.broken, due + tally.due, came + len(tally.delays_s)
            progress.refresh()
        gloves.tally.due = due - came
        gloves.drain(_DRAIN_S)
        return Soaked(samples, broken, gloves.tally.due - len(gloves.tally.delays_s), rounds())


@contextmanager
def _misbehaving_clients(server: Server) -> Iterator[Callable[[], int]]:
    """Run misbehaving clients in a second process; yield a function that returns the number of their rounds."""
    context = multiprocessing.get_context("spawn")
    rounds = context.Value("l", 0)
    process = context.Process(target=misbehave, args=(server.address, rounds), daemon=True)
    process.start()
    try:
        yield lambda: rounds.value
    finally:
        process.terminate()
        process.join()


def misbehave(address: tuple[str, int], rounds: Synchronized[int]) -> None:
    """Connect, disconnect, send without reading, and post, round after round, until terminated."""
    body = json_body(windows(4, 87))
    messages = glove_messages(_VISIT, _VISIT_MESSAGES)[0]
    readers: list[socket.socket | None] = [None] * _READERS_THAT_NEVER_READ
    for turn in itertools.count():
        with suppress(OSError, RefusedError, http.client.HTTPException):  # the gloves show what breaks
            _connect_and_leave(address, messages, politely=turn % 2 == 0)
            _post(address, body)
            reader = turn % len(readers)
            readers[reader] = _send_unread(address, readers[reader], messages)
            rounds.value += 1
        time.sleep(_ROUND_S)


def _connect_and_leave(address: tuple[str, int], messages: Sequence[bytes], politely: bool) -> None:
    with open_stream(address, start_message(_VISIT)) as stream:
        stream.setblocking(True)
        stream.settimeout(_DRAIN_S)
        stream.sendall(b"".join(messages))
        if politely:
            stream.sendall(_STOP)
            while b'"type":"stopped"' not in stream.recv(_CHUNK):
                pass


def _send_unread(address: tuple[str, int], stream: socket.socket | None, messages: Sequence[bytes]) -> socket.socket:
    """Send a second of frames without reading the answers; reconnect where the server closed the connection."""
    if stream is None or stream.fileno() < 0:
        stream = open_stream(address, start_message(_UNREAD))
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    try:
        stream.send(_RESET + b"".join(messages))
    except OSError:
        stream.close()
    return stream


def _post(address: tuple[str, int], body: bytes) -> None:
    connection = http.client.HTTPConnection(*address, timeout=10)
    try:
        connection.request("POST", "/v1/predict", body, {"Content-Type": "application/json"})
        connection.getresponse().read()
    finally:
        connection.close()


def _page(title: str, verdict: str, samples: Sequence[Sample]) -> Iterator[str]:
    yield from page_head("Soak test", f"python -m benchmarks.serve.soak {shlex.join(sys.argv[1:])}")
    yield from ("", _METHOD, "", f"{title}; {processor()}.", "", f"**{verdict}**", "")
    yield from as_markdown(_rows(samples))


def _rows(samples: Sequence[Sample]) -> list[list[str]]:
    rows = [["seconds", "MiB", "files", "p50 ms", "p99 ms", "predictions", "client busy", "client late ms"]]
    for sample in samples:
        rows.append(
            [
                f"{sample.seconds:.0f}",
                f"{sample.memory_mib:.1f}",
                str(sample.open_files),
                f"{sample.p50_ms:.1f}",
                f"{sample.p99_ms:.1f}",
                str(sample.predictions),
                f"{sample.client_busy:.0%}",
                f"{sample.client_late_ms:.1f}",
            ]
        )
    return rows


if __name__ == "__main__":
    typer.run(main)
