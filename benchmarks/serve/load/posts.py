"""Closed load of one HTTP request: each connection repeats it as soon as it has the answer."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from dataclasses import dataclass, field
from typing import Final, Self

from scaleglove.errors import ScaleGloveError

_TIMEOUT_S: Final = 30.0
_CHUNK: Final = 1 << 18


class AnswerError(ScaleGloveError):
    """An answer other than 200; `status` is 0 where the connection was closed."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(slots=True)
class Posted:
    """Answers of one measurement."""

    seconds: float
    client_share: float
    delays_s: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.delays_s) / self.seconds


def build_request(path: str, content_type: str, body: bytes) -> bytes:
    """Return the bytes of a POST request that keeps the connection open."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def answer_size(received: bytes | bytearray) -> int | None:
    """Return the size in bytes of the answer at the start of `received`, or None while its head is incomplete.

    Raises:
        AnswerError: its status is not 200.
    """
    head, end, _ = received.partition(b"\r\n\r\n")
    if not end:
        return None
    status, *fields = bytes(head).split(b"\r\n")
    code = int(status.split(b" ")[1])
    if code != 200:
        raise AnswerError(code, f"the server answered {bytes(received[:400]).decode(errors='replace')!r}")
    values = {name.lower(): value for name, _, value in (field.partition(b":") for field in fields)}
    return len(head) + len(end) + int(values[b"content-length"])


class _Caller:
    """One connection that sends the request, reads the answer, and repeats."""

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.connection = socket.create_connection(address, _TIMEOUT_S)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.setblocking(False)
        self._request = memoryview(request)
        self.unsent = self._request
        self._received = bytearray()
        self._begin_s = 0.0

    def begin(self) -> None:
        self.unsent = self._request
        self._received.clear()
        self._begin_s = time.perf_counter()
        self.send()

    def send(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.unsent = self.unsent[self.connection.send(self.unsent) :]

    def read(self) -> float | None:
        """Return the seconds that the answer took once it is complete, else None."""
        part = self.connection.recv(_CHUNK)
        if not part:
            raise AnswerError(0, "the server closed a connection")
        self._received += part
        size = answer_size(self._received)
        return None if size is None or len(self._received) < size else time.perf_counter() - self._begin_s


class Callers:
    """A set of connections that send the same request."""

    def __init__(self, address: tuple[str, int], request: bytes, connections: int) -> None:
        self._callers: dict[int, _Caller] = {}
        self._epoll = select.epoll()
        try:
            for _ in range(connections):
                caller = _Caller(address, request)
                self._callers[caller.connection.fileno()] = caller
                self._epoll.register(caller.connection.fileno(), 0)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for caller in self._callers.values():
            caller.connection.close()
        self._epoll.close()

    def begin(self) -> None:
        for descriptor, caller in self._callers.items():
            caller.begin()
            self._expect(descriptor, caller)

    def run(self, seconds: float) -> Posted:
        """Return the answers that came within `seconds`.

        Raises:
            AnswerError: an answer's status is not 200.
        """
        begin_s, busy_s = time.perf_counter(), time.process_time()
        end_s = begin_s + seconds
        delays_s: list[float] = []
        while (left_s := end_s - time.perf_counter()) > 0:
            for descriptor, events in self._epoll.poll(left_s):
                self._serve(descriptor, events, delays_s)
        elapsed_s = time.perf_counter() - begin_s
        return Posted(elapsed_s, (time.process_time() - busy_s) / elapsed_s, delays_s)

    def _serve(self, descriptor: int, events: int, delays_s: list[float]) -> None:
        caller = self._callers[descriptor]
        if events & select.EPOLLOUT:
            caller.send()
        if events & ~select.EPOLLOUT and (delay_s := caller.read()) is not None:
            delays_s.append(delay_s)
            caller.begin()
        self._expect(descriptor, caller)

    def _expect(self, descriptor: int, caller: _Caller) -> None:
        self._epoll.modify(descriptor, select.EPOLLIN | (select.EPOLLOUT if caller.unsent else 0))


def measure(address: tuple[str, int], request: bytes, connections: int, warm_up_s: float, seconds: float) -> Posted:
    """Measure the request on some connections for `seconds`, after a warm-up.

    Raises:
        AnswerError: an answer's status is not 200.
    """
    with Callers(address, request, connections) as callers:
        callers.begin()
        callers.run(warm_up_s)
        return callers.run(seconds)
