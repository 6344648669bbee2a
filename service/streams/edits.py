"""Edits of the line being written, asked for by others than the glove's client, and the text that comes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from scaleglove.protocol import EditAction, Text
from service.problems import ProblemError

EDITED_S: Final = 2.0
"""An edit waits for the windows before it alone."""

MAX_WAITING: Final = 8
"""Edits of one line that may wait: more than hands on buttons make, fewer than fill the memory."""


class LineEdits:
    """Of one stream; `put_in_line` has an edit done in its turn and gives the text after it to whoever asked."""

    def __init__(self, put_in_line: Callable[[EditAction, Callable[[Text], None]], None]) -> None:
        self._put_in_line = put_in_line
        self._waiting: set[asyncio.Future[Text]] = set()

    async def ask(self, action: EditAction) -> Text:
        """The text after the edit.

        Raises:
            ProblemError: 404 `unknown_stream` where the stream ends meanwhile, 429 `too_many_edits`, 504 `no_answer`.
        """
        if len(self._waiting) >= MAX_WAITING:
            detail = f"{MAX_WAITING} edits wait for this stream already; ask again when they are done"
            raise ProblemError(429, "too_many_edits", detail)
        edited: asyncio.Future[Text] = asyncio.get_running_loop().create_future()
        self._waiting.add(edited)
        try:
            self._put_in_line(action, lambda text: None if edited.done() else edited.set_result(text))
            async with asyncio.timeout(EDITED_S):
                return await edited
        except TimeoutError:
            detail = f"the stream is behind by more than {EDITED_S:g} s; the edit is done when its turn comes"
            raise ProblemError(504, "no_answer", detail) from None
        finally:
            self._waiting.discard(edited)

    def end(self) -> None:
        """The stream is over: what waits will not be done."""
        detail = "the stream ended before its line was edited"
        for edited in self._waiting:
            if not edited.done():
                edited.set_exception(ProblemError(404, "unknown_stream", detail, "stream"))
