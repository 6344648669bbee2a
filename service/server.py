"""HTTP server of the app: listens, announces its address, and closes its streams on shutdown."""

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
from service.state import ServiceState
from service.streams.websocket.fast_websocket import FastWebSocketProtocol
from service.worker_identity import WorkerIdentity

_GRACE_S: Final = 4
"""Timeout for requests in progress on shutdown."""

_CLOSE_STREAMS_S: Final = 2.0
"""Timeout for streams on shutdown: pending predictions, the notice, and the close of the other side."""

_CLOSED_POLL_S: Final = 0.01


class AppServer(uvicorn.Server):
    """uvicorn with the app of `settings`; `identity` if it is one of several workers. SIGHUP reloads the models.

    Raises:
        ArtefactError: a model cannot be served.
        TokensError: the tokens cannot be used.
    """

    def __init__(self, settings: Settings, identity: WorkerIdentity | None = None) -> None:
        app = create_app(settings, identity)
        self._state: ServiceState = app.state.service
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttp,
                ws=FastWebSocketProtocol,
                ws_ping_interval=settings.ping_interval_s,
                ws_ping_timeout=settings.ping_interval_s,
                ws_max_size=MAX_MESSAGE_BYTES,
                ws_per_message_deflate=False,  # costs 13-15 % of the time, and the network is usually local
                access_log=False,
                proxy_headers=False,  # the app decides which proxies it believes (service/http/public_address.py)
                log_config=None,
                lifespan="on",
                timeout_graceful_shutdown=_GRACE_S,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._state.reload.begin)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._state.hub.go_away()
        try:
            async with asyncio.timeout(_CLOSE_STREAMS_S):
                await self._state.hub.emptied()
                await self._sockets_closed()
        except TimeoutError:
            logging.getLogger(__name__).warning("streams that do not read were closed without notice")
        await super().shutdown(sockets)

    async def _sockets_closed(self) -> None:
        """Wait for the other sides to close too: uvicorn closes at once, and the reset that a sender then receives may
        discard the notice."""
        connections = self.server_state.connections
        while any(isinstance(one, FastWebSocketProtocol) for one in connections):  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(_CLOSED_POLL_S)


class Server(AppServer):
    """Service in a single process; calls `announce` with the real address once it responds there.

    Raises:
        ArtefactError: a model cannot be served.
        ListenError: the address is in use or not one of this machine.
        TokensError: the tokens cannot be used, or none are set and other machines could reach the service.
    """

    def __init__(self, settings: Settings, announce: Callable[[str], None]) -> None:
        super().__init__(settings)
        self._announce = announce
        self._unannounced: OSError | None = None
        self._socket = listen(settings)

    @property
    def url(self) -> str:
        """Address of the service."""
        return url_of(self._socket)

    def serve_until_stopped(self) -> None:
        """Block until a signal or `should_exit`.

        Raises:
            OSError: the address could not be announced.
        """
        self.run([self._socket])
        if self._unannounced is not None:
            raise self._unannounced

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        try:
            self._announce(self.url)
        except OSError as error:  # uvicorn would log a traceback
            self._unannounced = error
            asyncio.get_running_loop().call_soon(self._stop)  # now, it would skip the shutdown

    def _stop(self) -> None:
        self.should_exit = True
