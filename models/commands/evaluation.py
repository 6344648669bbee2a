"""`scaleglove evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from models.commands.options import DEFAULT_MODEL, Epochs, Folder, Json, ModelName, Seed, make_recipe
from models.commands.reading import read_recordings

if TYPE_CHECKING:
    from models.evaluation import Fold

app = typer.Typer()


@app.command()
def evaluate(
    folder: Folder,
    model: ModelName = DEFAULT_MODEL,
    epochs: Epochs = 40,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="file to write the report to, as JSON", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Train without and test on: a random part, each bend type, each collection; ExtraTrees beside the network."""
    from models.checkpoint import git_revision
    from models.evaluation import evaluate as run

    recipe = make_recipe(model, epochs, seed)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
    recordings = read_recordings(folder, recipe)
    errors = Console(stderr=True)

    def say(fold: Fold, result: dict[str, float]) -> None:
        errors.print(f"{fold.protocol}, {fold.name}: {result}", highlight=False, soft_wrap=True)

    protocols = run(recordings, recipe, say, progress=errors.is_terminal)
    report = {
        "command": f"scaleglove evaluate FOLDER --model {model} --epochs {epochs} --seed {seed}",
        "revision": git_revision(),
        "recipe": recipe.as_dict(),
        "accuracy_percent": protocols,
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if out:
        out.write_text(text + "\n", encoding="utf-8")
    if as_json:
        print(text)
    else:
        Console().print(_accuracy_table(protocols, model))


def _accuracy_table(protocols: dict[str, Any], model: str) -> Table:
    table = Table(title="accuracy in percent")
    for heading in ("protocol", "fold", "train", "test", model, "ExtraTrees"):
        table.add_column(heading)
    for protocol, result in protocols.items():
        for name, fold in result["folds"].items():
            table.add_row(protocol, name, *(str(fold[key]) for key in ("train", "test", model, "ExtraTrees")))
        table.add_row(protocol, "mean", "", "", str(result[model]), str(result["ExtraTrees"]), style="bold")
    return table
