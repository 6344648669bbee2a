"""The directory of a service with several workers: each asks the others over their private sockets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

import numpy as np
import orjson
from pydantic import TypeAdapter, ValidationError

from models.adaptation.front_end import FrontEnd
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
from service.directory.peer_server import reload_fault
from service.inference.reload import ReloadError
from service.problems import ProblemError
from service.streams.hub import unknown_stream
from service.streams.requests import COMMAND_S, EDIT_S, SWITCH_S
from service.streams.shape_memory import HeldShape, StreamShapes
from service.streams.websocket.text_frames import FrameBatch
from service.streams.words.word_shapes import WordShape, WordShapes
from service.worker_identity import WorkerIdentity

_TIMEOUTS_S: Final = {
    "list": 2.0,
    "command": COMMAND_S + 2.0,
    "edit": EDIT_S + 2.0,
    "switch": SWITCH_S + 2.0,
    "newest_window": 2.0,
    "held_shapes": 2.0,
    "word_shapes": 2.0,
    "front_end": 2.0,
    "profile_changed": 2.0,
    "glove_changed": 2.0,
    "flush_metrics": 0.5,  # a scrape waits for it
    "reload": 60.0,
}
"""By method, how long a worker may take to answer: longer than the request itself may wait there."""

_MODEL_CHANGED: Final = TypeAdapter(ModelChanged)

_MAX_LINE_BYTES: Final = 4 * 1024 * 1024
"""More than the largest message of a stream, encoded once more."""

_LOST: Final = WireError("going_away", "the worker that has the stream is gone; the glove will reconnect to another")

_log = logging.getLogger(__name__)


class _SilentError(Exception):
    """A worker that is running and does not answer."""


class PeerDirectory:
    """The streams and models of all workers. A worker that is gone has none; one that is silent makes an error."""

    def __init__(self, local: LocalDirectory, identity: WorkerIdentity) -> None:
        self._local = local
        self._identity = identity
        self._watching: set[asyncio.Task[None]] = set()

    async def list(self) -> StreamList:
        try:
            answers = await asyncio.gather(*(self._ask(worker, "list") for worker in self._identity.others))
        except _SilentError as silent:
            raise ProblemError(503, "worker_silent", f"{silent}, and only it knows its streams") from None
        others = [stream for answer in answers for stream in _streams_of(answer)]
        return StreamList(streams=self._local.list_now().streams + others)

    def watch(self, name: str, viewer: Viewer) -> Callable[[], object]:
        if (worker := self._peer_with(name)) is None:
            return self._local.watch(name, viewer)
        task = asyncio.create_task(self._relay(worker, name, viewer))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)
        return task.cancel

    async def command(
        self, name: str, command: CommandName, interval_ms: float | None, letter: str | None = None
    ) -> None:
        if (worker := self._peer_with(name)) is None:
            await self._local.command(name, command, interval_ms, letter)
        else:
            await self._call(worker, "command", name, command, interval_ms, letter)

    async def edit(self, name: str, action: EditAction) -> Text:
        if (worker := self._peer_with(name)) is None:
            return await self._local.edit(name, action)
        return Text(**await self._call(worker, "edit", name, action))

    async def switch(self, name: str, model: str) -> ModelChanged:
        if (worker := self._peer_with(name)) is None:
            return await self._local.switch(name, model)
        return _MODEL_CHANGED.validate_python(await self._call(worker, "switch", name, model))

    async def front_end(self, name: str) -> FrontEnd | None:
        if (worker := self._peer_with(name)) is None:
            return await self._local.front_end(name)
        stored = await self._call(worker, "front_end", name)
        return None if stored is None else FrontEnd.from_dict(stored)

    async def newest_window(self, name: str) -> NewestWindow:
        if (worker := self._peer_with(name)) is None:
            return await self._local.newest_window(name)
        frames, sample_rate_hz = await self._call(worker, "newest_window", name)
        return NewestWindow(np.array(frames, np.float32), sample_rate_hz)

    async def held_shapes(self, name: str, answered: int | None = None) -> StreamShapes:
        if (worker := self._peer_with(name)) is None:
            return await self._local.held_shapes(name, answered)
        answer = await self._call(worker, "held_shapes", name, answered)
        shapes = [HeldShape(**each | {"frames": np.array(each["frames"], np.float32)}) for each in answer["shapes"]]
        return StreamShapes(answer["sample_rate_hz"], shapes)

    async def word_shapes(self, name: str) -> WordShapes:
        if (worker := self._peer_with(name)) is None:
            return await self._local.word_shapes(name)
        answer = await self._call(worker, "word_shapes", name)
        shapes = [WordShape(**each | {"frames": np.array(each["frames"], np.float32)}) for each in answer["shapes"]]
        return WordShapes(answer["sample_rate_hz"], answer["since_ms"], shapes)

    async def profile_changed(self, wearer: str) -> None:
        await asyncio.gather(self._local.profile_changed(wearer), *self._announce("profile_changed", wearer))

    async def glove_changed(self, glove: str) -> None:
        await asyncio.gather(self._local.glove_changed(glove), *self._announce("glove_changed", glove))

    async def flush_metrics(self) -> None:
        await asyncio.gather(*(self._flush_at(worker) for worker in self._identity.others))

    async def reload(self) -> None:
        everywhere = [reload_fault(self._local), *(self._reload_at(worker) for worker in self._identity.others)]
        faults = [fault for fault in await asyncio.gather(*everywhere) if fault]
        if faults and len(faults) < self._identity.workers:
            raise ReloadError(f"{len(faults)} of {self._identity.workers} workers did not load them: {faults[0]}")
        if faults:
            raise ReloadError(faults[0])

    def _announce(self, method: str, name: str) -> Iterator[Coroutine[Any, Any, None]]:
        return (self._announce_profile(worker, method, name) for worker in self._identity.others)

    async def _announce_profile(self, worker: int, method: str, name: str) -> None:
        try:
            await self._ask(worker, method, name)
        except _SilentError as silent:
            _log.error("%s: its streams keep the previous profile", silent)

    async def _flush_at(self, worker: int) -> None:
        with contextlib.suppress(_SilentError):
            await self._ask(worker, "flush_metrics")

    async def _reload_at(self, worker: int) -> str:
        try:
            answer = await self._ask(worker, "reload")
        except _SilentError as silent:
            return str(silent)
        return "" if answer is None else str(answer[1])

    def _peer_with(self, name: str) -> int | None:
        """Return the other worker that has a stream; None: this one, or none."""
        worker = self._identity.owner(name)
        return worker if worker in self._identity.others else None

    async def _call(self, worker: int, method: str, name: str, *arguments: Any) -> Any:
        """Call a method for a stream at the worker that has it; return its result.

        Raises:
            ProblemError: 404 `unknown_stream`, 503 `worker_silent`, or what the method raised.
        """
        try:
            answer = await self._ask(worker, method, name, *arguments)
        except _SilentError as silent:
            raise ProblemError(503, "worker_silent", f"{silent}, and it has the stream") from None
        if answer is None:
            raise no_stream(name)
        succeeded, result = answer
        if not succeeded:
            raise ProblemError(*result)
        return result

    async def _ask(self, worker: int, method: str, *arguments: Any) -> Any:
        """Return a worker's answer; None where it is gone, or ended while it answered.

        A worker that is gone is being started again: it has no streams, and will load the present models.

        Raises:
            _SilentError: it does not answer in time.
        """
        try:
            async with asyncio.timeout(_TIMEOUTS_S[method]):
                reader, writer = await self._open(worker, method, *arguments)
                try:
                    answer = await reader.read()
                finally:
                    writer.close()
        except TimeoutError:
            raise _SilentError(f"worker {worker} does not answer") from None
        except OSError:
            return None
        return orjson.loads(answer) if answer.endswith(b"\n") else None

    async def _relay(self, worker: int, name: str, viewer: Viewer) -> None:
        try:
            reader, writer = await self._open(worker, "watch", name)
        except OSError:
            viewer.refuse(unknown_stream(name))
            return
        try:
            while (line := await reader.readline()).endswith(b"\n"):  # the last may be cut off
                if _pass_on(viewer, *orjson.loads(line)):
                    return
            viewer.refuse(_LOST)
        except OSError:
            viewer.refuse(_LOST)
        finally:
            writer.close()

    async def _open(
        self, worker: int, method: str, *arguments: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        path = self._identity.socket_path(worker)
        reader, writer = await asyncio.open_unix_connection(path, limit=_MAX_LINE_BYTES)
        writer.write(method.encode() + b" " + orjson.dumps(arguments) + b"\n")
        return reader, writer


def _pass_on(viewer: Viewer, word: str, *more: Any) -> bool:
    """Pass a line of another worker on to a viewer; return whether it was the last."""
    if word == "message":
        text, droppable = more
        viewer.send_queue.put_frames(FrameBatch.of(text.encode(), droppable))
    elif word == "close":
        viewer.send_queue.close(*more)
    else:
        viewer.refuse(WireError(*more))
    return word != "message"


def _streams_of(answer: Any) -> list[StreamInfo]:
    """Return the streams in a worker's answer; none where the worker is gone, or ended while it answered."""
    if answer is None:
        return []
    try:
        return StreamList.model_validate(answer[1]).streams
    except ValidationError:
        return []
