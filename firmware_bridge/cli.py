"""Commands `bridge` and `command`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firmware_bridge.codec.commands import Format, Letters
from firmware_bridge.run_until_stopped import ignore_broken_pipe, run_until_stopped

if TYPE_CHECKING:
    from firmware_bridge.bridge import Observer
    from firmware_bridge.recorder.observer import RecordingObserver


class CommandToGlove(StrEnum):
    INTERVAL = "interval"
    RECAL = "recal"
    YAWZERO = "yawzero"


app = typer.Typer()


@app.command()
def bridge(
    port: Annotated[
        str, typer.Option(help="Device, pseudo-terminal or socket://HOST:PORT; auto searches for a glove on USB.")
    ] = "auto",
    url: Annotated[str, typer.Option(help="Address of the service.")] = "http://127.0.0.1:8000",
    wire_format: Annotated[
        Format | None, typer.Option("--format", help="Ask the glove to send this format; the bridge reads both.")
    ] = None,
    letters: Annotated[
        Letters | None,
        typer.Option(
            help="Ask the glove to send the letters that it recognises itself: with its frames, only letters, or none."
        ),
    ] = None,
    buffer_frames: Annotated[
        int,
        typer.Option(
            min=1, max=10_000_000, help="Frames to keep while the service is away; older ones are dropped and counted."
        ),
    ] = 6000,
    model: Annotated[str | None, typer.Option(help="Model to use; the service chooses by default.")] = None,
    wearer: Annotated[str | None, typer.Option(help="Wearer of the glove, whose profile the service uses.")] = None,
    hop_ms: Annotated[float, typer.Option(min=1, max=10_000, help="Milliseconds between predictions.")] = 100.0,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the service's token; by default the environment variable SCALEGLOVE_TOKEN."),
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Record the frames and the service's messages to this file, in MCAP.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for each message of the service.")
    ] = False,
) -> None:
    """Read a glove and stream it to the service.

    What the service recognises is printed. Glove and service may both come later, disconnect and reconnect. The
    numbers at the end account for every frame.
    """
    from firmware_bridge.bridge import COMMANDS, Bridge
    from firmware_bridge.codec.commands import set_format, set_letters
    from firmware_bridge.display import JsonDisplay, PlainDisplay, StatusLineDisplay, live_line, summary
    from firmware_bridge.link.errors import PortNameError
    from scaleglove.client import StreamConnection

    token = _token(token_file)

    def new_stream() -> StreamConnection:
        return StreamConnection(url, model=model, wearer=wearer, hop_ms=hop_ms, token=token, commands=COMMANDS)

    recording: RecordingObserver | None = None
    with ignore_broken_pipe(), contextlib.ExitStack() as stack:
        observer: Observer
        if json:
            observer = JsonDisplay(sys.stdout, sys.stderr)
        elif sys.stdout.isatty():
            observer = StatusLineDisplay(stack.enter_context(live_line()), sys.stderr)
        else:
            observer = PlainDisplay(sys.stdout, sys.stderr)
        new_stream()  # raises for an invalid address, before anything is opened
        if record is not None:
            observer = recording = _recorded(observer, record)
            stack.callback(recording.close)
        try:
            running = Bridge(
                port,
                new_stream,
                observer,
                buffer_frames=buffer_frames,
                startup_commands=[
                    *([] if wire_format is None else [set_format(wire_format)]),
                    *([] if letters is None else [set_letters(letters)]),
                ],
            )
        except PortNameError as error:
            raise typer.BadParameter(str(error), param_hint="--port") from None
        run_until_stopped(running.run())
        observer.link_report(running.report())
    with ignore_broken_pipe():
        typer.echo(summary(running.counts), err=True)
    if recording is not None and recording.failed:
        raise typer.Exit(1)


@app.command()
def command(
    name: Annotated[
        CommandToGlove,
        typer.Argument(help="Command: interval MS (time between frames), recal (keep the hand still) or yawzero."),
    ],
    interval_ms: Annotated[float | None, typer.Argument(help="Milliseconds between frames.")] = None,
    port: Annotated[
        str | None, typer.Option(help="Port of the glove, as for bridge, if no bridge is running; or auto.")
    ] = None,
    url: Annotated[
        str, typer.Option(help="Address of the service that the bridge sends to, if --port is not given.")
    ] = "http://127.0.0.1:8000",
    stream: Annotated[str | None, typer.Option(help="Stream of the glove; not needed if it is the only one.")] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the service's token; by default the environment variable SCALEGLOVE_TOKEN."),
    ] = None,
) -> None:
    """Send a command to a glove.

    The command goes through the service while a bridge has the glove's port open; with --port, to the port itself.
    """
    from firmware_bridge.codec.commands import CommandError, command_line
    from firmware_bridge.commanding import tell_glove
    from firmware_bridge.link.errors import PortNameError
    from scaleglove.client import command as command_stream

    if name is CommandToGlove.INTERVAL and interval_ms is None:
        raise typer.BadParameter(
            "interval needs a number of milliseconds, for example: interval 20", param_hint="INTERVAL_MS"
        )
    try:
        line = command_line(name.value, interval_ms)
    except CommandError as error:
        raise typer.BadParameter(str(error), param_hint="INTERVAL_MS") from None
    if port is None:
        reached = command_stream(url, name.value, interval_ms, stream=stream, token=_token(token_file))
        typer.echo(f"{line}: written to the glove of stream {reached}")
        return
    try:
        typer.echo(asyncio.run(tell_glove(port, line)))
    except PortNameError as error:
        raise typer.BadParameter(str(error), param_hint="--port") from None


def _recorded(observer: Observer, path: Path) -> RecordingObserver:
    from firmware_bridge.recorder.observer import RecordingObserver
    from firmware_bridge.recorder.writer import Recorder

    return RecordingObserver(observer, Recorder(path), lambda why: typer.echo(f"scaleglove: {why}", err=True))


def _token(file: Path | None) -> str | None:
    return None if file is None else file.read_text(encoding="utf-8", errors="replace")
