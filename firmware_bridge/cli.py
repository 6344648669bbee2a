"""The commands of the glove's side: `bridge`, `command`, `emulate`, `measure-letters`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from firmware_bridge.bridge import Observer
    from firmware_bridge.emulated.device import Device, Glove
    from firmware_bridge.recording.reader import Track
    from models.recordings import Episode


class WireFormat(StrEnum):
    """What a glove writes."""

    TEXT = "text"
    BINARY = "binary"


class CommandToGlove(StrEnum):
    INTERVAL = "interval"
    RECAL = "recal"
    YAWZERO = "yawzero"


app = typer.Typer(no_args_is_help=True, help="The glove's side: serial bridge and emulated glove.")


@app.command()
def bridge(
    port: Annotated[
        str, typer.Option(help="Device, pseudo-terminal or socket://HOST:PORT; auto: look for a glove on USB.")
    ] = "auto",
    url: Annotated[str, typer.Option(help="Address of the service.")] = "http://127.0.0.1:8000",
    wire_format: Annotated[
        WireFormat | None, typer.Option("--format", help="Ask the glove for this format; both are understood.")
    ] = None,
    buffer_frames: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="Frames kept for a service that is away; more are counted.")
    ] = 6000,
    model: Annotated[str | None, typer.Option(help="Model to use; the service's own choice if not given.")] = None,
    hop_ms: Annotated[float, typer.Option(min=1, max=10_000, help="Time between predictions.")] = 100.0,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File that holds the service's token; if not given, SCALEGLOVE_TOKEN in the environment."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON for each message of the service.")] = False,
) -> None:
    """Read a glove at a serial port, send its frames to the service and print what it recognises.

    Neither has to be there yet, and both may go and come back. The numbers at the end account for every frame.
    """
    from clients.stream import GloveStream
    from firmware_bridge.bridge import COMMANDS, Bridge
    from firmware_bridge.display import Json, Plain, StatusLine, live_line, summary
    from firmware_bridge.link.errors import PortNameError

    token = _token(token_file)

    def new_stream() -> GloveStream:
        return GloveStream(url, model=model, hop_ms=hop_ms, token=token, commands=COMMANDS)

    with _until_nobody_reads(), contextlib.ExitStack() as stack:
        observer: Observer
        if json:
            observer = Json(sys.stdout, sys.stderr)
        elif sys.stdout.isatty():
            observer = StatusLine(stack.enter_context(live_line()), sys.stderr)
        else:
            observer = Plain(sys.stdout, sys.stderr)
        new_stream()  # an address that is none is told before anything is opened
        try:
            running = Bridge(
                port,
                new_stream,
                observer,
                buffer_frames=buffer_frames,
                wire_format=None if wire_format is None else wire_format.value,
            )
        except PortNameError as error:
            raise typer.BadParameter(str(error), param_hint="--port") from None
        _run_until_stopped(running.run())
        observer.link_report(running.report())
    with _until_nobody_reads():
        typer.echo(summary(running.counts), err=True)


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
    """Tell a glove something: through the service while a bridge holds its port, or at the port itself."""
    from clients.commands import command as command_stream
    from firmware_bridge.codec.commands import CommandError, command_line
    from firmware_bridge.commanding import tell_glove
    from firmware_bridge.link.errors import PortNameError

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


@app.command()
def emulate(
    context: typer.Context,
    text: Annotated[str, typer.Option(help="What to spell, in Hangul; a space rests the hand.")] = "안녕",
    firmware: Annotated[
        Path | None,
        typer.Option(help="Run this STM32F405 image (ELF) in QEMU instead; it takes --link and --json only."),
    ] = None,
    replay: Annotated[Path | None, typer.Option(help="Play this recording, or every one in this folder.")] = None,
    rate_hz: Annotated[float, typer.Option(min=1, max=1000, help="Frames a second; a replay keeps its own.")] = 50.0,
    hold_s: Annotated[float, typer.Option(min=0.1, max=3600, help="How long a letter is held.")] = 1.6,
    speed: Annotated[
        float, typer.Option(min=0.01, max=1000, help="How fast the glove's clock runs against ours.")
    ] = 1.0,
    pause_s: Annotated[float, typer.Option(min=0, max=3600, help="Silence between the recordings of a replay.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Stop after one pass.")] = False,
    link: Annotated[Path | None, typer.Option(help="Make this symbolic link to the pseudo-terminal.")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT to serve the same bytes on, by TCP.")] = None,
    fields: Annotated[int, typer.Option(help="Numbers of a frame: 9, or 12 with acceleration.")] = 9,
    format: Annotated[
        WireFormat, typer.Option(help="What the glove writes until it is told otherwise.")
    ] = WireFormat.TEXT,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="CHANNEL=dropped|stuck|saturated, or imu=repeating: a broken sensor. May be given again."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another hand, the same text.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print where the glove is as JSON.")] = False,
) -> None:
    """Be a glove on a pseudo-terminal: the first line on stdout is its path."""
    from firmware_bridge.emulated.device import Device
    from firmware_bridge.emulated.emulator import AddressError, parse_address

    if firmware is not None:
        _refuse_others(context, {"firmware", "link", "json"})
        _run_until_stopped(_run_firmware(firmware, link, json))
        return
    if fields not in {9, 12}:
        raise typer.BadParameter("a line has 9 or 12 fields", param_hint="--fields")
    if listen is not None:
        try:
            parse_address(listen)
        except AddressError as error:
            raise typer.BadParameter(str(error), param_hint="--listen") from None
    glove = _replayed(replay, pause_s, once) if replay else _spelling(text, hold_s, once, seed)
    if fault:
        glove = _broken(glove, fault)
    device = Device(glove, interval_ms=1000.0 / rate_hz, fields=fields, format_name=format.value)
    _run_until_stopped(_emulate(device, speed, link, listen, json))


@app.command()
def measure_letters(
    folder: Annotated[Path, typer.Argument(help="Recordings in the public layout.")],
    out: Annotated[Path, typer.Option(help="Where the table goes.")] = Path("firmware_bridge/emulated/letters.json"),
) -> None:
    """Measure from recordings how each letter reads on the glove: the table that `emulate` draws from."""
    from firmware_bridge.emulated.letter_table import measure

    if not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}", param_hint="--out")
    episodes = _recorded(folder)
    out.write_text(measure(episodes).to_json(), encoding="utf-8")
    typer.echo(f"{out}: measured from {len(episodes)} recordings")


def _token(file: Path | None) -> str | None:
    return None if file is None else file.read_text(encoding="utf-8", errors="replace")


def _replayed(replay: Path, pause_s: float, once: bool) -> Glove:
    from firmware_bridge.emulated.replay import Replay, track_of

    continuous = _continuous(replay)
    episodes = [] if continuous and not any(replay.rglob("*.csv")) else _recorded(replay)
    return Replay([*map(track_of, episodes), *continuous], pause_s=pause_s, once=once)


def _continuous(root: Path) -> list[Track]:
    """The continuous recordings at or below `root`."""
    from firmware_bridge.recording.reader import SUFFIX, read_recording

    tracks: list[Track] = []
    for path in [root] if root.suffix == SUFFIX else sorted(root.rglob(f"*{SUFFIX}")):
        recording = read_recording(path)
        tracks += recording.tracks()
        if not recording.finished:
            typer.echo(f"{path} breaks off: what was recorded before is played", err=True)
    return tracks


def _broken(glove: Glove, faults: list[str]) -> Glove:
    from firmware_bridge.emulated.broken import BrokenGlove, FaultNameError

    try:
        return BrokenGlove(glove, faults)
    except FaultNameError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None


def _recorded(root: Path) -> list[Episode]:
    """Every readable recording at or below `root`; a folder can be large, so a terminal sees how far it is."""
    from rich.console import Console
    from rich.progress import track

    from models.recordings import find_recordings, load_folder

    console = Console(stderr=True)
    paths = find_recordings(root)
    shown = track(paths, "reading recordings", console=console, disable=not console.is_terminal, transient=True)
    episodes, report = load_folder(root, shown)
    for fault in report.unreadable:
        typer.echo(f"left out: {fault}", err=True)
    return episodes


def _spelling(text: str, hold_s: float, once: bool, seed: int) -> Glove:
    from firmware_bridge.emulated.glove_model import GloveModel
    from firmware_bridge.emulated.letter_table import load_table
    from models.hangul import SpellingError

    if not text:
        raise typer.BadParameter("there is nothing to spell; a space rests the hand", param_hint="--text")
    try:
        return GloveModel(text, load_table(), hold_s=hold_s, once=once, seed=seed)
    except SpellingError as error:
        raise typer.BadParameter(str(error), param_hint="--text") from None


async def _emulate(device: Device, speed: float, link: Path | None, listen: str | None, json: bool) -> None:
    from firmware_bridge.emulated.emulator import Emulator

    async with Emulator(device, speed=speed).opened(link, listen) as emulator:
        _say_where(emulator.path, emulator.address, json)
        await emulator.run()


async def _run_firmware(image: Path, link: Path | None, json: bool) -> None:
    from firmware_bridge.emulated.emulator import linked
    from firmware_bridge.emulated.qemu import machine

    async with machine(image) as board:
        with contextlib.nullcontext() if link is None else linked(link, board.path):
            _say_where(board.path, None, json)
            board.switch_on()
            await board.wait()


def _refuse_others(context: typer.Context, allowed: set[str]) -> None:
    """Options beside `allowed` were given: said, not passed over."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name not in allowed and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter("the firmware has its own", param_hint=parameter.opts[0])


def _say_where(path: str, address: str | None, json: bool) -> None:
    import orjson

    if json:
        typer.echo(orjson.dumps({"port": path, "listen": address}).decode())
        return
    typer.echo(path)
    if address is not None:
        typer.echo(f"socket://{address}")


@contextlib.contextmanager
def _until_nobody_reads() -> Iterator[None]:
    """The reader of stdout or stderr may leave, as `head` does: that is a way to stop, and no error."""
    try:
        yield
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BrokenPipeError:
                # Python flushes once more when it ends, and would complain then.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run_until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until Ctrl-C or SIGTERM, which are the normal way to stop."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C only, through asyncio.run
                loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(stoppable())
