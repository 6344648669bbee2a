"""The commands `emulate` and `measure-letters`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firmware_bridge.codec.commands import Format
from firmware_bridge.run_until_stopped import run_until_stopped

if TYPE_CHECKING:
    from firmware_bridge.emulator.device import Glove
    from firmware_bridge.emulator.emulator import Emulator
    from firmware_bridge.emulator.network import EmulatedNetwork
    from firmware_bridge.recorder.reader import Track
    from scaleglove.recordings import Episode

app = typer.Typer()


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
    wait: Annotated[bool, typer.Option("--wait", help="Begin when the pseudo-terminal is opened.")] = False,
    link: Annotated[Path | None, typer.Option(help="Make this symbolic link to the pseudo-terminal.")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT to serve the same bytes on, by TCP.")] = None,
    fields: Annotated[int, typer.Option(help="Numbers of a frame: 9, or 12 with acceleration.")] = 9,
    format: Annotated[Format, typer.Option(help="What the glove writes until it is told otherwise.")] = "text",
    network: Annotated[
        Path | None,
        typer.Option(help="An artefact (ONNX) that the glove runs itself; it says its letters when told `letters,on`."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="CHANNEL=dropped|stuck|saturated, or imu=repeating: a broken sensor. May be given again."),
    ] = None,
    lose: Annotated[float, typer.Option(min=0, max=0.9, help="Share of the frames that never arrive.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Another hand and other losses, the same text.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print where the glove is as JSON.")] = False,
) -> None:
    """Emulate a glove on a pseudo-terminal.

    The first line on stdout is its path.
    """
    from firmware_bridge.emulator.device import Device
    from firmware_bridge.emulator.emulator import AddressError, Emulator, parse_address
    from firmware_bridge.emulator.packet_loss import LossyGlove

    if firmware is not None:
        _refuse_others(context, {"firmware", "link", "json"})
        run_until_stopped(_run_firmware(firmware, link, json))
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
    if lose:
        glove = LossyGlove(glove, lose, seed)
    on_board = None if network is None else _network(network)
    device = Device(glove, interval_ms=1000.0 / rate_hz, fields=fields, format_name=format, network=on_board)
    run_until_stopped(_emulate(Emulator(device, speed=speed, wait=wait), link, listen, json))


@app.command()
def measure_letters(
    folder: Annotated[Path, typer.Argument(help="Recordings in the public layout.")],
    out: Annotated[Path, typer.Option(help="Where the table goes.")] = Path("scaleglove/letter_templates.json"),
) -> None:
    """Measure from recordings how each letter reads on the glove.

    The result is the table that `emulate` draws from.
    """
    from scaleglove.letter_templates import measure

    if not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}", param_hint="--out")
    episodes = _episodes(folder)
    out.write_text(measure(episodes).to_json(), encoding="utf-8")
    typer.echo(f"{out}: measured from {len(episodes)} recordings")


def _replayed(replay: Path, pause_s: float, once: bool) -> Glove:
    from firmware_bridge.emulator.replay import Replay, track_of

    continuous = _continuous(replay)
    episodes = [] if continuous and not any(replay.rglob("*.csv")) else _episodes(replay)
    return Replay([*map(track_of, episodes), *continuous], pause_s=pause_s, once=once)


def _continuous(root: Path) -> list[Track]:
    """The continuous recordings at or below `root`."""
    from firmware_bridge.recorder.reader import SUFFIX, read_recording

    tracks: list[Track] = []
    for path in [root] if root.suffix == SUFFIX else sorted(root.rglob(f"*{SUFFIX}")):
        recording = read_recording(path)
        tracks += recording.tracks()
        if not recording.finished:
            typer.echo(f"{path} breaks off: what was recorded before is played", err=True)
    return tracks


def _network(artefact: Path) -> EmulatedNetwork:
    from firmware_bridge.emulator.network import EmulatedNetwork
    from models.runtime.artefact import ArtefactError

    try:
        return EmulatedNetwork(artefact)
    except ArtefactError as error:
        raise typer.BadParameter(str(error), param_hint="--network") from None


def _broken(glove: Glove, faults: list[str]) -> Glove:
    from firmware_bridge.emulator.sensor_faults import BrokenGlove, FaultNameError

    try:
        return BrokenGlove(glove, faults)
    except FaultNameError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None


def _episodes(root: Path) -> list[Episode]:
    """Every readable recording at or below `root`; a folder can be large, so a terminal sees how far it is."""
    from rich.console import Console
    from rich.progress import track

    from scaleglove.recordings import find_recordings, load_folder

    console = Console(stderr=True)
    paths = find_recordings(root)
    shown = track(paths, "reading recordings", console=console, disable=not console.is_terminal, transient=True)
    episodes, report = load_folder(root, shown)
    for fault in report.unreadable:
        typer.echo(f"left out: {fault}", err=True)
    return episodes


def _spelling(text: str, hold_s: float, once: bool, seed: int) -> Glove:
    from firmware_bridge.emulator.glove_model import GloveModel
    from scaleglove.hangul.spelling import SpellingError
    from scaleglove.letter_templates import load_templates

    if not text:
        raise typer.BadParameter("there is nothing to spell; a space rests the hand", param_hint="--text")
    try:
        return GloveModel(text, load_templates(), hold_s=hold_s, once=once, seed=seed)
    except SpellingError as error:
        raise typer.BadParameter(str(error), param_hint="--text") from None


async def _emulate(emulator: Emulator, link: Path | None, listen: str | None, json: bool) -> None:
    async with emulator.opened(link, listen):
        _say_where(emulator.path, emulator.address, json)
        await emulator.run()


async def _run_firmware(image: Path, link: Path | None, json: bool) -> None:
    from firmware_bridge.emulator.emulator import linked
    from firmware_bridge.emulator.qemu import machine

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
