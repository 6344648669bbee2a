"""Commands of the model life cycle: data, train, export, quantize, prototypes, predict, card, plot.

The imports of a command run with it. `evaluate` is in benchmarks/evaluate.py, because one of its protocols uses the
service's decoder.
"""

from __future__ import annotations

import typer

from models.cli import (
    artefacts,
    data,
    training,
)

app = typer.Typer()
for part in (training, artefacts):
    app.add_typer(part.app)
app.add_typer(data.app, name="data")
