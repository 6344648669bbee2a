"""The main job on one machine: the real service, emulator and bridge as processes of their own."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from time import sleep
from types import FrameType
from typing import IO

from models.contract import ScaleGloveError
from models.hangul import letters

_STOP_S = 6.0
"""The service takes up to 5 s to say goodbye to its streams."""

_POLL_S = 0.2


class DemoError(ScaleGloveError):
    """A part of the demo that did not start or did not stay."""


def run(host: str, port: int, text: str) -> None:
    """Start the three, print the page's address, and stay until Ctrl-C or SIGTERM.

    Raises:
        SpellingError: the text cannot be spelled.
        DemoError: a part ended by itself; what it had to say stands on stderr.
    """
    letters(text)  # said here, before anything starts
    with contextlib.ExitStack() as parts, contextlib.suppress(KeyboardInterrupt):
        # Both by hand: a shell starts a background job with SIGINT ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        service = parts.enter_context(_part("serve", "--host", host, "--port", str(port)))
        url = _first_line(service, "service").rpartition(" ")[2]
        glove = parts.enter_context(_part("emulate", "--text", text))
        terminal = _first_line(glove, "emulated glove")
        bridge = parts.enter_context(_part("bridge", "--port", terminal, "--url", url, stdout=None))
        print(f"\n  The page: {url}\n  The emulated glove on {terminal} spells {text}. Ctrl-C stops.\n", flush=True)
        _watch({"service": service, "emulated glove": glove, "bridge": bridge})
    print("stopped", flush=True)


@contextlib.contextmanager
def _part(*arguments: str, stdout: int | None = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    # A session of its own: Ctrl-C reaches only the demo, which then stops its parts in order, the glove's side first.
    command = [sys.executable, "-m", "scaleglove", *arguments]
    process = subprocess.Popen(command, stdout=stdout, text=True, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _first_line(process: subprocess.Popen[str], name: str) -> str:
    """What the part says once it is ready."""
    output: IO[str] | None = process.stdout
    assert output is not None
    line = output.readline().strip()
    if not line:
        raise DemoError(f"the {name} did not start")
    return line


def _watch(parts: dict[str, subprocess.Popen[str]]) -> None:
    while True:
        for name, process in parts.items():
            if process.poll() is not None:
                raise DemoError(f"the {name} stopped with status {process.returncode}")
        sleep(_POLL_S)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
