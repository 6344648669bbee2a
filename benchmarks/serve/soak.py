"""Minutes of load at 80 % of what the service can take, with bad company: does it stay as it was?

    python -m benchmarks.serve.soak --minutes 3

Gloves stream all the while; beside them visitors come and leave, half of them without a goodbye, readers never read,
and windows are posted. Every few seconds memory, open files and delays are noted. The soak fails (exit status 1) when

- the median of the last third's memory is more than 2 % above that of the middle third,
- or that of its open files more than 3 above,
- or 3 s after everybody has left more files are open than before anybody came,
- or a glove's stream broke, a prediction that was due never came, or the company did not.
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

from benchmarks.machine import processor
from benchmarks.serve.ceiling import find_ceiling
from benchmarks.serve.frames import (
    Rhythm,
    glove_messages,
    json_body,
    start_message,
    windows,
)
from benchmarks.serve.gloves import Gloves, measure
from benchmarks.serve.report import as_markdown, as_table
from benchmarks.serve.server import Server, our_service, share_out
from benchmarks.serve.websocket import RefusedError, open_stream
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

_HOW: Final = f"""\
Gloves stream all the while, at 80 % of what the service can take unless another number was asked for; beside them
visitors come and leave, half of them without a goodbye, readers never read, and windows are posted. The soak fails when
the median of the last third's memory is more than {MEMORY_PERCENT:g} % above that of the middle third, or that of its
open files more than {FILES} above, when files stay open after everybody has left, a stream breaks, or a prediction that
was due never comes. Delays are counted from when a message was due to be sent."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How it stood after so many seconds; delays and lateness are of the time since the last sample."""

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
    """All that a soak has seen."""

    samples: Sequence[Sample]
    broken: int
    """Streams."""
    missing: int
    """Predictions that were due and never came."""
    rounds: int
    """Of the company."""


def faults(soaked: Soaked, files_before: int, files_after: int) -> list[str]:
    """What did not stay as it was, in words; nothing when all is well."""
    said = []
    samples = soaked.samples
    memory = [statistics.median(sample.memory_mib for sample in third) for third in _late_thirds(samples)]
    if memory[1] > memory[0] * (1 + MEMORY_PERCENT / 100):
        said.append(f"memory grew from {memory[0]:.1f} to {memory[1]:.1f} MiB")
    files = [statistics.median(sample.open_files for sample in third) for third in _late_thirds(samples)]
    if files[1] > files[0] + FILES:
        said.append(f"open files grew from {files[0]:g} to {files[1]:g}")
    if files_after > files_before:
        said.append(f"{files_after} files are open where {files_before} were before anybody came")
    if soaked.broken:
        said.append(f"{soaked.broken} streams broke")
    if soaked.missing:
        said.append(f"{soaked.missing} predictions never came")
    if not soaked.rounds:
        said.append("the company never came, so that nothing was tried")
    return said


def _late_thirds(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample]]:
    third = len(samples) // 3
    return samples[third : 2 * third], samples[2 * third :]


