"""Commands `emulate` and `measure-letters`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from firmware_bridge.address import AddressError, parse_address
from firmware_bridge.codec.commands import Format
from firmware_bridge.run_until_stopped import run_until_stopped

if TYPE_CHECKING:
    from firmware_bridge.emulator.device import Glove
    from firmware_bridge.emulator.emulator import Emulator
    from firmware_bridge.emulator.network import EmulatedNetwork
    from firmware_bridge.emulator.raw_replay import RawReplay
    from scaleglove.recordings import Episode

app = typer.Typer()

_OF_RAW_REPLAY: Final = {"replay_raw", "pause_s", "once", "speed", "wait", "link", "listen", "json"}


@app.command()
def emulate(
    context: typer.Context,
    text: Annotated[
        str | None,
        typer.Option(help="Text to spell; a space rests the hand. By default a greeting, or the vocabulary's signs."),
    ] = None,
    vocabulary: Annotated[
        str,
        typer.Option(help="Signs of the hand: korean, american, american_signs, or a file that measure-letters made."),
    ] = "korean",
    firmware: Annotated[
        Path | None,
        typer.Option(help="Run this STM32F405 image (ELF) in QEMU instead; only --link and --json apply to it."),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Replay this recording, or all recordings in this folder.")
    ] = None,
    replay_raw: Annotated[
        Path | None,
        typer.Option(
            help="Repeat the bytes of this recording of bridge --raw at their times, of the port that gave the most."
        ),
    ] = None,
    rate_hz: Annotated[
        float, typer.Option(min=1, max=1000, help="Frames per second; a replay has its own rate.")
    ] = 50.0,
    hold_s: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds that each letter is held.")] = 1.6,
    speed: Annotated[
        float, typer.Option(min=0.01, max=1000, help="Speed of the glove's clock relative to real time.")
    ] = 1.0,
    pause_s: Annotated[float, typer.Option(min=0, max=3600, help="Seconds between the recordings of a replay.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Stop after one pass.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Start when the pseudo-terminal is opened.")] = False,
    link: Annotated[Path | None, typer.Option(help="Create this symbolic link to the pseudo-terminal.")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT to serve the same bytes on over TCP.")] = None,
    fields: Annotated[int, typer.Option(help="Numbers per frame: 9, or 12 with acceleration.")] = 9,
    format: Annotated[Format, typer.Option(help="Format that the glove writes until a command changes it.")] = "text",
    network: Annotated[
        Path | None,
        typer.Option(
            help="Artefact (ONNX) that the glove runs itself; the command `letters,on` makes it send its letters."
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Sensor fault: CHANNEL=dropped|stuck|saturated, or imu=repeating. Can be repeated."),
    ] = None,
    lose: Annotated[float, typer.Option(min=0, max=0.9, help="Share of the frames that are lost.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the hand's movement and of the losses.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the glove's port and address as JSON.")] = False,
) -> None:
    """Emulate a glove on a pseudo-terminal.

    The first line on stdout is its path.
    """
    from firmware_bridge.emulator.device import FLEX_MOST, Device
    from firmware_bridge.emulator.emulator import Emulator
    from firmware_bridge.emulator.faults import PacketLoss

    if firmware is not None:
        _refuse_others(context, {"firmware", "link", "json"}, "does not apply to --firmware: the image determines it")
        run_until_stopped(_run_firmware(firmware, link, json))
        return
    if fields not in {9, 12}:
        raise typer.BadParameter("a frame has 9 or 12 fields", param_hint="--fields")
    if listen is not None:
        try:
            parse_address(listen)
        except AddressError as error:
            raise typer.BadParameter(str(error), param_hint="--listen") from None
    if replay_raw is not None:
        _refuse_others(context, _OF_RAW_REPLAY, "does not apply to --replay-raw: the recording determines it")
        board = _raw_replay(replay_raw, pause_s, once)
        run_until_stopped(_emulate(Emulator(board, speed=speed, wait=wait, patient=True), link, listen, json))
        return
    glove = _replayed(replay, pause_s, once) if replay else _spelling(text, vocabulary, hold_s, once, seed)
    if fault:
        glove = _with_faults(glove, fault)
    if lose:
        glove = PacketLoss(glove, lose, seed)
    on_board = None if network is None else _network(network)
    device = Device(
        glove,
        interval_ms=1000.0 / rate_hz,
        fields=fields,
        format_name=format,
        network=on_board,
        flex_most=0 if replay else FLEX_MOST,  # the converter of a recording is not known
    )
    run_until_stopped(_emulate(Emulator(device, speed=speed, wait=wait), link, listen, json))


@app.command()
def measure_letters(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder of labelled recordings.")],
    out: Annotated[Path, typer.Option(help="Path of the table.")] = Path("letters.json"),
    vocabulary: Annotated[
        str, typer.Option(help="Signs to measure: a vocabulary of the package, or the file (.json) of another.")
    ] = "korean",
    collection: Annotated[
        str | None, typer.Option(help="Collection to measure, such as one person. By default the first one.")
    ] = None,
    median: Annotated[
        bool, typer.Option("--median", help="Measure every collection and take the medians, where people sign alike.")
    ] = False,
    flex_gain: Annotated[float, typer.Option(help="10-bit counts for each unit of the recordings' flex readings.")] = 1,
    flex_offset: Annotated[float, typer.Option(help="10-bit counts of a flex reading of 0.")] = 0,
    source: Annotated[str, typer.Option(help="Where the recordings are from, for the table.")] = "Labelled recordings.",
) -> None:
    """Measure from recordings how each sign reads on the glove.

    The result is the table that `emulate --vocabulary` draws from.
    """
    from scaleglove.letter_measurement import COMMAND, in_counts, measure
    from scaleglove.vocabulary import find_vocabulary

    if not out.parent.is_dir():
        raise typer.BadParameter(f"the folder {out.parent} does not exist", param_hint="--out")
    signs = find_vocabulary(vocabulary)
    episodes = [each for each in _episodes(folder) if collection in {None, each.collection}]
    counted = in_counts(episodes, flex_gain, flex_offset)
    command = " ".join([COMMAND, *_given(context, "vocabulary", "collection", "median", "flex_gain", "flex_offset")])
    table = measure(counted, signs, source=source, command=command, median=median)
    out.write_text(table.to_json(), encoding="utf-8")
    typer.echo(f"{out}: measured from {len(episodes)} recordings")


def _replayed(replay: Path, pause_s: float, once: bool) -> Glove:
    from firmware_bridge.emulator.replay import Replay, continuous_tracks, episode_tracks

    continuous = continuous_tracks(
        replay, lambda path: typer.echo(f"{path} is truncated or damaged; playing what is whole of it", err=True)
    )
    episodes = [] if continuous and not any(replay.rglob("*.csv")) else _episodes(replay)
    return Replay([*episode_tracks(episodes), *continuous], pause_s=pause_s, once=once)


def _raw_replay(path: Path, pause_s: float, once: bool) -> RawReplay:
    from firmware_bridge.emulator.raw_replay import RawReplay
    from firmware_bridge.recorder.raw import read_raw

    ports = read_raw(path)
    if not ports or not ports[0].bytes:
        raise typer.BadParameter(f"{path} has no bytes of any port", param_hint="--replay-raw")
    return RawReplay(ports[0], pause_s=pause_s, once=once)


def _network(artefact: Path) -> EmulatedNetwork:
    from firmware_bridge.emulator.network import EmulatedNetwork
    from models.runtime.artefact import ArtefactError

    try:
        return EmulatedNetwork(artefact)
    except ArtefactError as error:
        raise typer.BadParameter(str(error), param_hint="--network") from None


def _with_faults(glove: Glove, faults: list[str]) -> Glove:
    from firmware_bridge.emulator.faults import FaultNameError, SensorFaults

    try:
        return SensorFaults(glove, faults)
    except FaultNameError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None


def _episodes(root: Path) -> list[Episode]:
    """Read all episodes at or below `root`, with a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import track

    from scaleglove.recordings import RecordingError, find_recordings, load_folder

    console = Console(stderr=True)
    paths = find_recordings(root)
    shown = track(paths, "reading recordings", console=console, disable=not console.is_terminal, transient=True)
    episodes, report = load_folder(root, shown)
    for fault in report.unreadable:
        typer.echo(f"skipped: {fault}", err=True)
    complete = []
    for episode in episodes:
        try:
            episode.require_complete()
        except RecordingError as error:
            typer.echo(f"skipped: {error}", err=True)
        else:
            complete.append(episode)
    if not complete:
        raise RecordingError(f"{root}: no recording has readings of all channels", code="channel_missing")
    return complete


