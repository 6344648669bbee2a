"""The commands `record` and `recover`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import typer

from scaleglove.letters import LETTERS

app = typer.Typer()

_NAME: Final = re.compile(r"[\w.-]{1,40}")


@app.command()
def record(
    out: Annotated[Path, typer.Option(help="Folder of recordings; made if it is not there.")],
    port: Annotated[
        str, typer.Option(help="Device, pseudo-terminal or socket://HOST:PORT; auto: look for a glove on USB.")
    ] = "auto",
    collection: Annotated[str, typer.Option(help="Name for this wearer and mounting: a folder in the other.")] = "mine",
    letters: Annotated[str, typer.Option(help="Which letters, one after the other.")] = "".join(LETTERS),
    bends: Annotated[str, typer.Option(help="Ways of holding each letter, by names of your own: 1,2,3.")] = "1",
    episodes: Annotated[int, typer.Option(min=1, max=1000, help="How many of each letter and way.")] = 5,
    frames: Annotated[int, typer.Option(min=10, max=10_000, help="Frames of an episode.")] = 80,
    countdown: Annotated[int, typer.Option(min=0, max=60, help="Seconds counted down after Enter.")] = 1,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nobody: one episode after the other.")] = False,
    pause_s: Annotated[float, typer.Option(min=0, max=3600, help="With --yes: time before each episode.")] = 3.0,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON for each episode kept.")] = False,
) -> None:
    """Record labelled episodes from a live glove.

    The files have the layout of the public recordings. The command names the letter to hold; Enter records it, r
    discards the last episode, s skips, q quits. An episode with lost frames or a failed sensor is discarded and
    repeated. Episodes that the folder has already are left out.
    """
    from firmware_bridge.link.errors import PortNameError
    from firmware_bridge.link.link import GloveLink
    from firmware_bridge.recorder.plan import plan, recorded
    from firmware_bridge.recorder.session import RecordingSession
    from firmware_bridge.recorder.wearers import Person, Script
    from firmware_bridge.run_until_stopped import run_until_stopped, until_nobody_reads

    wanted = _letters(letters), _names("--bends", bends.split(","))
    (name,) = _names("--collection", [collection])
    slots = list(plan(*wanted, episodes, recorded(out / name)))
    if not slots:
        typer.echo(f"{out / name} has all of these already", err=True)
        return
    wearer = Script(pause_s, json=json) if yes else Person(len(slots), countdown=countdown, json=json)
    try:
        session = RecordingSession(lambda show: GloveLink(port, show), wearer, out / name, frames)
    except PortNameError as error:
        raise typer.BadParameter(str(error), param_hint="--port") from None
    with until_nobody_reads():
        try:
            run_until_stopped(session.run(slots))
        except OSError as error:
            typer.echo(f"error: cannot write to {out / name}: {error.strerror or error}", err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{session.kept} of {len(slots)} episodes recorded into {out / name}", err=True)
    if wearer.is_gone and session.kept < len(slots):
        raise typer.Exit(1)


@app.command()
def recover(
    source: Annotated[Path, typer.Argument(help="A continuous recording (MCAP).")],
    target: Annotated[Path | None, typer.Argument(help="Write what is whole of it here, finished and indexed.")] = None,
) -> None:
    """Recover a recording that was cut off.

    Prints what a continuous recording (MCAP) contains; with TARGET, writes a complete, indexed file of it.
    """
    from firmware_bridge.recorder.reader import read_recording
    from firmware_bridge.recorder.reader import recover as copy_whole

    recording = read_recording(source)
    for topic, count in sorted(Counter(message.topic for message in recording.messages).items()):
        typer.echo(f"{count:8} {topic}")
    typer.echo("finished" if recording.finished else "breaks off: whatever wrote it was stopped by force")
    if target is not None:
        try:
            count = copy_whole(source, target)
        except OSError as error:
            typer.echo(f"scaleglove: cannot write {target}: {error.strerror}", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{target}: {count} messages")


def _letters(text: str) -> list[str]:
    for letter in text:
        if letter not in LETTERS:
            raise typer.BadParameter(
                f"{letter!r} is no letter of the glove: {''.join(LETTERS)}", param_hint="--letters"
            )
    return list(dict.fromkeys(text))


def _names(option: str, names: list[str]) -> list[str]:
    for name in names:
        if not _NAME.fullmatch(name) or name.strip(".") == "":
            raise typer.BadParameter(f"{name!r} is no name for a folder", param_hint=option)
    return list(dict.fromkeys(names))
