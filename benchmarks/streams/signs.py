"""Benchmark of static and moving signs in continuous signing, by people whom the network has not seen.

python -m benchmarks.streams.signs FOLDER --page docs/reports/sign-stream-benchmark.md
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Final

import typer

from benchmarks.streams.profiles import embeddings
from benchmarks.streams.recognition import recognise_signs
from benchmarks.streams.sign_cases import Person, Signing, signing
from benchmarks.streams.sign_report import Measured, make_report, page
from benchmarks.streams.sign_scoring import SignScore
from benchmarks.trained_networks import load, trained
from models.adaptation.sensor_fit import front_end_for
from models.adaptation.user_reference import Examples, UserReference
from models.cli.options import Epochs, Folder, make_recipe, read_training
from models.data.dataset import HoldOut, Recording
from models.training.checkpoint import git_revision
from models.training.recipe import Recipe
from scaleglove.errors import ScaleGloveError
from service.inference.engine import Model
from service.inference.profile import Profile

RATES_HZ: Final = (50.0, 100.0)
SHOTS: Final = (1, 3)
ROUNDS: Final = 2
DRAWS: Final = 1
MODEL: Final = "MSCSGRU_ScaleAware_Moving"
"""The network whose embedding tells signs that move."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The network, where it is kept, and the number of folds of people."""

    recipe: Recipe
    folder: Path
    folds: int


def measure(recordings: Sequence[Recording], plan: Plan, workers: int) -> Iterator[Measured]:
    """Yield the score of each stream of each person."""
    people = sorted({recording.collection for recording in recordings})
    folds = [people[first :: plan.folds] for first in range(min(plan.folds, len(people)))]
    for fold in folds:  # trained one after another, before processes need them at once
        trained(HoldOut(collections=tuple(fold)), recordings, plan.recipe, plan.folder)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(workers) as pool:
        tasks = [pool.submit(measure_person, name, fold, recordings, plan) for fold in folds for name in fold]
        for task in tasks:
            yield from task.result()


def measure_person(name: str, fold: Sequence[str], recordings: Sequence[Recording], plan: Plan) -> list[Measured]:
    """Return the scores of a person's streams; none where recordings of some sign are missing."""
    model = load(trained(HoldOut(collections=tuple(fold)), recordings, plan.recipe, plan.folder))
    vocabulary = model.contract.vocabulary
    person = Person.of(name, recordings, vocabulary)
    if not person.is_whole:
        return []
    found = []
    for shots, rate_hz, draw in product(SHOTS, RATES_HZ, range(DRAWS)):
        made = signing(person, vocabulary, model.contract.sample_rate_hz, rate_hz, ROUNDS, shots, draw)
        profile = profile_of(model, name, made)
        recognised = recognise_signs(model, profile, made.stream)
        found.append(Measured(name, shots, rate_hz, SignScore.of(made.stream, recognised)))
    return found


def profile_of(model: Model, wearer: str, made: Signing) -> Profile:
    """Return the profile that the service makes of a person's examples."""
    front_end = front_end_for(made.examples, made.labels, model.readings)
    seen = embeddings(model, [front_end.apply(window) for window in made.examples])
    reference = UserReference.of(Examples(seen, made.labels), len(model.contract.labels))
    return Profile(wearer, 1, reference, None, front_end)


def main(
    folder: Folder,
    model: Annotated[str, typer.Option(help="network")] = MODEL,
    epochs: Epochs = 30,
    folds: Annotated[int, typer.Option(min=2, help="folds of people; a network is trained without each")] = 4,
    workers: Annotated[int | None, typer.Option(min=1)] = None,
    runs: Annotated[Path, typer.Option(help="folder for the trained networks")] = Path("runs/streams"),
    out: Annotated[Path | None, typer.Option(help="write the report as JSON")] = None,
    page_file: Annotated[Path | None, typer.Option("--page", help="write the report as a page")] = None,
) -> None:
    """Measure how well static and moving signs that follow each other are recognised."""
    recipe, recordings = read_training(folder, make_recipe(model, epochs, seed=0))
    measured = list(measure(recordings, Plan(recipe, runs, folds), workers or os.cpu_count() or 1))
    if not measured:
        raise ScaleGloveError(f"{folder}: nobody has two recordings or more of every sign")
    command = f"python -m benchmarks.streams.signs FOLDER --model {model} --epochs {epochs} --folds {folds}"
    report = make_report(measured, command, git_revision())
    for path, text in ((out, json.dumps(report, indent=1) + "\n"), (page_file, page(report))):
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    print(page(report))


if __name__ == "__main__":
    typer.run(main)
