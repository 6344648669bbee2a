"""Commands on their way to a glove, and its client's answers on their way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, get_args

from scaleglove.protocol import (
    Command,
    Commanded,
    CommandName,
    CommandRefusal,
)
from service.problems import ProblemError

ANSWER_S: Final = 2.0
"""A client answers as soon as the command is written to the glove's port."""

MAX_WAITING: Final = 8
"""Commands of one glove that may wait for their answers: fewer than would make its client a slow reader."""

_IDS: Final = 2**32

_KNOWN_REFUSALS: Final = frozenset(get_args(CommandRefusal))
"""A client may send any code; only these become the problem's, and with it a label of a metric."""


class GloveCommands:
    """What may be asked of one glove, `obeyed`, by way of its client, which is told by `tell`."""

    def __init__(self, obeyed: tuple[str, ...], tell: Callable[[Command], None]) -> None:
        self._obeyed = obeyed
        self._tell = tell
        self._waiting: dict[int, asyncio.Future[Commanded]] = {}
        self._next_id = 0

    async def ask(self, command: CommandName, interval_ms: float | None) -> None:
        """Return when the client says that the command is written to the glove's port.

        Raises:
            ProblemError: 409 `no_commands`; 409 with the client's words and its code, `link_lost` where that is not
                known; 404 `unknown_stream` where the stream ends meanwhile; 429 `too_many_commands`; 504 `no_answer`.
        """
        if command not in self._obeyed:
            there_are = f"it takes {', '.join(self._obeyed)}" if self._obeyed else "it takes none"
            detail = f"the glove of this stream does not take {command}: {there_are}"
            raise ProblemError(409, "no_commands", detail, "command")
        if len(self._waiting) >= MAX_WAITING:
            detail = f"{MAX_WAITING} commands wait for this glove already; ask again when they are answered"
            raise ProblemError(429, "too_many_commands", detail)
        number = self._next_id
        self._next_id = (number + 1) % _IDS
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._tell(Command(number, command, interval_ms))
            async with asyncio.timeout(ANSWER_S):
                told = await answer
        except TimeoutError:
            detail = f"the glove's client has not answered within {ANSWER_S:g} s; the command may still arrive"
            raise ProblemError(504, "no_answer", detail) from None
        finally:
            del self._waiting[number]
        if told.refused is not None:
            code = told.code if told.code in _KNOWN_REFUSALS else None
            raise ProblemError(
                409, code or "link_lost", told.refused or "the glove's client could not write the command"
            )

    def answered(self, message: Commanded) -> None:
        """The client has answered; what nobody waits for any longer is passed over."""
        answer = self._waiting.get(message.id)
        if answer is not None and not answer.done():
            answer.set_result(message)

    def end(self) -> None:
        """The stream is over: nobody will answer."""
        detail = "the stream ended before its client answered; the command may have arrived"
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ProblemError(404, "unknown_stream", detail, "stream"))
