"""Accuracy of INT8 weights: the float32 and the INT8 artefact of the same fits under every evaluation protocol.

    python -m benchmarks.model.quantised FOLDER --model MSCSGRU_ScaleAware_Encoded

For every fold of `models.evaluation.protocols` the network is trained once, exported and quantised, and both files are
evaluated through the artefact reader, exactly as `scaleglove evaluate` evaluates the network. With `--package` the
second is the integer package for a microcontroller, compiled for this computer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.report import as_table
from models.cli.options import (
    DEFAULT_MODEL,
    Epochs,
    Folder,
    Json,
    ModelName,
    Seed,
    make_recipe,
    read_recordings,
)
from models.data.dataset import Recording
from models.evaluation.artefacts import AGREED_AT, FLOAT32, INT8, Storing, as_artefact, as_package, compare
from models.evaluation.benchmark import compute, plan
from models.evaluation.job import Job, Result
from models.evaluation.networks import NetworkFamily
from models.evaluation.report import Report, make_report
from models.evaluation.tables import TITLES
from models.training.checkpoint import git_revision
from models.training.recipe import Recipe

SHORT = "10"
LIBRARIES = ("numpy", "torch", "lightning", "onnx", "onnxruntime")

Compared = tuple[Job, Result]


@dataclass(frozen=True)
class Row:
    """Accuracy in percent of the two artefacts under one protocol."""

    protocol: str
    float32: float
    int8: float

    @property
    def difference(self) -> float:
        """INT8 less float32 in percentage points."""
        return round(self.int8 - self.float32, 2)


def reports_of(found: Sequence[Compared], recordings: Sequence[Recording], command: str) -> dict[str, Report]:
    """Return the evaluation report of each artefact, by weights.

    Args:
        found: result of `compare` for every job, in the order of the plan.
        recordings: the evaluated recordings.
        command: the command that makes these reports.
    """
    versions = {name: version(name) for name in LIBRARIES}
    return {
        weights: make_report(
            [(job, result[weights]["result"]) for job, result in found],
            recordings,
            command,
            git_revision(),
            versions,
        )
        for weights in (FLOAT32, INT8)
    }


def rows(reports: dict[str, Report]) -> list[Row]:
    """Return a row for each protocol, and another with 10 frames for those that are evaluated at fewer frames."""
    one, other = (_protocols(reports[weights]) for weights in (FLOAT32, INT8))
    found = [Row(TITLES[name], one[name]["mean"], other[name]["mean"]) for name in TITLES if name in one]
    return found + [
        Row(f"{TITLES[name]}, {SHORT} frames", *(both[name]["by_frames"][SHORT]["mean"] for both in (one, other)))
        for name in TITLES
        if "by_frames" in one.get(name, {})
    ]


def summary(found: Sequence[Compared], reports: dict[str, Report]) -> dict[str, Any]:
    """Return the summary for JSON.

    It has rows with differences, `worst_difference` in percentage points, the mean size of the files, and how often the
    two predict the same letter, in percent of the test windows of all fits.
    """
    results = [result for _, result in found]
    windows = sum(result["windows"] for result in results)
    table = rows(reports)
    sizes = {weights: round(sum(r[weights]["bytes"] for r in results) / len(results)) for weights in (FLOAT32, INT8)}
    return {
        **{key: reports[FLOAT32][key] for key in ("command", "revision", "versions", "data", "seeds")},
        "rows": [asdict(row) | {"difference": row.difference} for row in table],
        "worst_difference": min(row.difference for row in table),
        "bytes": sizes | {"percent": round(100 * sizes[INT8] / sizes[FLOAT32], 1)},
        "windows": windows,
        "same_letter_percent": {
            str(seen): round(100 * sum(r["same_letter"][str(seen)] for r in results) / windows, 2) for seen in AGREED_AT
        },
    }


def _protocols(report: Report) -> Report:
    (family,) = report["families"].values()
    protocols: Report = family["protocols"]
    return protocols


def main(
    folder: Folder,
    model: ModelName = DEFAULT_MODEL,
    epochs: Epochs = 30,
    seed: Seed = 0,
    workers: Annotated[int, typer.Option(min=1, help="worker processes")] = 2,
    package: Annotated[
        bool, typer.Option("--package", help="integer package for a microcontroller in place of the INT8 artefact")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train, export, quantise, and evaluate both artefacts under every protocol."""
    recipe = make_recipe(model, epochs, seed)
    recordings = read_recordings(folder, recipe)
    found = _compare_all(recipe, recordings, workers, as_package if package else as_artefact)
    options = f"--model {model} --epochs {epochs} --seed {seed}{' --package' * package}"
    command = f"python -m benchmarks.model.quantised FOLDER {options}"
    summarised = summary(found, reports_of(found, recordings, command))
    if as_json:
        print(json.dumps(summarised, ensure_ascii=False, indent=1))
    else:
        Console().print(_table(summarised, title=f"{model}, seed {seed}: accuracy in percent"))


def _compare_all(recipe: Recipe, recordings: Sequence[Recording], workers: int, store: Storing) -> list[Compared]:
    jobs = plan([NetworkFamily(recipe)], recordings, [recipe.seed])
    console = Console(stderr=True)
    coming = track(
        compute(jobs, recordings, workers, partial(compare, recipe, store=store)),
        "training and comparing",
        total=len(jobs),
        console=console,
        disable=not console.is_terminal,
    )
    by_title = {job.title: result for job, result in coming}
    return [(job, by_title[job.title]) for job in jobs]


def _table(summarised: dict[str, Any], title: str) -> Table:
    same = ", ".join(f"{percent} % at {seen} frames" for seen, percent in summarised["same_letter_percent"].items())
    sizes = summarised["bytes"]
    caption = (
        f"files: {sizes[FLOAT32]} and {sizes[INT8]} bytes ({sizes['percent']} %); same letter: {same}, "
        f"of {summarised['windows']} windows"
    )
    rows_shown = [["protocol", "float32", "INT8", "difference"]]
    for row in summarised["rows"]:
        accuracies = (f"{row[weights]:.2f}" for weights in (FLOAT32, INT8))
        rows_shown.append([row["protocol"], *accuracies, f"{row['difference']:+.2f}"])
    return as_table(rows_shown, title, caption=caption)


if __name__ == "__main__":
    typer.run(main)
