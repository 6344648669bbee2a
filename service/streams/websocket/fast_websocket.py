"""uvicorn's WebSocket protocol with a short way for messages: straight to whoever listens, within the turn of the event
loop in which they came; no queue, no task woken, no dictionary in between.

Handshake, control frames, messages in pieces, faults, pings and closing are uvicorn's and websockets' as ever. An
endpoint accepts its socket through ASGI and then attaches a listener to `scope["extensions"]["scaleglove.direct"]`.
"""

from __future__ import annotations

from typing import Any, Final, Protocol, cast

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from service.streams.websocket.frame_parser import OTHER, TEXT, FrameParser

_EXTENSION: Final = "scaleglove.direct"
_WRITE_BUFFER_BYTES: Final = 16 * 1024
"""Beyond this a reader is slow, and its messages wait where the oldest predictions can be dropped."""


class Listener(Protocol):
    """Whoever talks on a socket. Nothing here may block or raise."""

    def take(self, data: bytes, is_text: bool) -> None:
        """A message has come. Text is not checked to be UTF-8."""

    def hold_on(self) -> None:
        """The reader is slow: what is written now piles up."""

    def go_on(self) -> None:
        """The reader has caught up."""

    def left(self) -> None:
        """The other side has gone."""


class FastWebSocketProtocol(WebSocketsSansIOProtocol):
    """One socket. `attach` a listener to talk on it; without one it is uvicorn's protocol unchanged."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._listener: Listener | None = None
        self._attached = False
        self._early = b""
        self._cutter = FrameParser(self.config.ws_max_size)

    @classmethod
    def of(cls, socket: WebSocket) -> FastWebSocketProtocol:
        """The protocol under an ASGI socket."""
        return cast(FastWebSocketProtocol, socket.scope["extensions"][_EXTENSION])

    @property
    def is_writable(self) -> bool:
        return self.writable.is_set()

    def attach(self, listener: Listener) -> None:
        """Give every message to `listener` from now on; the socket must be accepted."""
        self._listener = listener
        self._attached = True
        if self.disconnected:
            listener.left()
            return
        self.transport.set_write_buffer_limits(_WRITE_BUFFER_BYTES)
        early, self._early = self._early, b""
        self._cut(early)
        self.go_on_reading()

    def detach(self) -> None:
        """The conversation is over: what still comes is uvicorn's matter."""
        self._listener = None
        del self.scope["extensions"][_EXTENSION]  # else a circle
        if rest := self._cutter.take_rest():
            super().data_received(rest)

    def send_text(self, text: str) -> None:
        """Write a text message now; nothing where the socket is closing."""
        if self.close_sent or self.transport.is_closing():
            return
        payload = text.encode()
        size = len(payload)
        if size < 126:
            header = bytes((0x81, size))
        elif size < 2**16:
            header = b"\x81\x7e" + size.to_bytes(2, "big")
        else:
            header = b"\x81\x7f" + size.to_bytes(8, "big")
        self.transport.write(header + payload)

    def abort(self) -> None:
        """Hang up; what is not sent is lost."""
        self.transport.abort()

    def wait_with_reading(self) -> None:
        """Read no more until `go_on_reading`; what has been read already still comes."""
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def go_on_reading(self) -> None:
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    # What uvicorn and the event loop call.

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)  # starts the application as a task, which runs later
        if self.response.status_code == 101:
            cast(dict[str, Any], self.scope["extensions"])[_EXTENSION] = self

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated or (self._attached and self._listener is None):
            super().data_received(data)
        elif self._listener is None:  # a client that does not wait for the handshake's answer
            self._early += data
            self.wait_with_reading()
        else:
            self._cut(data)

    def _cut(self, data: bytes) -> None:
        for kind, payload in self._cutter.feed(data):
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
            self._listener.hold_on()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._listener is not None:
            self._listener.go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._listener is not None:
            self._listener.left()