def main(
    minutes: Annotated[float, typer.Option(min=0.05, max=60)] = 3.0,
    gloves: Annotated[int | None, typer.Option(min=1, help="[default: 80 % of those answered in time]")] = None,
    binary: Annotated[bool, typer.Option(help="binary frames instead of text")] = False,
    page: Annotated[Path | None, typer.Option(help="page to write (*.md)", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Load for some minutes; exit status 1 when the service did not stay as it was."""
    path = shipped_models() / f"{DEFAULT_MODEL}.onnx"
    cores = share_out(sorted(os.sched_getaffinity(0)))
    os.sched_setaffinity(0, cores.client)
    rhythm = Rhythm(binary)
    console = Console(stderr=True)
    with our_service(path, DEFAULT_MODEL, cores.server) as server:
        if gloves is None:
            found = find_ceiling(server, rhythm, _GUESS, _MOST, _SEARCH_S, console.print)
            gloves = max(1, int(_SHARE * found.gloves))
            console.print(f"{found.gloves} gloves are answered in time; soaking with {gloves}")
        measure(server.address, 1, rhythm, _SEARCH_S / 10, _SEARCH_S / 10)  # what only the first stream opens
        server.settle()
        before = server.open_files()
        soaked = _soak(server, gloves, rhythm, 60 * minutes, console)
        time.sleep(_LEAVING_S)
        after = server.open_files()
    said = faults(soaked, before, after)
    title = f"{gloves} gloves at 100 Hz, {rhythm.title}, and {soaked.rounds} rounds of company"
    verdict = "; ".join(said) if said else "Memory, open files and streams stayed as they were."
    if page:
        page.write_text("\n".join(_page(title, verdict, soaked.samples)) + "\n", encoding="utf-8")
    if as_json:
        print(json.dumps({"gloves": gloves, **asdict(soaked), "faults": said}))
    else:
        Console().print(as_table(_rows(soaked.samples), title))
        Console().print(verdict)
    raise typer.Exit(1 if said else 0)


def _soak(server: Server, count: int, rhythm: Rhythm, seconds: float, console: Console) -> Soaked:
    interval = rhythm.messages_in(seconds / SAMPLES)
    samples = []
    broken = due = came = 0
    with (
        Progress(console=console, auto_refresh=False, disable=not console.is_terminal) as progress,
        Gloves(server.address, count, rhythm, interval * SAMPLES, gives_up=False) as gloves,
        _company(server) as rounds,
    ):
        begin_s = time.perf_counter()
        for _ in progress.track(range(SAMPLES), description="soaking"):
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
            broken, due, came = broken + tally.left, due + tally.due, came + len(tally.delays_s)
            progress.refresh()
        gloves.tally.due = due - came
        gloves.drain(_DRAIN_S)
        return Soaked(samples, broken, gloves.tally.due - len(gloves.tally.delays_s), rounds())


@contextmanager
def _company(server: Server) -> Iterator[Callable[[], int]]:
    """The visitors, in a process of their own beside the gloves; gives how many rounds they have made."""
    context = multiprocessing.get_context("spawn")
    rounds = context.Value("l", 0)
    process = context.Process(target=keep_company, args=(server.address, rounds), daemon=True)
    process.start()
    try:
        yield lambda: rounds.value
    finally:
        process.terminate()
        process.join()


def keep_company(address: tuple[str, int], rounds: Synchronized[int]) -> None:
    """Come, leave, do not read, and post, round after round, until ended."""
    body = json_body(windows(4, 87))
    messages = glove_messages(_VISIT, _VISIT_MESSAGES)[0]
    readers: list[socket.socket | None] = [None] * _READERS_THAT_NEVER_READ
    for turn in itertools.count():
        with suppress(OSError, RefusedError, http.client.HTTPException):  # the soak sees what the gloves suffer
            _come_and_leave(address, messages, politely=turn % 2 == 0)
            _post(address, body)
            place = turn % len(readers)
            readers[place] = _send_unread(address, readers[place], messages)
            rounds.value += 1
        time.sleep(_ROUND_S)


def _come_and_leave(address: tuple[str, int], messages: Sequence[bytes], politely: bool) -> None:
    with open_stream(address, start_message(_VISIT)) as stream:
        stream.setblocking(True)
        stream.settimeout(_DRAIN_S)
        stream.sendall(b"".join(messages))
        if politely:
            stream.sendall(_STOP)
            while b'"type":"stopped"' not in stream.recv(_CHUNK):
                pass


def _send_unread(address: tuple[str, int], stream: socket.socket | None, messages: Sequence[bytes]) -> socket.socket:
    """A second of frames from one that reads nothing; comes anew when it was sent away."""
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
    yield from (
        "# Soak",
        "",
        f"Made by `python -m benchmarks.serve.soak {shlex.join(sys.argv[1:])}`; not edited by hand.",
    )
    yield from ("", _HOW, "", f"{title}; {processor()}.", "", f"**{verdict}**", "")
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
