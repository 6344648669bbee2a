"""uvicorn's WebSocket protocol with a fast path for messages: they go to a listener in the callback that read them.

No queue, task or dictionary is in between. The handshake, control frames, fragmented messages, faults, pings and the
close are uvicorn's and websockets'. An endpoint accepts its socket through ASGI and then attaches a listener to
`scope["extensions"]["scaleglove.direct"]`.
"""

from __future__ import annotations

from typing import Any, Final, Protocol, cast

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from service.streams.websocket.frame_parser import OTHER, TEXT, FrameParser

_EXTENSION: Final = "scaleglove.direct"
_WRITE_BUFFER_BYTES: Final = 16 * 1024
"""A reader with more unsent bytes is slow; its messages then wait in a SendQueue, which may drop them."""


class Listener(Protocol):
    """The receiver of a socket's events. No method may block or raise."""

    def take(self, data: bytes, is_text: bool) -> None:
        """Take a message. Text is not validated as UTF-8."""

    def pause_sending(self) -> None:
        """Pause, since the reader is slow and more bytes would be buffered."""

    def resume_sending(self) -> None:
        """Resume, since the reader has caught up."""

    def disconnected(self) -> None:
        """End, since the connection is lost."""


class FastWebSocketProtocol(WebSocketsSansIOProtocol):
    """One socket. With an attached listener messages take the fast path; without one it is uvicorn's protocol."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._listener: Listener | None = None
        self._attached = False
        self._early = b""
        self._parser = FrameParser(self.config.ws_max_size)

    @classmethod
    def of(cls, socket: WebSocket) -> FastWebSocketProtocol:
        """Return the protocol of an ASGI socket."""
        return cast(FastWebSocketProtocol, socket.scope["extensions"][_EXTENSION])

    @property
    def is_writable(self) -> bool:
        """The reader keeps up: messages sent now are not buffered."""
        return self.writable.is_set()

    def attach(self, listener: Listener) -> None:
        """Give every message to `listener` from now on; the socket must be accepted."""
        self._listener = listener
        self._attached = True
        if self.disconnected:
            listener.disconnected()
            return
        self.transport.set_write_buffer_limits(_WRITE_BUFFER_BYTES)
        early, self._early = self._early, b""
        self._parse(early)
        self.resume_reading()

    def detach(self) -> None:
        """Detach the listener; uvicorn handles what still arrives."""
        self._listener = None
        del self.scope["extensions"][_EXTENSION]  # else a reference cycle
        rest = self._parser.take_rest()
        if rest and not self.transport.is_closing():  # uvicorn would answer a fault of it on a closed transport
            super().data_received(rest)

    def send_frames(self, frames: bytes) -> None:
        """Write whole frames now; ignored while the socket is closing."""
        if not (self.close_sent or self.transport.is_closing()):
            self.transport.write(frames)

    def abort(self) -> None:
        """Close at once; unsent bytes are lost."""
        self.transport.abort()

    def pause_reading(self) -> None:
        """Stop reading until `resume_reading`; what has been read already still arrives."""
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    # Overridden methods of uvicorn's protocol, called by it and by the event loop.

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)  # starts the application as a task, which runs later
        if self.response.status_code == 101:
            cast(dict[str, Any], self.scope["extensions"])[_EXTENSION] = self

    async def run_asgi(self) -> None:
        try:
            await super().run_asgi()
        finally:  # a socket that was refused is not detached
            cast(dict[str, Any], self.scope["extensions"]).pop(_EXTENSION, None)

    async def send(self, message: Any) -> None:
        await self.writable.wait()
        if message["type"] == "websocket.close" and self.close_sent:
            return  # the library has closed for a fault of the frames while the application was about to
        await super().send(message)
        # A refusal completes the handshake as an acceptance does. uvicorn would log an error for each refused socket.
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated or (self._attached and self._listener is None):
            super().data_received(data)
        elif self._listener is None:  # sent before the handshake's response
            self._early += data
            self.pause_reading()
        else:
            self._parse(data)

    def _parse(self, data: bytes) -> None:
        for kind, payload in self._parser.feed(data):
            if kind == OTHER:
                super().data_received(payload)
            elif self._listener is not None and not self.close_sent:
                self._listener.take(payload, kind == TEXT)

    def send_receive_event_to_app(self) -> None:
        if self._listener is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data, self.frames = b"".join(self.frames), []
        self._listener.take(data, self.curr_msg_data_type == "text")

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._listener is not None:
            self._listener.pause_sending()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._listener is not None:
            self._listener.resume_sending()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._listener is not None:
            self._listener.disconnected()
