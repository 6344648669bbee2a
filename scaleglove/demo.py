"""`scaleglove demo`: the service, an emulated glove and a bridge on one machine, each as its own process."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import subprocess
from time import sleep
from types import FrameType
from typing import Annotated

import typer

from scaleglove.child_processes import StartError, read_first_line, run_child
from scaleglove.letter_templates import load_templates
from scaleglove.spelling import greeting_in, spelling_of

_POLL_S = 0.2
_LAST_PORT = 65535

_GREETINGS = {"korean": "안녕하세요"}
"""Longer ones than those of the emulated glove by itself."""

OBEYED = "interval,recal,yawzero,show"
"""The hand in the emulated glove shows the letters of a calibration."""


app = typer.Typer()


@app.command()
def demo(
    host: Annotated[str, typer.Option(help="Address the service listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port it listens on; 0 picks a free one.")] = 8000,
    text: Annotated[
        str | None, typer.Option(help="Text the emulated glove spells, over and over; by default a greeting.")
    ] = None,
    vocabulary: Annotated[
        str, typer.Option(help="Signs of the emulated glove's hand: korean, american, american_signs.")
    ] = "korean",
    model: Annotated[
        str | None,
        typer.Option(help="Model of the service, one that knows these signs; by default the shipped one."),
    ] = None,
) -> None:
    """Run the service, an emulated glove and a bridge; stop with Ctrl-C."""
    run(host, port, text, vocabulary, model)


def run(host: str, port: int, text: str | None, vocabulary: str, model: str | None) -> None:
    """Start the three processes, print the page's address, and wait for Ctrl-C or SIGTERM.

    Raises:
        LetterTemplatesError: there is no hand of this vocabulary.
        SpellingError: the text cannot be spelled.
        StartError: the port is taken, or a process ended by itself; its own error is on stderr.
    """
    signs = load_templates(vocabulary).vocabulary
    text = text or _GREETINGS.get(vocabulary) or greeting_in(signs)
    spelling_of(signs).labels(text)  # an error in it is reported before anything starts
    _refuse_taken(host, port)
    print("Starting the service, an emulated glove and a bridge ...", flush=True)
    with contextlib.ExitStack() as children, contextlib.suppress(KeyboardInterrupt):
        # SIGINT too: a shell starts a background job with SIGINT ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        service = children.enter_context(
            run_child("scaleglove", "serve", "--host", host, "--port", str(port), "--log-level", "warning", *_of(model))
        )
        url = read_first_line(service, "service").rpartition(" ")[2]
        glove = children.enter_context(run_child("scaleglove", "emulate", "--text", text, "--vocabulary", vocabulary))
        terminal = read_first_line(glove, "emulated glove")
        bridge = children.enter_context(
            run_child("scaleglove", "bridge", "--port", terminal, "--url", url, "--commands", OBEYED, stdout=None)
        )
        print(f"\n  The page: {url}\n  The emulated glove on {terminal} spells {text}.", flush=True)
        print("  It shows the letters that a calibration asks for. Ctrl-C stops.\n", flush=True)
        _watch({"service": service, "emulated glove": glove, "bridge": bridge})
    print("stopped", flush=True)


def _refuse_taken(host: str, port: int) -> None:
    """Raise if another program listens on the port, which the page of this demo would not be reached at.

    Raises:
        StartError: naming the way out.
    """
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            return  # the service says what is wrong
        other = port + 1 if port < _LAST_PORT else 0
        ways = f"make demo PORT={other}, or scaleglove demo --port {other}"
        raise StartError(
            f"another program uses port {port}, perhaps another demo; choose another port: {ways}"
        ) from None


def _of(model: str | None) -> tuple[str, ...]:
    return () if model is None else ("--model", model)


def _watch(children: dict[str, subprocess.Popen[str]]) -> None:
    while True:
        for name, process in children.items():
            if process.poll() is not None:
                raise StartError(f"the {name} stopped with status {process.returncode}")
        sleep(_POLL_S)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
