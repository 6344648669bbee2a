"""A bridge of its own for as long as a calibration lasts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from scaleglove.client.websocket import StreamError

_STARTED_S: Final = 20.0
"""`--port auto` listens first."""
_END_S: Final = 10.0


class BridgeProcess:
    """Knows the stream that its bridge has at the service."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._started = Event()
        self._stream = ""
        Thread(target=self._read, daemon=True).start()

    def stream(self) -> str:
        """The stream as it is called now.

        Raises:
            StreamError: the bridge has none, or has ended.
        """
        if not self._started.wait(_STARTED_S) or self._process.poll() is not None:
            raise StreamError("unknown_stream", "the bridge has no stream: what it says above is why")
        return self._stream

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            if message["type"] == "started":
                self._stream = message["stream"]
                self._started.set()


@contextmanager
def bridged(port: str, url: str, token_file: str | None) -> Iterator[BridgeProcess]:
    """A bridge between a glove's port and a service; it ends with the block."""
    command = [sys.executable, "-P", "-m", "scaleglove", "bridge", "--port", port, "--url", url, "--json"]
    if token_file is not None:
        command += ["--token-file", token_file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield BridgeProcess(process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
