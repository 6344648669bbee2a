"""The model life cycle on the command line: data, train, evaluate, export, quantize, predict, card, plot, bench.

A module for each part of the life; the rooms they need are imported only when such a command runs. `evaluate` is put
together in scaleglove/evaluate.py: one of its protocols asks the service's own decoder.
"""

from __future__ import annotations

import typer

from models.commands import artefacts, bench, cards, data, plots, training

app = typer.Typer()
for part in (training, artefacts, cards, plots):
    app.add_typer(part.app)
app.add_typer(data.app, name="data")
app.add_typer(bench.app, name="bench")
