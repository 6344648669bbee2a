"""A service whose answers a test defines."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from scaleglove.protocol import (
    ACCEPTS_HEADER,
    SUBPROTOCOL,
    Prediction,
    Started,
    encode,
)

STARTED: Final = encode(Started("s", "m", 87, 20, 50.0, ("a", "b")))


def prediction(seq: int) -> str:
    return encode(Prediction(seq, seq * 20.0, "warming", None, None, [], {}))


@contextlib.asynccontextmanager
async def service_that(
    answers: Callable[[ServerConnection], Awaitable[None]], accepts: Sequence[str] = (), **options: Any
) -> AsyncIterator[str]:
    """Serve with `answers` for every connection; give the service's address.

    `accepts` is what its handshake lists; a service before 0.2 lists nothing.
    """

    def respond(connection: ServerConnection, request: Request, response: Response) -> None:
        if accepts:
            response.headers[ACCEPTS_HEADER] = ", ".join(accepts)

    spoken = [Subprotocol(SUBPROTOCOL)]
    async with serve(answers, "127.0.0.1", 0, subprotocols=spoken, process_response=respond, **options) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
