"""Growth of what the service does for a stream: with more gloves, with more viewers, and with the time it has signed.

    python -m benchmarks.serve.growth

All gloves together send as many messages a second, however few they are: one glove is then faster than its device time
says, and only the number of streams differs. What a viewer costs is what the service takes more than with the first
alone, for which what is shown is encoded. An hour of signing is sent as fast as it is answered.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from websockets.frames import Frame, Opcode

from benchmarks.machine import assign_cores, interruptible, processor
from benchmarks.report import Rows, as_markdown, as_table, page_head, write_page
from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.load.messages import RATE_HZ, Readings, Rhythm, binary_message, readings, start_message
from benchmarks.serve.load.viewers import Viewers
from benchmarks.serve.load.websocket import RefusedError, is_prediction, open_stream, split
from benchmarks.serve.server import Server, our_service
from models.cli.options import DEFAULT_MODEL
from scaleglove.client.proxies import open_url
from service.settings import shipped_models

GLOVES: Final = (1, 10, 100, 300)
VIEWERS: Final = (10, 50)
MINUTES: Final = (1, 10, 60)

_MESSAGES_PER_S: Final = 600
"""Of all gloves together: about a third of a core."""
_VIEWED_PER_S: Final = 150
"""Of the glove that is watched."""
_FRAMES: Final = 5
_WARM_UP_S: Final = 2.0
"""Device time of each glove in which its windows fill."""
_DRAIN_S: Final = 5.0

_MINUTE_FRAMES: Final = 60 * RATE_HZ
_LONG_MESSAGE: Final = 100
"""Frames of one message of a glove that signs for an hour."""
_UNANSWERED: Final = 1000
"""Frames sent before their answers are read: these fit into the buffers of a socket."""
_SHARED_MINUTES: Final = 8
"""What is loaded and remembered for all streams together has come by then."""
_ANSWER_S: Final = 30.0
_CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Crowd(Rhythm):
    """Gloves that together send `messages_per_s`, however many they are."""

    gloves: int = 1
    messages_per_s: float = _MESSAGES_PER_S

    @property
    def period_s(self) -> float:
        return self.gloves / self.messages_per_s


def cpu_of_gloves(server: Server, model: str, gloves: int, seconds: float) -> float:
    """Return microseconds of the server's CPU for a message where that number of gloves send."""
    crowd = Crowd(binary=True, frames_per_message=_FRAMES, gloves=gloves)
    # Messages of a whole hop, so that all counts of gloves have as many predictions.
    whole = crowd.hop_frames // _FRAMES
    warm_up = crowd.messages_in(_WARM_UP_S)
    counted = max(1, round(seconds * _MESSAGES_PER_S / gloves / whole)) * whole
    with Gloves(server.address, gloves, crowd, warm_up + counted, model, gives_up=False) as load:
        load.run(warm_up)
        load.drain(_DRAIN_S)
        load.begin_to_count()
        before_s = server.cpu_s()
        load.run(counted)
        load.drain(_DRAIN_S)
        return (server.cpu_s() - before_s) / load.tally.messages * 1e6


def cpu_of_viewers(server: Server, model: str, viewers: int, seconds: float) -> tuple[float, float]:
    """Return microseconds of the server's CPU for a message of a glove that is watched by that number of viewers.

    The second number is that of the messages that each viewer receives for one of the glove.
    """
    crowd = Crowd(binary=True, frames_per_message=_FRAMES, messages_per_s=_VIEWED_PER_S)
    warm_up, counted = crowd.messages_in(_WARM_UP_S), round(seconds * _VIEWED_PER_S)
    with (
        Gloves(server.address, 1, crowd, warm_up + counted, model, gives_up=False) as load,
        Viewers(server.address, _only_stream(server), viewers) as watching,
    ):
        load.run(warm_up)
        load.drain(_DRAIN_S)
        load.begin_to_count()
        received, before_s = watching.received, server.cpu_s()
        load.run(counted)
        load.drain(_DRAIN_S)
        each = (watching.received - received) / max(1, viewers) / counted
        return (server.cpu_s() - before_s) / counted * 1e6, each


def memory_while_signing(server: Server, model: str, streams: int, minutes: Sequence[int]) -> Iterator[float]:
    """Yield the server's memory for each of that number of streams, in KiB, after each of `minutes` of signing.

    It is what the service holds more than before the first of them came.
    """
    rhythm = Rhythm(binary=True, frames_per_message=_LONG_MESSAGE)
    script = readings(_MINUTE_FRAMES)

    def opened() -> socket.socket:
        return open_stream(server.address, start_message(rhythm, model))

    with opened() as first:  # what all streams share is filled by one that is gone when they come
        _sign([first], script, 0, _SHARED_MINUTES, rhythm.hop_frames)
    server.settle()
    before = server.resident_bytes()
    with ExitStack() as stack:
        sockets = [stack.enter_context(opened()) for _ in range(streams)]
        for signed, minute in pairwise((0, *minutes)):
            _sign(sockets, script, signed, minute, rhythm.hop_frames)
            server.settle()
            yield (server.resident_bytes() - before) / streams / 1024


def _sign(sockets: Sequence[socket.socket], script: Readings, begin: int, end: int, hop_frames: int) -> None:
    """Let each stream sign from one minute to another, and read all answers."""
    for first in range(begin * _MINUTE_FRAMES, end * _MINUTE_FRAMES, _UNANSWERED):
        _sign_part(sockets, script, first, hop_frames)


