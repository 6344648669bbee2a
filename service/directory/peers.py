"""The directory of a service with several workers: each asks the others at their private doors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import orjson
from pydantic import ValidationError

from scaleglove.protocol import (
    CommandName,
    EditAction,
    ModelChanged,
    Text,
    WireError,
)
from service.directory.local import (
    LocalDirectory,
    NewestWindow,
    StreamInfo,
    StreamList,
    Viewer,
    no_stream,
)
from service.inference.reload import ReloadError
from service.problems import ProblemError
from service.streams.commands import ANSWER_S
from service.streams.edits import EDITED_S
from service.streams.hub import unknown_stream
from service.worker_identity import WorkerIdentity

_LIST_S: Final = 2.0
_COMMAND_S: Final = ANSWER_S + 2.0
_EDIT_S: Final = EDITED_S + 2.0
_SWITCH_S: Final = 10.0
"""A wearer's profile may have to be found first."""
_WINDOW_S: Final = 2.0
_PROFILE_S: Final = 2.0
_RELOAD_S: Final = 60.0
_MAX_LINE_BYTES: Final = 4 * 1024 * 1024
"""More than the largest message of a stream, encoded once more."""

_LOST: Final = WireError("going_away", "the worker that has the stream is gone; the glove will come back to another")


_log = logging.getLogger(__name__)


class _SilentError(Exception):
    """A worker is there and does not answer."""


class PeerDirectory:
    """Every worker's streams and models. A worker that is gone has none; one that is silent makes an error."""

    def __init__(self, own: LocalDirectory, place: WorkerIdentity) -> None:
        self._own = own
        self._place = place
        self._watching: set[asyncio.Task[None]] = set()

    async def list(self) -> StreamList:
        try:
            answers = await asyncio.gather(*(self._ask(worker, "list", _LIST_S) for worker in self._place.others))
        except _SilentError as silent:
            raise ProblemError(503, "worker_silent", f"{silent}, and only it knows its streams") from None
        others = [stream for answer in answers for stream in _streams_of(answer)]
        return StreamList(streams=self._own.list_now().streams + others)

    def watch(self, name: str, viewer: Viewer) -> Callable[[], object]:
        worker = self._place.owner(name)
        if worker not in self._place.others:
            return self._own.watch(name, viewer)
        task = asyncio.create_task(self._relay(worker, name, viewer))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)
        return task.cancel

    async def command(self, name: str, command: CommandName, interval_ms: float | None) -> None:
        worker = self._place.owner(name)
        if worker not in self._place.others:
            await self._own.command(name, command, interval_ms)
            return
        question = orjson.dumps([name, command, interval_ms]).decode()
        if refusal := await self._ask_owner(worker, name, f"command {question}", _COMMAND_S):
            raise ProblemError(*refusal)

    async def edit(self, name: str, action: EditAction) -> Text:
        worker = self._place.owner(name)
        if worker not in self._place.others:
            return await self._own.edit(name, action)
        question = orjson.dumps([name, action]).decode()
        told = await self._ask_owner(worker, name, f"edit {question}", _EDIT_S)
        if isinstance(told, list):
            raise ProblemError(*told)
        return Text(**told)

    async def switch(self, name: str, model: str) -> ModelChanged:
        worker = self._place.owner(name)
        if worker not in self._place.others:
            return await self._own.switch(name, model)
        question = orjson.dumps([name, model]).decode()
        told = await self._ask_owner(worker, name, f"model {question}", _SWITCH_S)
        if isinstance(told, list):
            raise ProblemError(*told)
        return ModelChanged(**told)

    async def newest_window(self, name: str) -> NewestWindow:
        worker = self._place.owner(name)
        if worker not in self._place.others:
            return await self._own.newest_window(name)
        told = await self._ask_owner(worker, name, f"window {name}", _WINDOW_S)
        if len(told) != 2:
            raise ProblemError(*told)
        return NewestWindow(np.array(told[0], np.float32), told[1])

    async def profile_changed(self, wearer: str) -> None:
        await asyncio.gather(
            self._own.profile_changed(wearer), *(self._tell_of_profile(worker, wearer) for worker in self._place.others)
        )

    async def _tell_of_profile(self, worker: int, wearer: str) -> None:
        try:
            await self._ask(worker, f"profile {wearer}", _PROFILE_S)
        except _SilentError as silent:
            _log.error("%s: the streams that it has keep the profile of before", silent)

    async def reload(self) -> None:
        everywhere = [self._reload_own(), *(self._reload_at(worker) for worker in self._place.others)]
        faults = [fault for fault in await asyncio.gather(*everywhere) if fault]
        if faults and len(faults) < self._place.workers:
            raise ReloadError(f"{len(faults)} of {self._place.workers} workers did not load them: {faults[0]}")
        if faults:
            raise ReloadError(faults[0])

    async def _reload_own(self) -> str:
        try:
            await self._own.reload()
        except ReloadError as fault:
            return str(fault)
        return ""

    async def _reload_at(self, worker: int) -> str:
        try:
            return (await self._ask(worker, "reload", _RELOAD_S)).decode()
        except _SilentError as silent:
            return str(silent)

    async def _ask_owner(self, worker: int, name: str, question: str, seconds: float) -> Any:
        """What the worker of a stream answers in its one line.

        Raises:
            ProblemError: 404 `unknown_stream`, 503 `worker_silent`.
        """
        try:
            answer = await self._ask(worker, question, seconds)
        except _SilentError as silent:
            raise ProblemError(503, "worker_silent", f"{silent}, and it has the stream") from None
        if not answer.endswith(b"\n"):  # the worker is gone, or ended while it answered, and its streams with it
            raise no_stream(name)
        return orjson.loads(answer)

    async def _ask(self, worker: int, question: str, seconds: float) -> bytes:
        """A worker's whole answer; nothing where there is no such worker now: it is being started again, has no
        streams, and will load what there is.

        Raises:
            _SilentError: in words.
        """
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await self._open(worker, question)
                try:
                    return await reader.read()
                finally:
                    writer.close()
        except TimeoutError:
            raise _SilentError(f"worker {worker} does not answer") from None
        except OSError:
            return b""

    async def _relay(self, worker: int, name: str, viewer: Viewer) -> None:
        try:
            reader, writer = await self._open(worker, f"watch {name}")
        except OSError:
            viewer.refuse(unknown_stream(name))
            return
        try:
            while (line := await reader.readline()).endswith(b"\n"):  # the last may be cut off
                if _tell(viewer, *orjson.loads(line)):
                    return
            viewer.refuse(_LOST)
        except OSError:
            viewer.refuse(_LOST)
        finally:
            writer.close()

    async def _open(self, worker: int, question: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        path = self._place.socket_path(worker)
        reader, writer = await asyncio.open_unix_connection(path, limit=_MAX_LINE_BYTES)
        writer.write(f"{question}\n".encode())
        return reader, writer


def _tell(viewer: Viewer, word: str, *more: Any) -> bool:
    """Pass on what a worker says of a stream; True where that was the last of it."""
    if word == "say":
        viewer.send_queue.put_encoded(*more)
    elif word == "close":
        viewer.send_queue.close(*more)
    else:
        viewer.refuse(WireError(*more))
    return word != "say"


def _streams_of(answer: bytes) -> list[StreamInfo]:
    try:
        return StreamList.model_validate_json(answer).streams
    except ValidationError:  # the worker ended while it answered, and its streams with it
        return []
