"""Command `glove check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from firmware_bridge.options import DEFAULT_URL, GlovePort, StreamName, TokenFile, Url, read_token

if TYPE_CHECKING:
    from collections.abc import Callable

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
    port: GlovePort = None,
    url: Url = DEFAULT_URL,
    stream: StreamName = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the glove at the service, where its profile is stored; or none.")
    ] = None,
    left: Annotated[bool, typer.Option("--left", help="The glove is for the left hand.")] = False,
    countdown: Annotated[int, typer.Option(min=0, max=60, help="Seconds to count down after Enter.")] = 1,
    token_file: TokenFile = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for each request and each finding.")
    ] = False,
) -> None:
    """Check a glove finger by finger.

    The command asks for an open hand, a fist, each finger by itself and three poses, and says what each sensor does:
    whether it moves, is reversed, noisy, at its rail, or follows another finger.

    With --name the service keeps what it found as the glove's profile. A bridge uses it by the serial number of the
    glove's board; where the board has none, as most with a CH340, by bridge --glove NAME.
    """
    from firmware_bridge.glove_wizard.prompts import JsonPrompt, TerminalPrompt
    from firmware_bridge.glove_wizard.session import CheckSession
    from firmware_bridge.glove_wizard.storing import store
    from firmware_bridge.link.errors import PortNameError
    from firmware_bridge.run_until_stopped import ignore_broken_pipe, run_until_stopped
    from models.adaptation.glove_check import GloveCheck
    from scaleglove.client.gloves import Glove

    if port is not None and stream is not None:
        raise typer.BadParameter(
            "use either --port or --stream; --stream names the stream of a running bridge", param_hint="--port"
        )
    token = read_token(token_file)
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
            store(Glove(url, name, token), session.shown, hand, session.board, json)


def _source(
    port: str | None, url: str, stream: str | None, token: str | None
) -> Callable[[Callable[[LinkStatus], None]], FrameSource]:
    """Return the function that makes the source of frames: the glove's port, or its stream at a service."""
    if port is not None:
        from firmware_bridge.link.link import GloveLink

        return lambda show: GloveLink(port, show)
    from firmware_bridge.recorder.stream_source import StreamSource
    from scaleglove.client import find_stream

    watched = find_stream(url, token, stream)
    return lambda _: StreamSource(url, watched, token)


@glove.command()
def tie(
    name: Annotated[str, typer.Option(help="Name of the glove at the service.")],
    stream: Annotated[
        str | None, typer.Option(help="Stream of the glove's bridge; not needed if it is the only one.")
    ] = None,
    usb: Annotated[
        str | None, typer.Option(help="The board itself, as vendor:product:serial number, such as 10c4:ea60:0F3A21.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also if the board is tied to another glove, which then has none.")
    ] = False,
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Tie a glove to the serial number of its board on USB.

    From then on every bridge that finds this board uses the glove's profile, unless it has --glove. A check of the
    glove ties it already.
    """
    from scaleglove.client import StreamError, find_stream
    from scaleglove.client.gloves import Glove

    if usb is not None and stream is not None:
        raise typer.BadParameter("use either --usb or --stream", param_hint="--usb")
    token = read_token(token_file)
    if usb is None:
        found = find_stream(url, token, stream)
        if found.usb is None:
            raise StreamError("no_usb", f"the board of {found} is unknown: it is not on USB, or its bridge is old")
        usb = found.usb
    Glove(url, name, token).tie(usb, replace)
    typer.echo(f"{name} is tied to {usb}")


@glove.command()
def untie(
    name: Annotated[str, typer.Option(help="Name of the glove at the service.")],
    url: Url = DEFAULT_URL,
    token_file: TokenFile = None,
) -> None:
    """Forget the board of a glove."""
    from scaleglove.client.gloves import Glove

    Glove(url, name, read_token(token_file)).untie()
    typer.echo(f"{name} is tied to no board")