def _spelling(text: str | None, vocabulary: str, hold_s: float, once: bool, seed: int) -> Glove:
    from firmware_bridge.emulator.glove_model import GloveModel
    from scaleglove.letter_templates import LetterTemplatesError, load_templates
    from scaleglove.spelling import SpellingError, greeting_in

    try:
        table = load_templates(vocabulary)
    except LetterTemplatesError as error:
        raise typer.BadParameter(str(error), param_hint="--vocabulary") from None
    if text is None:
        text = greeting_in(table.vocabulary)
    if not text:
        raise typer.BadParameter("the text is empty; use a space to rest the hand", param_hint="--text")
    try:
        return GloveModel(text, table, hold_s=hold_s, once=once, seed=seed)
    except SpellingError as error:
        raise typer.BadParameter(str(error), param_hint="--text") from None


async def _emulate(emulator: Emulator, link: Path | None, listen: str | None, json: bool) -> None:
    async with emulator.opened(link, listen):
        _print_port(emulator.path, emulator.address, json)
        await emulator.run()


async def _run_firmware(image: Path, link: Path | None, json: bool) -> None:
    from firmware_bridge.emulator.emulator import linked
    from firmware_bridge.emulator.qemu import machine

    async with machine(image) as board:
        with contextlib.nullcontext() if link is None else linked(link, board.path):
            _print_port(board.path, None, json)
            board.switch_on()
            await board.wait()


def _given(context: typer.Context, *names: str) -> Iterator[str]:
    """Yield these options as they are on the command line, without those that have their default."""
    for parameter in context.command.params:
        if parameter.name in names and (value := context.params[parameter.name]) != parameter.default:
            given = f"{value:g}" if isinstance(value, float) else str(value)
            yield parameter.opts[0] if value is True else f"{parameter.opts[0]} {given}"


def _refuse_others(context: typer.Context, allowed: set[str], why: str) -> None:
    """Raise an error for options other than the allowed ones."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name not in allowed and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(why, param_hint=parameter.opts[0])


def _print_port(path: str, address: str | None, json: bool) -> None:
    import orjson

    if json:
        typer.echo(orjson.dumps({"port": path, "listen": address}).decode())
        return
    typer.echo(path)
    if address is not None:
        typer.echo(f"socket://{address}")
