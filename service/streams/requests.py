"""Requests to a running stream that wait for a reply: commands to its glove, text edits and model switches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from scaleglove.protocol import Commanded, ModelChanged, Text
from service.problems import ProblemError

MAX_WAITING: Final = 8
"""Requests of one kind that may wait at a stream: more than people make, fewer than would fill its client's queue."""

_IDS: Final = 2**32

_Reply = TypeVar("_Reply")


@dataclass(frozen=True, slots=True)
class RequestKind(Generic[_Reply]):
    """How long requests of a kind wait, and how they fail."""

    timeout_s: float
    too_many: Callable[[], ProblemError]
    no_answer: Callable[[], ProblemError]
    ended: Callable[[], ProblemError]


def _ended(detail: str) -> ProblemError:
    return ProblemError(404, "unknown_stream", detail, "stream")


COMMAND_S: Final = 2.0
"""A client replies as soon as the command is written to the glove's port."""

COMMANDS: Final[RequestKind[Commanded]] = RequestKind(
    COMMAND_S,
    lambda: ProblemError(
        429,
        "too_many_commands",
        f"{MAX_WAITING} commands wait for this glove already; try again in a moment",
    ),
    lambda: ProblemError(
        504, "no_answer", f"the glove's client has not answered within {COMMAND_S:g} s; the command may still arrive"
    ),
    lambda: _ended("the stream ended before its client answered; the command may have arrived"),
)

EDIT_S: Final = 2.0
"""An edit only waits for the windows before it."""

EDITS: Final[RequestKind[Text]] = RequestKind(
    EDIT_S,
    lambda: ProblemError(
        429, "too_many_edits", f"{MAX_WAITING} edits wait for this stream already; try again in a moment"
    ),
    lambda: ProblemError(
        504, "no_answer", f"the stream is more than {EDIT_S:g} s behind; the edit is applied in its turn"
    ),
    lambda: _ended("the stream ended before its line was edited"),
)

SWITCH_S: Final = 8.0
"""The wearer's profile for the other model may have to be loaded first."""

SWITCHES: Final[RequestKind[ModelChanged]] = RequestKind(
    SWITCH_S,
    lambda: ProblemError(
        429, "too_many_switches", f"{MAX_WAITING} switches wait for this stream already; try again in a moment"
    ),
    lambda: ProblemError(
        504, "no_answer", f"the wearer's profile was not loaded within {SWITCH_S:g} s; the model is not switched"
    ),
    lambda: _ended("the stream ended before its model was switched"),
)


class Requests(Generic[_Reply]):
    """The requests of one kind that wait at one stream, by number."""

    def __init__(self, kind: RequestKind[_Reply]) -> None:
        self._kind = kind
        self._waiting: dict[int, asyncio.Future[_Reply]] = {}
        self._next_number = 0

    async def ask(self, send: Callable[[int], object]) -> _Reply:
        """Send a request with a new number and wait for its reply.

        Raises:
            ProblemError: 429 where MAX_WAITING wait already, 504 without a reply in time, 404 where the stream ends.
            Exception: what `reject` was given.
        """
        if len(self._waiting) >= MAX_WAITING:
            raise self._kind.too_many()
        number = self._next_number
        self._next_number = (number + 1) % _IDS
        reply: asyncio.Future[_Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = reply
        try:
            send(number)
            async with asyncio.timeout(self._kind.timeout_s):
                return await reply
        except TimeoutError:
            raise self._kind.no_answer() from None
        finally:
            del self._waiting[number]

    def is_waiting(self, number: int) -> bool:
        """Return whether a request still waits for its reply."""
        return number in self._waiting

    def resolve(self, number: int, reply: _Reply) -> None:
        """Give a request its reply; one that no longer waits is ignored."""
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    def reject(self, number: int, error: Exception) -> None:
        """Fail a request; one that no longer waits is ignored."""
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)

    def end(self) -> None:
        """Fail all requests, since the stream has ended."""
        for number in self._waiting:
            self.reject(number, self._kind.ended())
