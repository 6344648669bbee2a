"""The process that runs `scaleglove` commands for tests: it imports them once, and forks for each.

A command imports for 0.3 s of processor time and a service for 2 s, and the suite starts hundreds of them. What runs
is a process of its own, with its own streams, environment and signals, as if a shell had started it. Commands that are
started as a shell does are in tests/package and tests/scaleglove.

    python -m tests.command_server FD  serves the tests' end of a socket pair until that is closed
"""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import socket
import sys
from importlib import import_module
from typing import Any

MOST_BYTES = 1 << 18
"""Size of the largest order: arguments and environment as JSON."""

_IMPORTED = (
    "firmware_bridge.calibration_wizard.cli",
    "firmware_bridge.cli",
    "firmware_bridge.emulator.cli",
    "firmware_bridge.glove_wizard.cli",
    "firmware_bridge.recorder.cli",
    "rich.console",
    "scaleglove.cli",
    "scaleglove.demo",
    "service.cli",
    "service.server",
)


def await_order(orders: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Fork for each order, and answer with the process id; return the order in the forked process, with the file
    descriptors of its standard streams, and None in this one when the tests are done."""
    while True:
        order, streams, _, _ = socket.recv_fds(orders, MOST_BYTES, 3)
        if not order:
            return None
        reading, writing = os.pipe()
        parent = os.fork()
        if parent == 0:
            command = os.fork()
            if command == 0:
                orders.close()
                os.close(reading)
                os.close(writing)
                return json.loads(order), streams
            os.write(writing, str(command).encode())
            os._exit(0)
        # Once its parent has ended, the command is a child of the tests, which can wait for it.
        os.waitpid(parent, 0)
        orders.send(os.read(reading, 32))
        for used in (reading, writing, *streams):
            os.close(used)


def become(order: dict[str, Any], streams: list[int]) -> None:
    """Take on what an order gives: session, standard streams, environment, folder and arguments."""
    if order["start_new_session"]:
        os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.stdin = sys.__stdin__ = _text(0, "r", "strict")
    sys.stdout = sys.__stdout__ = _text(1, "w", "strict")
    sys.stderr = sys.__stderr__ = _text(2, "w", "backslashreplace")
    sys.argv = ["scaleglove", *order["arguments"]]


def _text(number: int, mode: str, errors: str) -> io.TextIOWrapper:
    """Open a standard stream as Python does."""
    raw = io.FileIO(number, mode, closefd=False)
    buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, errors=errors, line_buffering=number == 2 or raw.isatty())


def _main() -> None:
    orders = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tests say when it ends
    for module in _IMPORTED:
        import_module(module)
    gc.collect()
    gc.freeze()  # forked processes share the memory of what is imported as long as nothing looks at it
    taken = await_order(orders)
    if taken is not None:
        become(*taken)
        from scaleglove.cli import main

        main()


if __name__ == "__main__":
    _main()
