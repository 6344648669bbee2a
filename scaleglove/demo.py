"""The main job on one machine: the real service, emulator and bridge as processes of their own."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from time import sleep
from types import FrameType
from typing import Annotated

import typer

from scaleglove.child_processes import StartError, first_line, part
from scaleglove.hangul.spelling import letters

_POLL_S = 0.2


app = typer.Typer()


@app.command()
def demo(
    host: Annotated[str, typer.Option(help="Address the service listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port it listens on; 0 picks a free one.")] = 8000,
    text: Annotated[str, typer.Option(help="Text the emulated glove spells, over and over.")] = "안녕하세요",
) -> None:
    """Run the service, an emulated glove and a bridge; stop with Ctrl-C."""
    run(host, port, text)


def run(host: str, port: int, text: str) -> None:
    """Start the three, print the page's address, and stay until Ctrl-C or SIGTERM.

    Raises:
        SpellingError: the text cannot be spelled.
        StartError: a part ended by itself; what it had to say stands on stderr.
    """
    letters(text)  # said here, before anything starts
    with contextlib.ExitStack() as parts, contextlib.suppress(KeyboardInterrupt):
        # Both by hand: a shell starts a background job with SIGINT ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        service = parts.enter_context(
            part("scaleglove", "serve", "--host", host, "--port", str(port), "--log-level", "warning")
        )
        url = first_line(service, "service").rpartition(" ")[2]
        glove = parts.enter_context(part("scaleglove", "emulate", "--text", text))
        terminal = first_line(glove, "emulated glove")
        bridge = parts.enter_context(part("scaleglove", "bridge", "--port", terminal, "--url", url, stdout=None))
        print(f"\n  The page: {url}\n  The emulated glove on {terminal} spells {text}. Ctrl-C stops.\n", flush=True)
        _watch({"service": service, "emulated glove": glove, "bridge": bridge})
    print("stopped", flush=True)


def _watch(parts: dict[str, subprocess.Popen[str]]) -> None:
    while True:
        for name, process in parts.items():
            if process.poll() is not None:
                raise StartError(f"the {name} stopped with status {process.returncode}")
        sleep(_POLL_S)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
