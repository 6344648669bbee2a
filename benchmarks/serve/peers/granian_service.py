"""The plain service on Granian, a server in Rust, instead of uvicorn.

python -m benchmarks.serve.peers.granian_service MODEL.onnx [THREADS]
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import threading
import time
from typing import Final

from fastapi import FastAPI
from granian import Granian
from granian.constants import Interfaces, Loops

from benchmarks.serve.peers.plain_service import create_app

_ARGUMENTS: Final = "SCALEGLOVE_BENCH_PLAIN"
"""Environment variable by which the worker process, which Granian starts, learns the arguments."""

_PARENT_ENDS: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""

_TRIES: Final = 600
_PAUSE_S: Final = 0.05
"""Half a minute in all; it takes two seconds."""


def app() -> FastAPI:
    """Return the app in a worker process, which ends with the one that started it."""
    ctypes.CDLL(None).prctl(_PARENT_ENDS, signal.SIGTERM)  # Granian leaves a worker that it was still starting
    model, *threads = os.environ[_ARGUMENTS].splitlines()
    return create_app(model, *map(int, threads))


def main() -> None:
    """Serve with one worker until a signal."""
    os.environ[_ARGUMENTS] = "\n".join(sys.argv[1:])
    with socket.create_server(("127.0.0.1", 0)) as free:  # Granian does not say which port it was given
        port = free.getsockname()[1]
    server = Granian(
        f"{__spec__.name}:app",
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        factory=True,
        log_enabled=False,
    )
    threading.Thread(target=announce, args=(port,), daemon=True).start()
    server.serve()


def announce(port: int) -> None:
    """Print the address once the worker, which Granian starts and does not wait for, accepts a connection."""
    for _ in range(_TRIES):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(_PAUSE_S)
        else:
            print(f"plain service on http://127.0.0.1:{port}", flush=True)
            return


if __name__ == "__main__":
    main()
