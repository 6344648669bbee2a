"""`scaleglove demo`: the service, an emulated glove and a bridge on one machine, each as its own process."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from time import sleep
from types import FrameType
from typing import Annotated

import typer

from scaleglove.child_processes import StartError, read_first_line, run_child
from scaleglove.hangul.spelling import letters

_POLL_S = 0.2

OBEYED = "interval,recal,yawzero,show"
"""The hand in the emulated glove shows the letters of a calibration."""


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
    """Start the three processes, print the page's address, and wait for Ctrl-C or SIGTERM.

    Raises:
        SpellingError: the text cannot be spelled.
        StartError: a process ended by itself; its own error is on stderr.
    """
    letters(text)  # an error in it is reported before anything starts
    with contextlib.ExitStack() as children, contextlib.suppress(KeyboardInterrupt):
        # SIGINT too: a shell starts a background job with SIGINT ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        service = children.enter_context(
            run_child("scaleglove", "serve", "--host", host, "--port", str(port), "--log-level", "warning")
        )
        url = read_first_line(service, "service").rpartition(" ")[2]
        glove = children.enter_context(run_child("scaleglove", "emulate", "--text", text))
        terminal = read_first_line(glove, "emulated glove")
        bridge = children.enter_context(
            run_child("scaleglove", "bridge", "--port", terminal, "--url", url, "--commands", OBEYED, stdout=None)
        )
        print(f"\n  The page: {url}\n  The emulated glove on {terminal} spells {text}.", flush=True)
        print("  It shows the letters that a calibration asks for. Ctrl-C stops.\n", flush=True)
        _watch({"service": service, "emulated glove": glove, "bridge": bridge})
    print("stopped", flush=True)


def _watch(children: dict[str, subprocess.Popen[str]]) -> None:
    while True:
        for name, process in children.items():
            if process.poll() is not None:
                raise StartError(f"the {name} stopped with status {process.returncode}")
        sleep(_POLL_S)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
