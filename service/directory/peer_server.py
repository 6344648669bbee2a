"""Where a worker answers the other workers of its service: a Unix socket in a folder that nobody else may enter.

One question a connection, a line of words; the answer is what follows until the connection ends:

    list            a StreamList as JSON
    reload          why it failed; nothing where it did not
    command [STREAM, COMMAND, INTERVAL_MS]
                    a JSON array in a line: [] where it is done, [STATUS, CODE, DETAIL] where it is not
    edit [STREAM, ACTION]
                    the fields of Text in a line, or [STATUS, CODE, DETAIL]
    model [STREAM, NAME]
                    the fields of ModelChanged in a line, or [STATUS, CODE, DETAIL, FIELD]
    window STREAM   [FRAMES, RATE] in a line, or [STATUS, CODE, DETAIL, FIELD]
    profile WEARER  nothing; the streams of this wearer look for her profile again
    watch STREAM    a JSON array a line: ["say", TEXT, DROPPABLE]..., then ["close", CODE] or ["refuse", CODE, DETAIL]
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from scaleglove.protocol import (
    CommandName,
    EditAction,
    ModelChanged,
    Text,
    WireError,
)
from service.directory.local import LocalDirectory
from service.inference.reload import ReloadError
from service.problems import ProblemError
from service.telemetry.metrics import Metrics

_QUESTION_S: Final = 5.0
_MAX_UNREAD_BYTES: Final = 1024 * 1024
"""That the other worker has not taken of a stream it watches: several seconds of the fastest one. It has a bounded
send_queue for each viewer and reads at once, so it stands still; beyond this, predictions are dropped and counted."""


class PeerServer:
    """Answers for the directory of this process."""

    def __init__(self, directory: LocalDirectory, metrics: Metrics) -> None:
        self._directory = directory
        self._dropped = metrics.dropped_messages

    @asynccontextmanager
    async def open(self, path: Path) -> AsyncIterator[None]:
        server = await asyncio.start_unix_server(self._answer, path)
        try:
            yield
        finally:
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_QUESTION_S):
                word, _, about = (await reader.readline()).decode().strip().partition(" ")
            if word == "list":
                writer.write(self._directory.list_now().model_dump_json().encode())
            elif word == "reload":
                writer.write((await self._reload()).encode())
            elif word == "command":
                writer.write(orjson.dumps(await self._command(*orjson.loads(about))) + b"\n")
            elif word == "edit":
                writer.write(orjson.dumps(await self._edit(*orjson.loads(about))) + b"\n")
            elif word == "model":
                writer.write(orjson.dumps(await self._switch(*orjson.loads(about))) + b"\n")
            elif word == "window":
                writer.write(orjson.dumps(await self._window(about), option=orjson.OPT_SERIALIZE_NUMPY) + b"\n")
            elif word == "profile":
                await self._directory.profile_changed(about)
            elif word == "watch":
                await self._show(about, reader, writer)
            await writer.drain()
        except (TimeoutError, ConnectionError):
            pass  # the other worker has gone; it asks again when it is back
        finally:
            writer.close()

    async def _command(self, name: str, command: CommandName, interval_ms: float | None) -> list[str | int | None]:
        try:
            await self._directory.command(name, command, interval_ms)
        except ProblemError as problem:
            return [problem.status, problem.code, problem.detail, problem.field]
        return []

    async def _edit(self, name: str, action: EditAction) -> Text | list[str | int | None]:
        try:
            return await self._directory.edit(name, action)
        except ProblemError as problem:
            return [problem.status, problem.code, problem.detail, problem.field]

    async def _switch(self, name: str, model: str) -> ModelChanged | list[Any]:
        try:
            return await self._directory.switch(name, model)
        except ProblemError as problem:
            return [problem.status, problem.code, problem.detail, problem.field]

    async def _window(self, name: str) -> list[Any]:
        try:
            newest = await self._directory.newest_window(name)
        except ProblemError as problem:
            return [problem.status, problem.code, problem.detail, problem.field]
        return [newest.frames, newest.sample_rate_hz]

    async def _reload(self) -> str:
        try:
            await self._directory.reload()
        except ReloadError as fault:
            return str(fault)
        return ""

    async def _show(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = _Relay(writer, self._dropped.inc)
        try:
            stop = self._directory.follow(name, relay)
        except WireError as fault:
            relay.tell("refuse", fault.code, fault.detail, fault.field)
            return
        leaving = asyncio.create_task(reader.read())  # ends with the connection: nothing more is said on it
        leaving.add_done_callback(lambda _: relay.finish())
        try:
            await relay.over
        finally:
            leaving.cancel()
            stop()


class _Relay:
    """Follows a stream for another worker."""

    def __init__(self, writer: asyncio.StreamWriter, on_drop: Callable[[], None]) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer = writer
        self._on_drop = on_drop

    def put_encoded(self, text: str, droppable: bool) -> None:
        if self._writer.transport.get_write_buffer_size() < _MAX_UNREAD_BYTES:
            self.tell("say", text, droppable)
        elif droppable:
            self._on_drop()
        else:  # without this message the rest would make no sense
            self._writer.transport.abort()

    def close(self, code: int) -> None:
        self.tell("close", code)
        self.finish()

    def finish(self) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def tell(self, *words: str | int | None) -> None:
        self._writer.write(orjson.dumps(words) + b"\n")
