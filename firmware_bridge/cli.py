"""The commands `bridge` and `command`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firmware_bridge.codec.commands import Format, Letters
from firmware_bridge.run_until_stopped import run_until_stopped, until_nobody_reads

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
        str, typer.Option(help="Device, pseudo-terminal or socket://HOST:PORT; auto: look for a glove on USB.")
    ] = "auto",
    url: Annotated[str, typer.Option(help="Address of the service.")] = "http://127.0.0.1:8000",
    wire_format: Annotated[
        Format | None, typer.Option("--format", help="Ask the glove for this format; both are understood.")
    ] = None,
    letters: Annotated[
        Letters | None,
        typer.Option(help="Ask the glove for the letters that it recognises itself: beside its frames, or only them."),
    ] = None,
    buffer_frames: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="Frames kept for a service that is away; more are counted.")
    ] = 6000,
    model: Annotated[str | None, typer.Option(help="Model to use; the service's own choice if not given.")] = None,
    wearer: Annotated[
        str | None, typer.Option(help="Who wears the glove; letters are by this wearer's profile.")
    ] = None,
    hop_ms: Annotated[float, typer.Option(min=1, max=10_000, help="Time between predictions.")] = 100.0,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File that holds the service's token; if not given, SCALEGLOVE_TOKEN in the environment."),
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Record frames and what is made of them to this file, in MCAP.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON for each message of the service.")] = False,
) -> None:
    """Read a glove and stream it to the service.

    What the service recognises is printed. Glove and service may both come later, disconnect and reconnect. The
    numbers at the end account for every frame.
    """
    from firmware_bridge.bridge import COMMANDS, Bridge
    from firmware_bridge.codec.commands import say_letters, set_format
    from firmware_bridge.display import Json, Plain, StatusLine, live_line, summary
    from firmware_bridge.link.errors import PortNameError
    from scaleglove.client import StreamConnection

    token = _token(token_file)

    def new_stream() -> StreamConnection:
        return StreamConnection(url, model=model, wearer=wearer, hop_ms=hop_ms, token=token, commands=COMMANDS)

    recording: RecordingObserver | None = None
    with until_nobody_reads(), contextlib.ExitStack() as stack:
        observer: Observer
        if json:
            observer = Json(sys.stdout, sys.stderr)
        elif sys.stdout.isatty():
            observer = StatusLine(stack.enter_context(live_line()), sys.stderr)
        else:
            observer = Plain(sys.stdout, sys.stderr)
        new_stream()  # an address that is none is told before anything is opened
        if record is not None:
            observer = recording = _recorded(observer, record)
            stack.callback(recording.close)
        try:
            running = Bridge(
                port,
                new_stream,
                observer,
                buffer_frames=buffer_frames,
                asks=[
                    *([] if wire_format is None else [set_format(wire_format)]),
                    *([] if letters is None else [say_letters(letters)]),
                ],
            )
        except PortNameError as error:
            raise typer.BadParameter(str(error), param_hint="--port") from None
        run_until_stopped(running.run())
        observer.link_report(running.report())
    with until_nobody_reads():
        typer.echo(summary(running.counts), err=True)
    if recording is not None and recording.failed:
        raise typer.Exit(1)


@app.command()
def command(
    name: Annotated[
        CommandToGlove, typer.Argument(help="interval MS: time between frames; recal: hand still; yawzero.")
    ],
    interval_ms: Annotated[float | None, typer.Argument(help="Milliseconds from one frame to the next.")] = None,
    port: Annotated[
        str | None, typer.Option(help="The glove's port, as for bridge, where no bridge runs; or auto.")
    ] = None,
    url: Annotated[
        str, typer.Option(help="The service that the glove's bridge sends to, if --port is not given.")
    ] = "http://127.0.0.1:8000",
    stream: Annotated[str | None, typer.Option(help="The glove's stream there; not needed where it is alone.")] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File that holds the service's token; if not given, SCALEGLOVE_TOKEN in the environment."),
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
        raise typer.BadParameter("interval needs the milliseconds: interval 20", param_hint="INTERVAL_MS")
    try:
        line = command_line(name.value, interval_ms)
    except CommandError as error:
        raise typer.BadParameter(str(error), param_hint="INTERVAL_MS") from None
    if port is None:
        told = command_stream(url, name.value, interval_ms, stream=stream, token=_token(token_file))
        typer.echo(f"{line}: written to the glove of stream {told}")
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
