"""The HTTP server round the app: listens, says where, and says goodbye to its streams."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from typing import Final

import uvicorn

from models.contract import ScaleGloveError
from service.app import create_app
from service.bounded_http import BoundedHttp
from service.direct import DirectWebSocket
from service.settings import Settings, TokensError, refuse_exposure
from service.wire import MAX_MESSAGE_BYTES

_GRACE_S: Final = 5
"""For requests that are being answered when the service is told to stop."""

_FAREWELL_S: Final = 1.0
"""For streams to be told that the service goes away."""


class ListenError(ScaleGloveError):
    """The address cannot be listened on."""


class Server(uvicorn.Server):
    """uvicorn with the app of `settings`; `announce` gets the real address once it answers there.

    Raises:
        ArtefactError: a model cannot be served.
        ListenError: the address is taken or not this machine's.
        TokensError: the tokens cannot be used, or none are set and others than this machine would reach the service.
    """

    def __init__(self, settings: Settings, announce: Callable[[str], None]) -> None:
        app = create_app(settings)
        self._hub = app.state.hub
        self._announce = announce
        self._socket = listen(settings)
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttp,
                ws=DirectWebSocket,
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

    @property
    def url(self) -> str:
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def serve_until_stopped(self) -> None:
        """Block until a signal or `should_exit`."""
        self.run([self._socket])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.go_away()
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self._hub.emptied()
        except TimeoutError:
            logging.getLogger(__name__).warning("streams that do not read were closed without a goodbye")
        await super().shutdown(sockets)


def listen(settings: Settings) -> socket.socket:
    """A listening TCP socket.

    Raises:
        ListenError: in words.
        TokensError: others than this machine would reach it, and nothing says whom to let in.
    """
    host, port = settings.host, settings.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, reuse_port=False)
    except UnicodeError:
        raise ListenError(f"cannot listen on {host}: it is not a host name") from None
    except OSError as error:
        raise ListenError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    try:
        refuse_exposure(settings, listening.getsockname()[0])  # where it is bound, whatever name was given
    except TokensError:
        listening.close()
        raise
    return listening


def log_to_stderr(level: str) -> None:
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # Below this uvicorn writes down the address with its query, every header and every frame of a socket.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
