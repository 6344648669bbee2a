"""Commands `bridge` and `command`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from firmware_bridge.address import AddressError
from firmware_bridge.codec.commands import Format, Letters
from firmware_bridge.link.serial_line import SerialLine, Signal
from firmware_bridge.options import DEFAULT_URL, GlovePort, StreamName, TokenFile, Url, read_token
from firmware_bridge.run_until_stopped import ignore_broken_pipe, run_until_stopped

if TYPE_CHECKING:
    from firmware_bridge.bridge import Observer
    from firmware_bridge.outlets.outlet import OutletNotice
    from firmware_bridge.outlets.worker import OutletWorker
    from firmware_bridge.recorder.observer import RecordingObserver
    from firmware_bridge.recorder.raw import RawRecorder
    from scaleglove.protocol import CommandName


class CommandToGlove(StrEnum):
    INTERVAL = "interval"
    RECAL = "recal"
    YAWZERO = "yawzero"
    SHOW = "show"


app = typer.Typer()


@app.command()
def bridge(
    port: Annotated[
        str,
        typer.Option(
            help="Device, pseudo-terminal or socket://HOST:PORT; auto searches for a glove on USB; "
            "listen://HOST:PORT (TCP) or udp://HOST:PORT waits for a glove that connects."
        ),
    ] = "auto",
    baud: Annotated[
        str,
        typer.Option(
            metavar="N|auto", help="Baud rate; auto begins with 115200 and tries the usual ones until frames come."
        ),
    ] = "auto",
    dtr: Annotated[
        Signal, typer.Option(help="The line DTR when the port is opened; pulse restarts most boards, keep leaves it.")
    ] = Signal.ON,
    rts: Annotated[Signal, typer.Option(help="The line RTS when the port is opened, as --dtr.")] = Signal.ON,
    time_unit: Annotated[
        Literal["us", "ms", "s"] | None,
        typer.Option(help="Unit of the glove's time; by default it is found by comparing it with arrival."),
    ] = None,
    clock: Annotated[
        Literal["auto", "arrival", "device"],
        typer.Option(help="Which clock times the frames: when they arrive, or the glove's; auto decides by both."),
    ] = "auto",
    url: Url = DEFAULT_URL,
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
    glove: Annotated[
        str | None, typer.Option(help="Name of the glove, whose profile the service uses; glove check makes one.")
    ] = None,
    hop_ms: Annotated[float, typer.Option(min=1, max=10_000, help="Milliseconds between predictions.")] = 100.0,
    words: Annotated[
        bool | None,
        typer.Option(
            "--words/--no-words",
            help="Whether the language may change a word that has ended; by default it may.",
            show_default=False,
        ),
    ] = None,
    commands: Annotated[
        str,
        typer.Option(
            help="Commands that the glove obeys, which the service may send; an emulated glove also obeys show."
        ),
    ] = "interval,recal,yawzero",
    token_file: TokenFile = None,
    record: Annotated[
        Path | None, typer.Option(help="Record the frames and the service's messages to this file, in MCAP.")
    ] = None,
    raw: Annotated[
        Path | None,
        typer.Option(help="Record every byte of the glove with its time to this file, for emulate --replay-raw."),
    ] = None,
    type_text: Annotated[
        bool, typer.Option("--type", help="Type the text into the program that has the focus (X11).")
    ] = False,
    type_key: Annotated[
        str, typer.Option(metavar="KEY", help="With --type: the key that pauses typing and goes on with it.")
    ] = "F9",
    osc: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT[/PREFIX]", help="Send letters, text, predictions and frames as OSC messages over UDP."
        ),
    ] = None,
    lsl: Annotated[
        bool, typer.Option("--lsl", help="Offer the frames, and the letters as markers, to Lab Streaming Layer.")
    ] = False,
    foxglove: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Serve everything live to Foxglove, such as 127.0.0.1:8765.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for each message of the service.")
    ] = False,
) -> None:
    """Read a glove and stream it to the service.

    What the service recognises is printed.

    The glove and the service may come later, go away and come back.

    The numbers at the end account for every frame.
    """
    from firmware_bridge.bridge import Bridge
    from firmware_bridge.codec.commands import set_format, set_letters
    from firmware_bridge.codec.glove_reader import GloveReader
    from firmware_bridge.display import JsonDisplay, PlainDisplay, StatusLineDisplay, live_line, summary
    from firmware_bridge.link.errors import PortNameError
    from firmware_bridge.link.opening import PortOpener
    from firmware_bridge.observers import Observers
    from firmware_bridge.outlets.observer import OutletObserver
    from scaleglove.client import StreamConnection, TextOptions

    line = SerialLine(_baud(baud), dtr, rts)
    obeyed = _commands(commands)
    token = read_token(token_file)

    def new_stream() -> StreamConnection:
        return StreamConnection(
            url,
            model=model,
            wearer=wearer,
            glove=glove,
            hop_ms=hop_ms,
            commands=obeyed,
            text=None if words is None else TextOptions(words=words),
            token=token,
        )

    recording: RecordingObserver | None = None
    raw_recording: RawRecorder | None = None
    workers = _outlets(
        {
            "type": type_key if type_text else None,
            "osc": osc,
            "lsl": "scaleglove" if lsl else None,
            "foxglove": foxglove,
        },
        glove,
        _print_notice_json if json else _print_notice,
    )
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
            recording = _recorded(record)
            stack.callback(recording.close)
            observer = Observers(recording, observer)
        if raw is not None:
            raw_recording = _raw_recorded(raw)
            stack.callback(raw_recording.close)
        if workers:
            observer = Observers(OutletObserver(workers), observer)
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
                opener=PortOpener(line, tap=raw_recording),
                reader=GloveReader(time_unit, clock),
            )
        except PortNameError as error:
            raise typer.BadParameter(str(error), param_hint="--port") from None
        for worker in workers:
            worker.start()
            stack.callback(worker.stop)
        run_until_stopped(running.run())
        observer.link_report(running.report())
    with ignore_broken_pipe():
        typer.echo(summary(running.counts), err=True)
    if any(made is not None and made.failed for made in (recording, raw_recording, *workers)):
        raise typer.Exit(1)


@app.command()
def command(
    name: Annotated[
        CommandToGlove,
        typer.Argument(
            help="Command: interval MS (time between frames), recal (keep the hand still), yawzero, or for an emulated "
            "glove show."
        ),
    ],
    interval_ms: Annotated[float | None, typer.Argument(help="Milliseconds between frames.")] = None,
    letter: Annotated[
        str | None, typer.Option(help="With show: the letter to hold, or rest; without it the hand goes on as before.")
    ] = None,
    port: GlovePort = None,
    url: Annotated[
        str, typer.Option(help="Address of the service that the bridge sends to, if --port is not given.")
    ] = DEFAULT_URL,
    stream: StreamName = None,
    token_file: TokenFile = None,
) -> None:
    """Send a command to a glove.

    The command goes through the service while a bridge has the glove's port open; with --port, to the port itself.
    """
    from firmware_bridge.codec.commands import REST, CommandError, command_line
    from firmware_bridge.commanding import show_on_glove, tell_glove
    from firmware_bridge.link.errors import PortNameError
    from scaleglove.client import command as command_stream

    if name is CommandToGlove.INTERVAL and interval_ms is None:
        raise typer.BadParameter(
            "interval needs a number of milliseconds, for example: interval 20", param_hint="INTERVAL_MS"
        )
    label = letter if name is CommandToGlove.SHOW and letter != REST else None  # the glove knows which there are
    try:
        line = f"show {label}" if label else command_line(name.value, interval_ms, letter)
    except CommandError as error:
        raise typer.BadParameter(str(error), param_hint="INTERVAL_MS" if letter is None else "--letter") from None
    if port is None:
        reached = command_stream(
            url, name.value, interval_ms, letter=letter, stream=stream, token=read_token(token_file)
        )
        typer.echo(f"{line}: written to the glove of stream {reached}")
        return
    try:
        typer.echo(asyncio.run(tell_glove(port, line) if label is None else show_on_glove(port, label)))
    except PortNameError as error:
        raise typer.BadParameter(str(error), param_hint="--port") from None
    except CommandError as error:
        raise typer.BadParameter(str(error), param_hint="--letter") from None


def _recorded(path: Path) -> RecordingObserver:
    from firmware_bridge.recorder.observer import RecordingObserver
    from firmware_bridge.recorder.writer import Recorder

    return RecordingObserver(Recorder(path), lambda why: typer.echo(f"scaleglove: {why}", err=True))


def _outlets(
    given: Mapping[str, str | None], glove: str | None, on_notice: Callable[[OutletNotice], None]
) -> list[OutletWorker]:
    """Make the outlets whose options have a value."""
    from firmware_bridge.outlets.catalogue import make_outlet
    from firmware_bridge.outlets.worker import OutletWorker

    workers = []
    for name, value in given.items():
        if value is not None:
            try:
                workers.append(OutletWorker(name, make_outlet(name, value, glove or ""), on_notice))
            except AddressError as error:
                raise typer.BadParameter(str(error), param_hint=f"--{name}") from None
    return workers


def _print_notice(notice: OutletNotice) -> None:
    with contextlib.suppress(BrokenPipeError):  # the bridge itself stops for that
        typer.echo(f"{'scaleglove: ' if notice.failed else ''}--{notice.outlet}: {notice.text}", err=True)


def _print_notice_json(notice: OutletNotice) -> None:
    import orjson

    with contextlib.suppress(BrokenPipeError):
        typer.echo(orjson.dumps({"type": "outlet", **asdict(notice)}).decode())


def _raw_recorded(path: Path) -> RawRecorder:
    from firmware_bridge.recorder.raw import RawRecorder

    return RawRecorder(path, lambda why: typer.echo(f"scaleglove: {why}", err=True))


def _baud(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdecimal() or not text.isascii() or not 50 <= int(text) <= 12_000_000:
        raise typer.BadParameter(f"{text!r} is neither a baud rate, such as 115200, nor auto", param_hint="--baud")
    return int(text)


def _commands(text: str) -> tuple[CommandName, ...]:
    from scaleglove.protocol import CommandName

    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in get_args(CommandName):
            known = ",".join(get_args(CommandName))
            raise typer.BadParameter(
                f"{name!r} is no command of the service; there are: {known}", param_hint="--commands"
            )
    return tuple(name for name in get_args(CommandName) if name in names)
