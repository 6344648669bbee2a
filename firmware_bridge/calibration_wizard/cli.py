"""The command `calibrate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scaleglove.letters import LETTERS

if TYPE_CHECKING:
    from scaleglove.client.wearers import Calibrated

app = typer.Typer()


@app.command()
def calibrate(
    wearer: Annotated[str, typer.Option(help="Her name at the service; made if nobody is called so.")],
    url: Annotated[str, typer.Option(help="Address of the service.")] = "http://127.0.0.1:8000",
    stream: Annotated[
        str | None, typer.Option(help="Her glove's stream there; not needed where it is the only one.")
    ] = None,
    port: Annotated[
        str | None, typer.Option(help="Her glove's port, as for bridge, where no bridge runs; or auto.")
    ] = None,
    letters: Annotated[str, typer.Option(help="Only these letters.")] = "",
    model: Annotated[
        str | None, typer.Option(help="Model to calibrate; the service's own choice if not given.")
    ] = None,
    countdown: Annotated[int, typer.Option(min=0, max=60, help="Seconds counted down after Enter.")] = 1,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File that holds the service's token; if not given, SCALEGLOVE_TOKEN in the environment."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="A line of JSON for all that is asked and kept.")] = False,
) -> None:
    """Calibrate the service for a wearer.

    The command asks for one letter after the other, those first that are likely to be confused, until the examples
    suffice, and makes a profile of them. Examples of earlier sessions count.

    Enter takes the shape of the hand, r discards the last example, q quits; the examples are kept for the next time.
    """
    from contextlib import nullcontext

    from firmware_bridge.calibration_wizard.bridged import bridged
    from firmware_bridge.calibration_wizard.people import Program, Terminal
    from firmware_bridge.calibration_wizard.session import CalibrationSession
    from scaleglove.client.http import only_stream
    from scaleglove.client.wearers import Wearer

    for letter in letters:
        if letter not in LETTERS:
            fault = f"{letter!r} is no letter of the glove: {''.join(LETTERS)}"
            raise typer.BadParameter(fault, param_hint="--letters")
    if port is not None and stream is not None:
        raise typer.BadParameter("give a port, or the stream of a bridge that runs", param_hint="--port")
    token = None if token_file is None else token_file.read_text(encoding="utf-8", errors="replace")
    her = Wearer(url, wearer, token, model)
    person = Program(sys.stdin) if json else Terminal(sys.stdin, countdown)
    with bridged(port, url, str(token_file) if token_file else None) if port else nullcontext() as bridge:

        def stream_now() -> str:
            return bridge.stream() if bridge is not None else stream or only_stream(url, token)

        stream_now()  # nobody is asked for anything, or made, while there is no stream
        her.create()
        calibrated = CalibrationSession(her, stream_now, person, letters).run()
    if calibrated is None:
        typer.echo(f"{wearer} is not calibrated; what was shown is kept", err=True)
        raise typer.Exit(1)
    _tell(wearer, calibrated, json)


def _tell(wearer: str, calibrated: Calibrated, json: bool) -> None:
    if json:
        typer.echo('{"type":"calibrated",' + calibrated.model_dump_json()[1:])
        return
    typer.echo(f"profile {calibrated.version} of {wearer} for {calibrated.model}, made in {calibrated.seconds:.2f} s")
    if calibrated.before is None or calibrated.after is None:
        typer.echo("no letter has two examples: nothing could be held back to compare with")
        return
    typer.echo(
        f"of {calibrated.held_back} examples held back: {calibrated.before.accuracy:.0%} right before, "
        f"{calibrated.after.accuracy:.0%} with the profile"
    )
