"""The cable between a page and a glove: a WebSocket in place of the browser's port, and behind it a pseudo-terminal."""

from __future__ import annotations

import os
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

STAND_IN: Final = (Path(__file__).parent / "serial_stand_in.js").read_text("utf-8")

_READ_BYTES: Final = 4096


@dataclass
class Cable:
    """The cable, with the bytes that came out at the page's end; `wear` may damage them on their way."""

    address: str = ""
    carried: bytearray = field(default_factory=bytearray)
    wear: Callable[[bytes], bytes] = bytes

    def read(self, descriptor: int, socket: ServerConnection) -> None:
        """Pass on what the glove sends until the terminal or the page has gone."""
        try:
            while data := os.read(descriptor, _READ_BYTES):
                worn = self.wear(data)
                socket.send(worn)
                self.carried += worn
        except (OSError, ConnectionClosed):
            pass
        socket.close()


@contextmanager
def plugged(terminal: Path) -> Iterator[Cable]:
    """Yield a cable from the pseudo-terminal at this path to a WebSocket."""
    cable = Cable()

    def relay(socket: ServerConnection) -> None:
        try:
            descriptor = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
        except OSError:
            return  # closes the WebSocket before anything is sent: the port cannot be opened
        try:
            tty.setraw(descriptor, termios.TCSANOW)
            socket.send("open")
            threading.Thread(target=cable.read, args=(descriptor, socket), daemon=True).start()
            for message in socket:
                os.write(descriptor, message if isinstance(message, bytes) else message.encode())
        except (OSError, termios.error, ConnectionClosed):
            pass  # the terminal has gone, or the page
        finally:
            os.close(descriptor)

    with serve(relay, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cable.address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        yield cable
        server.shutdown()


def script(address: str, *, is_granted: bool = False) -> str:
    """Return the script that puts the stand-in for Web Serial into a page."""
    return STAND_IN.replace("ADDRESS", address).replace("IS_GRANTED", str(is_granted).lower())
