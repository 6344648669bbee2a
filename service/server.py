"""The HTTP server round the app: listens, says where, and says goodbye to its streams."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable
from typing import Final

import uvicorn

from scaleglove.protocol import MAX_MESSAGE_BYTES
from service.app import create_app
from service.http.bounded_protocol import BoundedHttp
from service.listening import listen, url_of
from service.settings import Settings
from service.streams.websocket.fast_websocket import FastWebSocketProtocol
from service.worker_identity import WorkerIdentity

_GRACE_S: Final = 4
"""For requests that are being answered when the service is told to stop."""

_FAREWELL_S: Final = 2.0
"""For streams to be answered what is due, told that the service goes away, and closed by the other side too."""

_CLOSED_STEP_S: Final = 0.01


class AppServer(uvicorn.Server):
    """uvicorn with the app of `settings`, in `place` where it is one of several workers. SIGHUP loads the models again.

    Raises:
        ArtefactError: a model cannot be served.
        TokensError: the tokens cannot be used.
    """

    def __init__(self, settings: Settings, place: WorkerIdentity | None = None) -> None:
        app = create_app(settings, place)
        self._hub = app.state.hub
        self._reload = app.state.reload
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttp,
                ws=FastWebSocketProtocol,
                ws_ping_interval=settings.ping_interval_s,
                ws_ping_timeout=settings.ping_interval_s,
                ws_max_size=MAX_MESSAGE_BYTES,
                ws_per_message_deflate=False,  # costs 13-15 % and the network is near
                access_log=False,
                log_config=None,
                lifespan="on",
                timeout_graceful_shutdown=_GRACE_S,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload.begin)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.go_away()
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._hub.emptied()
                await self._sockets_closed()
        except TimeoutError:
            logging.getLogger(__name__).warning("streams that do not read were closed without a goodbye")
        await super().shutdown(sockets)

    async def _sockets_closed(self) -> None:
        """Wait for the other sides to close too: uvicorn hangs up at once, and the reset that a sender then gets may
        take the goodbye with it."""
        connections = self.server_state.connections
        while any(isinstance(one, FastWebSocketProtocol) for one in connections):  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(_CLOSED_STEP_S)


class Server(AppServer):
    """The whole service in this process; `announce` gets the real address once it answers there.

    Raises:
        ArtefactError: a model cannot be served.
        ListenError: the address is taken or not this machine's.
        TokensError: the tokens cannot be used, or none are set and others than this machine would reach the service.
    """

    def __init__(self, settings: Settings, announce: Callable[[str], None]) -> None:
        super().__init__(settings)
        self._announce = announce
        self._socket = listen(settings)

    @property
    def url(self) -> str:
        return url_of(self._socket)

    def serve_until_stopped(self) -> None:
        """Block until a signal or `should_exit`."""
        self.run([self._socket])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce(self.url)
