"""Bridge in a child process for the time of a calibration."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from scaleglove.client import StreamError

_STARTED_S: Final = 20.0
"""Time to the first stream; `--port auto` has to search first."""

_END_S: Final = 10.0


class BridgeProcess:
    """Child process that runs a bridge, and the name of its current stream at the service."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._started = Event()
        self._stream = ""
        Thread(target=self._read, daemon=True).start()

    def stream(self) -> str:
        """Return the name of the current stream.

        Raises:
            StreamError: the bridge has no stream, or has ended.
        """
        if not self._started.wait(_STARTED_S) or self._process.poll() is not None:
            raise StreamError("unknown_stream", "the bridge has no stream: see its messages above")
        return self._stream

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            if message["type"] == "started":
                self._stream = message["stream"]
                self._started.set()


@contextmanager
def bridge_process(port: str, url: str, token_file: str | None) -> Iterator[BridgeProcess]:
    """Run a bridge between a glove's port and a service until the block ends."""
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
