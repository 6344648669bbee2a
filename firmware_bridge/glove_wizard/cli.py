"""Command `glove check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware_bridge.glove_wizard.session import Shown
    from firmware_bridge.link.state import LinkStatus
    from firmware_bridge.recorder.recording_session import FrameSource
    from models.adaptation.glove_profile import Hand

app = typer.Typer()
glove = typer.Typer(no_args_is_help=True, help="Check a glove's wiring and make its profile.")
app.add_typer(glove, name="glove")


@glove.callback()
def _group() -> None:
    """Check a glove's wiring and make its profile."""


@glove.command()
def check(
    port: Annotated[
        str | None, typer.Option(help="Port of the glove, as for bridge, if no bridge is running; or auto.")
    ] = None,
    url: Annotated[str, typer.Option(help="Address of the service.")] = "http://127.0.0.1:8000",
    stream: Annotated[str | None, typer.Option(help="Stream of the glove; not needed if it is the only one.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the glove at the service, where its profile is stored; or none.")
    ] = None,
    left: Annotated[bool, typer.Option("--left", help="The glove is for the left hand.")] = False,
    countdown: Annotated[int, typer.Option(min=0, max=60, help="Seconds to count down after Enter.")] = 1,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the service's token; by default the environment variable SCALEGLOVE_TOKEN."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for each request and each finding.")
    ] = False,
) -> None:
    """Check a glove finger by finger.

    The command asks for an open hand, a fist, each finger by itself and three poses, and says what each sensor does:
    whether it moves, is reversed, noisy, at its rail, or follows another finger.

    With --name the service keeps what it found as the glove's profile, which bridge --glove NAME uses.
    """
    from firmware_bridge.glove_wizard.prompts import JsonPrompt, TerminalPrompt
    from firmware_bridge.glove_wizard.session import CheckSession
    from firmware_bridge.link.errors import PortNameError
    from firmware_bridge.run_until_stopped import ignore_broken_pipe, run_until_stopped
    from models.adaptation.glove_check import GloveCheck

    if port is not None and stream is not None:
        raise typer.BadParameter(
            "use either --port or --stream; --stream names the stream of a running bridge", param_hint="--port"
        )
    token = None if token_file is None else token_file.read_text(encoding="utf-8", errors="replace")
    hand: Hand = "left" if left else "right"
    prompt: JsonPrompt | TerminalPrompt = JsonPrompt() if json else TerminalPrompt(countdown)
    with ignore_broken_pipe():
        try:
            session = CheckSession(_source(port, url, stream, token), prompt)
            run_until_stopped(session.run())
        except PortNameError as error:
            raise typer.BadParameter(str(error), param_hint="--port") from None
        if not session.is_complete:
            typer.echo("the glove is not checked", err=True)
            raise typer.Exit(1)
        try:
            found = GloveCheck.of(session.shown, hand)
        except ValueError as error:
            typer.echo(f"the glove is not checked: {error}", err=True)
            raise typer.Exit(1) from None
        for finding in found.findings:
            prompt.found(finding)
        if name is not None:
            _store(url, name, token, session.shown, hand, json)


def _source(
    port: str | None, url: str, stream: str | None, token: str | None
) -> Callable[[Callable[[LinkStatus], None]], FrameSource]:
    """Return the function that makes the source of frames: the glove's port, or its stream at a service."""
    if port is not None:
        from firmware_bridge.link.link import GloveLink

        return lambda show: GloveLink(port, show)
    from firmware_bridge.recorder.stream_source import StreamSource
    from scaleglove.client.http import only_stream

    watched = stream or only_stream(url, token)
    return lambda _: StreamSource(url, watched, token)


def _store(url: str, name: str, token: str | None, shown: Shown, hand: Hand, json: bool) -> None:
    from scaleglove.client.gloves import Glove

    stored = Glove(url, name, token)
    stored.create()
    profile = stored.calibrate({str(step): frames for step, frames in shown.items()}, hand)
    if json:
        import orjson

        typer.echo(orjson.dumps({"type": "stored", "glove": name, "version": profile.version}).decode())
        return
    typer.echo(f"profile {profile.version} of {name} is stored; scaleglove bridge --glove {name} uses it")
