"""`scaleglove card`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def card(
    artefacts: Annotated[list[Path], typer.Argument(help="artefacts (.onnx)", exists=True, dir_okay=False)],
) -> None:
    """Write the card of an artefact.

    The file is beside the artefact and made from the artefact's metadata.
    """
    from models.evaluation.card import write_card

    for artefact in artefacts:
        print(write_card(artefact))
