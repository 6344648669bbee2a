"""The server that answers the other workers of a service, on a Unix socket in a folder that only they may enter.

One request per connection, a line: the method and its arguments as a JSON array. `METHOD` is one of

    list, reload, flush_metrics, profile_changed, glove_changed, command, edit, switch, newest_window, held_shapes,
    word_shapes, front_end
                    as in `Directory`; the reply is one line, [true, RESULT] or [false, [STATUS, CODE, DETAIL, FIELD]]
    watch           replies with a JSON array per line: ["message", TEXT, DROPPABLE]..., then ["close", CODE] or
                    ["refuse", CODE, DETAIL, FIELD]
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from scaleglove.protocol import WireError
from service.directory.local import LocalDirectory
from service.inference.reload import ReloadError
from service.problems import ProblemError
from service.streams.websocket.text_frames import FrameBatch, payload_of
from service.telemetry.metrics import Metrics

_REQUEST_S: Final = 5.0
_MAX_UNREAD_BYTES: Final = 1024 * 1024
"""Bytes of a watched stream that the other worker has not read: several seconds of the fastest one. It has a bounded
SendQueue for each viewer and reads at once, so it has stopped; beyond this, droppable messages are dropped and
counted."""


class PeerServer:
    """Answers for the directory of this process."""

    def __init__(self, directory: LocalDirectory, metrics: Metrics) -> None:
        self._directory = directory
        self._metrics = metrics

    @asynccontextmanager
    async def open(self, path: Path) -> AsyncIterator[None]:
        """Serve on a Unix socket while the block runs."""
        server = await asyncio.start_unix_server(self._answer, path)
        try:
            yield
        finally:
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_S):
                method, _, arguments = (await reader.readline()).partition(b" ")
            if method == b"watch":
                (name,) = orjson.loads(arguments)
                await self._relay(name, reader, writer)
            elif method:
                reply = await self._call(method.decode(), orjson.loads(arguments))
                writer.write(orjson.dumps(reply, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n")
            await writer.drain()
        except (TimeoutError, ConnectionError):
            pass  # the other worker has gone; it asks again when it is back
        finally:
            writer.close()

    async def _call(self, method: str, arguments: list[Any]) -> tuple[bool, Any]:
        try:
            return True, await self._result(method, arguments)
        except ProblemError as problem:
            return False, (problem.status, problem.code, problem.detail, problem.field)

    async def _result(self, method: str, arguments: list[Any]) -> Any:
        match method:
            case "list":
                return self._directory.list_now().model_dump(mode="json")
            case "reload":
                return await reload_fault(self._directory)
            case "flush_metrics":
                self._metrics.flush()
                return None
            case "newest_window":
                newest = await self._directory.newest_window(*arguments)
                return newest.frames, newest.sample_rate_hz
            case "front_end":
                front_end = await self._directory.front_end(*arguments)
                return None if front_end is None else front_end.as_dict()
            case "profile_changed" | "glove_changed" | "command" | "edit" | "switch" | "held_shapes" | "word_shapes":
                return await getattr(self._directory, method)(*arguments)
            case _:
                raise ProblemError(404, "not_found", f"there is no method {method}")

    async def _relay(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = _Relay(writer, self._metrics.dropped_messages.inc)
        try:
            unsubscribe = self._directory.subscribe(name, relay)
        except WireError as fault:
            relay.write("refuse", fault.code, fault.detail, fault.field)
            return
        leaving = asyncio.create_task(reader.read())  # ends with the connection: the other worker sends nothing more
        leaving.add_done_callback(lambda _: relay.finish())
        try:
            await relay.over
        finally:
            leaving.cancel()
            unsubscribe()


async def reload_fault(directory: LocalDirectory) -> str:
    """Load the models of this process again; return why that failed, or an empty string."""
    try:
        await directory.reload()
    except ReloadError as fault:
        return str(fault)
    return ""


class _Relay:
    """The subscriber of a stream on behalf of another worker."""

    def __init__(self, writer: asyncio.StreamWriter, on_drop: Callable[[], None]) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer = writer
        self._on_drop = on_drop

    def put_frames(self, batch: FrameBatch) -> None:
        for frame, droppable in batch.frames:
            if self._writer.transport.get_write_buffer_size() < _MAX_UNREAD_BYTES:
                self.write("message", payload_of(frame).decode(), droppable)
            elif droppable:
                self._on_drop()
            else:  # the messages after this one would make no sense without it
                self._writer.transport.abort()
                return

    def close(self, code: int) -> None:
        self.write("close", code)
        self.finish()

    def finish(self) -> None:
        """End the relay."""
        if not self.over.done():
            self.over.set_result(None)

    def write(self, *words: str | int | None) -> None:
        """Write one line."""
        self._writer.write(orjson.dumps(words) + b"\n")
