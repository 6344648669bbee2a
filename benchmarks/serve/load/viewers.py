"""Viewers of one stream, read by a thread that counts what they receive."""

from __future__ import annotations

import select
import socket
import threading
from typing import Final, Self

from benchmarks.serve.load.websocket import open_viewer, split

_CHUNK: Final = 1 << 18
_WAIT_S: Final = 0.1


class Viewers:
    """Open connections that watch a stream; `received` is the number of messages of all of them together.

    Raises:
        RefusedError: the server refused a viewer.
    """

    def __init__(self, address: tuple[str, int], stream: str, count: int) -> None:
        self.received = 0
        self._sockets: dict[int, socket.socket] = {}
        self._rest: dict[int, bytes] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read)
        try:
            for _ in range(count):
                connection = open_viewer(address, stream)
                self._sockets[connection.fileno()] = connection
                self._rest[connection.fileno()] = b""
        except BaseException:
            self._close_sockets()
            raise

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._close_sockets()

    def _close_sockets(self) -> None:
        for connection in self._sockets.values():
            connection.close()

    def _read(self) -> None:
        with select.epoll() as epoll:
            for descriptor in self._sockets:
                epoll.register(descriptor, select.EPOLLIN)
            while not self._over.is_set():
                for descriptor, _ in epoll.poll(_WAIT_S):
                    if received := self._sockets[descriptor].recv(_CHUNK):
                        frames, self._rest[descriptor] = split(self._rest[descriptor] + received)
                        self.received += len(frames)
                    else:  # the stream has ended
                        epoll.unregister(descriptor)
