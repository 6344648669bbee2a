"""Command `calibrate`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from firmware_bridge.options import DEFAULT_URL, GlovePort, StreamName, TokenFile, Url, read_token

if TYPE_CHECKING:
    from scaleglove.client.wearers import Calibrated, Wearer

app = typer.Typer()


@app.command()
def calibrate(
    wearer: Annotated[str, typer.Option(help="Name of the wearer at the service; it is created if it does not exist.")],
    url: Url = DEFAULT_URL,
    stream: StreamName = None,
    port: GlovePort = None,
    letters: Annotated[str, typer.Option(help="Letters to calibrate, without separators; all by default.")] = "",
    model: Annotated[str | None, typer.Option(help="Model to calibrate; the service chooses by default.")] = None,
    countdown: Annotated[int, typer.Option(min=0, max=60, help="Seconds to count down after Enter.")] = 1,
    token_file: TokenFile = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for each request and each example.")
    ] = False,
) -> None:
    """Calibrate the service for a wearer.

    The command asks for one letter after the other, those first that are likely to be confused, until the examples
    suffice, and makes a profile of them. Examples of earlier sessions count.

    Enter takes the shape of the hand, r discards the last example, c calibrates with the examples so far, q quits; the
    examples are kept for the next time.
    """
    from contextlib import nullcontext, suppress

    from firmware_bridge.calibration_wizard.bridge_process import bridge_process
    from firmware_bridge.calibration_wizard.prompts import JsonPrompt, TerminalPrompt
    from firmware_bridge.calibration_wizard.wizard import CalibrationWizard
    from scaleglove.client import StreamError, command, find_stream
    from scaleglove.client.wearers import Wearer

    if port is not None and stream is not None:
        raise typer.BadParameter(
            "use either --port or --stream; --stream names the stream of a running bridge", param_hint="--port"
        )
    token = read_token(token_file)
    profile = Wearer(url, wearer, token, model)
    _refuse_unknown(letters, profile)
    prompt = JsonPrompt(sys.stdin) if json else TerminalPrompt(sys.stdin, countdown)
    with bridge_process(port, url, str(token_file) if token_file else None) if port else nullcontext() as bridge:

        def current_stream() -> str:
            return bridge.stream() if bridge is not None else find_stream(url, token, stream).stream

        def show(label: str | None) -> None:
            with suppress(StreamError):  # the user sees whether the hand shows it
                found = find_stream(url, token, current_stream())
                if "show" in found.commands:
                    command(url, "show", letter=label, stream=found.stream, token=token)

        def glove() -> str | None:
            with suppress(StreamError):  # the examples do not need the stream any more
                found = find_stream(url, token, current_stream())
                return None if found.glove_profile is None else found.glove
            return None

        current_stream()  # fails before the wearer is created, if there is no stream
        profile.create()
        calibrated = CalibrationWizard(profile, current_stream, prompt, letters, show, glove).run()
    if calibrated is None:
        typer.echo(f"{wearer} is not calibrated; the examples are kept", err=True)
        raise typer.Exit(1)
    _report(wearer, calibrated, json)


def _refuse_unknown(letters: str, wearer: Wearer) -> None:
    """Raise an error for letters that the model does not have."""
    known = wearer.labels() if letters else ()
    for letter in letters:
        if letter not in known:
            fault = f"{letter!r} is no label of the model; there are: {' '.join(known)}"
            raise typer.BadParameter(fault, param_hint="--letters")


def _report(wearer: str, calibrated: Calibrated, json: bool) -> None:
    if json:
        typer.echo('{"type":"calibrated",' + calibrated.model_dump_json()[1:])
        return
    typer.echo(f"profile {calibrated.version} of {wearer} for {calibrated.model}, made in {calibrated.seconds:.2f} s")
    if calibrated.before is None or calibrated.after is None:
        typer.echo("no letter has two examples, so the accuracy could not be measured")
        return
    typer.echo(
        f"accuracy on {calibrated.held_back} held-out examples: {calibrated.before.accuracy:.0%} before, "
        f"{calibrated.after.accuracy:.0%} with the profile"
    )
