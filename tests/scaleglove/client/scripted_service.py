"""A service whose answers a test defines."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from scaleglove.protocol import (
    SUBPROTOCOL,
    Prediction,
    Started,
    encode,
)

STARTED: Final = encode(Started("s", "m", 87, 20, 50.0, ("a", "b")))


def prediction(seq: int) -> str:
    return encode(Prediction(seq, seq * 20.0, "warming", None, None, [], {}))


@contextlib.asynccontextmanager
async def service_that(answers: Callable[[ServerConnection], Awaitable[None]], **options: Any) -> AsyncIterator[str]:
    """Serve with `answers` for every connection; give the service's address."""
    async with serve(answers, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)], **options) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