def _sign_part(sockets: Sequence[socket.socket], script: Readings, begin: int, hop_frames: int) -> None:
    data = b"".join(
        Frame(Opcode.BINARY, binary_message(first, _part(script, first))).serialize(mask=True)
        for first in range(begin, begin + _UNANSWERED, _LONG_MESSAGE)
    )
    for connection in sockets:
        connection.setblocking(True)
        connection.settimeout(_ANSWER_S)
        connection.sendall(data)
    for connection in sockets:
        _read_answers(connection, _UNANSWERED // hop_frames)


def _read_answers(connection: socket.socket, count: int) -> None:
    """Read this number of predictions, and answer the server's pings.

    Raises:
        RefusedError: the server has closed the stream.
    """
    rest = b""
    while count > 0:
        if not (received := connection.recv(_CHUNK)):
            raise RefusedError("the server closed a stream that signs")
        frames, rest = split(rest + received)
        for opcode, payload in frames:
            if opcode == Opcode.PING:
                connection.sendall(Frame(Opcode.PONG, payload).serialize(mask=True))
            count -= is_prediction(payload)


def _part(script: Readings, first: int) -> Readings:
    begin = first % len(script)
    return script[begin : begin + _LONG_MESSAGE]


def _only_stream(server: Server) -> str:
    host, port = server.address
    with open_url(f"http://{host}:{port}/v1/streams", _ANSWER_S) as answer:
        (stream,) = json.load(answer)["streams"]
    return str(stream["stream"])


def main(
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="duration of each measurement of CPU time")] = 4.0,
    streams: Annotated[int, typer.Option(min=1, max=100, help="streams that sign for an hour")] = 4,
    minutes: Annotated[int, typer.Option(min=1, max=600, help="how long they sign, in device time")] = MINUTES[-1],
    page: Annotated[Path | None, typer.Option(help="page to write (*.md)", dir_okay=False)] = None,
) -> None:
    """Measure what gloves, viewers and time add to the service (about five minutes)."""
    path = shipped_models() / f"{DEFAULT_MODEL}.onnx"
    cores = assign_cores(sorted(os.sched_getaffinity(0)))
    os.sched_setaffinity(0, cores.client)
    tables: list[Rows] = []
    with interruptible(), our_service(path, DEFAULT_MODEL, cores.server) as server:
        cpu_of_gloves(server, DEFAULT_MODEL, 1, 0.5)  # what only the first stream needs
        measures: tuple[Callable[[], Rows], ...] = (
            lambda: _glove_rows(server, seconds),
            lambda: _viewer_rows(server, seconds),
            lambda: _memory_rows(server, streams, [each for each in MINUTES if each <= minutes]),
        )
        for measure in measures:
            tables.append(measure())
            Console().print(as_table(tables[-1], ""))
    if page:
        write_page(page, _page(tables))


def _glove_rows(server: Server, seconds: float) -> Rows:
    cost = {gloves: cpu_of_gloves(server, DEFAULT_MODEL, gloves, seconds) for gloves in GLOVES}
    few = cost[GLOVES[0]]
    rows = [[str(gloves), f"{each:.0f}", f"{each / few:.2f}"] for gloves, each in cost.items()]
    return [["gloves", "µs of CPU a message", "against one"], *rows]


def _viewer_rows(server: Server, seconds: float) -> Rows:
    alone, _ = cpu_of_viewers(server, DEFAULT_MODEL, 0, seconds)
    first, _ = cpu_of_viewers(server, DEFAULT_MODEL, 1, seconds)  # for which what is shown is made
    rows = [["0", f"{alone:.0f}", "", ""], ["1", f"{first:.0f}", "", ""]]
    for viewers in VIEWERS:
        watched, received = cpu_of_viewers(server, DEFAULT_MODEL, viewers, seconds)
        each = (watched - first) / (viewers - 1) / received
        rows.append([str(viewers), f"{watched:.0f}", f"{received:.2f}", f"{each:.1f}"])
    heading = [
        *("viewers", "µs of CPU a glove's message", "messages to each viewer for it"),
        "µs of CPU for each to one more than the first",
    ]
    return [heading, *rows]


def _memory_rows(server: Server, streams: int, minutes: Sequence[int]) -> Rows:
    sizes = memory_while_signing(server, DEFAULT_MODEL, streams, minutes)
    rows = [[str(minute), f"{size:.0f}"] for minute, size in zip(minutes, sizes, strict=True)]
    return [["minutes of signing", f"KiB a stream, of {streams}"], *rows]


def _page(tables: Sequence[Rows]) -> Iterator[str]:
    yield from page_head("Growth", f"python -m benchmarks.serve.growth {shlex.join(sys.argv[1:])}".strip())
    yield from ("", f"Model {DEFAULT_MODEL}; {processor()}. {_METHOD}")
    for rows in tables:
        yield ""
        yield from as_markdown(rows)


_METHOD: Final = (
    f"Binary messages of {_FRAMES} frames, a prediction every 10 frames. All gloves together send {_MESSAGES_PER_S} "
    f"messages a second, however many they are; a watched glove sends {_VIEWED_PER_S}. What signs for an hour sends "
    "its frames as fast as they are answered, with their device times."
)


if __name__ == "__main__":
    typer.run(main)
