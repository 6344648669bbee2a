"""Commands `record` and `recover`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from firmware_bridge.options import TokenFile, read_token
from scaleglove.validation_faults import describe_fault
from scaleglove.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware_bridge.link.state import LinkStatus
    from firmware_bridge.recorder.recording_session import FrameSource

app = typer.Typer()

_NAME: Final = re.compile(r"[\w.-]{1,40}")


@app.command()
def record(
    out: Annotated[Path, typer.Option(help="Folder of recordings; it is created if it does not exist.")],
    port: Annotated[
        str | None,
        typer.Option(help="Device, pseudo-terminal or socket://HOST:PORT; auto, the default, searches on USB."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Record from a running bridge instead: address of the service it sends to.")
    ] = None,
    stream: Annotated[
        str | None, typer.Option(help="With --url: stream or name of the glove; not needed if it is the only one.")
    ] = None,
    token_file: TokenFile = None,
    collection: Annotated[str, typer.Option(help="Name for this user and glove: a subfolder of OUT.")] = "mine",
    letters: Annotated[
        str, typer.Option(help="Letters of Korean fingerspelling to record, without separators.", show_default="all")
    ] = "",
    labels: Annotated[
        str,
        typer.Option(help="Signs to record in place of these letters, by names of your choice: hello,thanks,rest."),
    ] = "",
    bends: Annotated[
        str, typer.Option(help="Variants of each hand shape, by names of your choice, such as 1,2,3.")
    ] = "1",
    episodes: Annotated[int, typer.Option(min=1, max=1000, help="Episodes for each sign and variant.")] = 5,
    frames: Annotated[int, typer.Option(min=10, max=10_000, help="Frames per episode.")] = 80,
    countdown: Annotated[int, typer.Option(min=0, max=60, help="Seconds to count down after Enter.")] = 1,
    yes: Annotated[bool, typer.Option("--yes", help="Do not prompt; record one episode after the other.")] = False,
    pause_s: Annotated[float, typer.Option(min=0, max=3600, help="With --yes: seconds before each episode.")] = 3.0,
    json: Annotated[bool, typer.Option("--json", help="Print one line of JSON for each saved episode.")] = False,
) -> None:
    """Record labelled episodes from a live glove.

    The files have the layout of the public recordings. The command names the sign to show; Enter records it, r
    discards the last episode, s skips, q quits. An episode with lost frames or a failed sensor is discarded and
    repeated. Episodes that the folder has already are left out.

    A bridge that has the glove's port open may go on: --url records from its stream at the service.
    """
    from firmware_bridge.link.errors import PortNameError
    from firmware_bridge.recorder.episodes import plan, recorded
    from firmware_bridge.recorder.prompts import TerminalPrompt, UnattendedPrompt
    from firmware_bridge.recorder.recording_session import RecordingSession
    from firmware_bridge.run_until_stopped import ignore_broken_pipe, run_until_stopped

    if url is None and stream is not None:
        raise typer.BadParameter("--stream names a stream of a service: give --url too", param_hint="--stream")
    if url is not None and port is not None:
        raise typer.BadParameter("use either --port or --url", param_hint="--url")
    if letters and labels:
        raise typer.BadParameter("use either --letters or --labels", param_hint="--labels")
    wanted = _labels(labels) if labels else _letters(letters), _names("--bends", bends.split(","))
    (name,) = _names("--collection", [collection])
    slots = list(plan(*wanted, episodes, recorded(out / name)))
    if not slots:
        typer.echo(f"{out / name} has all of these episodes already", err=True)
        return
    prompt: TerminalPrompt | UnattendedPrompt = (
        UnattendedPrompt(pause_s, json=json) if yes else TerminalPrompt(len(slots), countdown=countdown, json=json)
    )
    try:
        session = RecordingSession(_source(port, url, stream, token_file), prompt, out / name, frames)
    except PortNameError as error:
        raise typer.BadParameter(str(error), param_hint="--port") from None
    with ignore_broken_pipe():
        try:
            run_until_stopped(session.run(slots))
        except OSError as error:
            typer.echo(f"error: cannot write to {out / name}: {error.strerror or error}", err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{session.kept} of {len(slots)} episodes saved to {out / name}", err=True)
    if prompt.is_unattended and session.kept < len(slots):
        raise typer.Exit(1)


def _source(
    port: str | None, url: str | None, stream: str | None, token_file: Path | None
) -> Callable[[Callable[[LinkStatus], None]], FrameSource]:
    """Return the function that makes the source of frames: the glove's port, or its stream at a service."""
    if url is None:
        from firmware_bridge.link.link import GloveLink

        return lambda show: GloveLink("auto" if port is None else port, show)
    from firmware_bridge.recorder.stream_source import StreamSource
    from scaleglove.client import find_stream

    token = read_token(token_file)
    found = find_stream(url, token, stream)
    return lambda _: StreamSource(url, found, token)


@app.command()
def recover(
    source: Annotated[Path, typer.Argument(help="Continuous recording (MCAP).")],
    target: Annotated[Path | None, typer.Argument(help="Write every whole part here, finished and indexed.")] = None,
) -> None:
    """Recover a recording that was cut off or damaged.

    Prints what a continuous recording (MCAP) contains; with TARGET, writes every whole part of it as a complete,
    indexed file. The exit status is 1 where something was lost other than by being cut off.
    """
    from firmware_bridge.recorder.reader import read_recording
    from firmware_bridge.recorder.reader import recover as copy_recording

    recording = read_recording(source)
    for topic, count in sorted(Counter(message.topic for message in recording.messages).items()):
        typer.echo(f"{count:8} {topic!r}" if not topic.isprintable() else f"{count:8} {topic}")
    if not recording.messages:
        typer.echo(f"error: {source}: it has no message", err=True)
        raise typer.Exit(1)
    typer.echo("finished" if recording.finished else "truncated: the program that wrote it was killed")
    if target is not None:
        try:
            count = copy_recording(source, target)
        except OSError as error:
            typer.echo(f"error: cannot write {target}: {error.strerror}", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{target}: {count} messages")
    if recording.is_damaged:
        lost = f"left out {recording.damaged} damaged parts"
        unknown = f" and {recording.unknown} messages whose topic is lost" if recording.unknown else ""
        typer.echo(f"damaged: {lost}{unknown}", err=True)
        raise typer.Exit(1)


def _letters(text: str) -> list[str]:
    known = load_vocabulary("korean").names
    for letter in text:
        if letter not in known:
            fault = f"{letter!r} is not a letter of Korean fingerspelling ({''.join(known)}); name others with --labels"
            raise typer.BadParameter(fault, param_hint="--letters")
    return list(dict.fromkeys(text or known))


def _labels(text: str) -> list[str]:
    from pydantic import TypeAdapter, ValidationError

    from scaleglove.vocabulary import LabelName

    named = TypeAdapter(LabelName)
    try:
        return list(dict.fromkeys(named.validate_python(label.strip()) for label in text.split(",")))
    except ValidationError as error:
        raise typer.BadParameter(describe_fault(error.errors()[0]), param_hint="--labels") from None


def _names(option: str, names: list[str]) -> list[str]:
    for name in names:
        if not _NAME.fullmatch(name) or name.strip(".") == "":
            raise typer.BadParameter(
                f"{name!r} is not a valid folder name: use letters, digits, _, - and .", param_hint=option
            )
    return list(dict.fromkeys(names))
