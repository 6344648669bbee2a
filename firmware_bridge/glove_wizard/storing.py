"""Storing what a check found at the service: the glove's profile, and the board by which it is known again."""

from __future__ import annotations

import orjson
import typer

from firmware_bridge.glove_wizard.session import Shown
from models.adaptation.glove_profile import Hand
from scaleglove.client import StreamError
from scaleglove.client.gloves import Glove
from scaleglove.usb_identity import serial_number_of


def store(glove: Glove, shown: Shown, hand: Hand, board: str | None, json: bool) -> None:
    """Make the glove's next profile of the steps, tie it to its `board`, and print both.

    Raises:
        StreamError: the service cannot be reached or refuses the profile. That it is not tied is printed.
    """
    glove.create()
    profile = glove.calibrate({str(step): frames for step, frames in shown.items()}, hand)
    fault = _tie(glove, board)
    if json:
        code = None if fault is None else fault.code
        stored = {"type": "stored", "glove": glove.name, "version": profile.version, "usb": board, "not_tied": code}
        typer.echo(orjson.dumps(stored).decode())
        return
    typer.echo(f"profile {profile.version} of {glove.name} is stored")
    if fault is None:
        typer.echo(f"a bridge uses it by the serial number of its board ({board})")
    else:
        typer.echo(f"scaleglove bridge --glove {glove.name} uses it: {fault.detail}")


def _tie(glove: Glove, board: str | None) -> StreamError | None:
    """Tie a glove to its board; return why it is not tied."""
    if board is None:
        return StreamError("no_usb", "by itself no bridge knows it, since it is not on USB")
    if serial_number_of(board) is None:
        detail = f"its board ({board}) has no USB serial number, as most with a CH340"
        return StreamError("no_serial_number", detail)
    try:
        glove.tie(board)
    except StreamError as error:
        return error
    return None
