"""Faithfulness of a prediction's importance, on windows that the network was not trained on.

    python -m benchmarks.model.faithfulness FOLDER --out faithfulness.json

For every network, seed and test part a network is trained on the rest, and its importance is compared, window by
window, with the occlusion of whole windows (`models.evaluation.faithfulness`). Test parts are the last two styles (bend
types) and the first collection: in the public recordings, none of those on which the definition was chosen (bend 1 and
collection_b).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import track

from models.cli.options import Epochs, Folder, make_recipe, read_recordings
from models.data.dataset import Recording, to_batch
from models.evaluation.faithfulness import (
    PROBABILITY,
    Figures,
    input_drive,
    occlusion,
    rank_correlation,
    top_agreement,
    window_means,
)
from models.networks.catalogue import NETWORKS
from models.networks.normaliser import Normaliser
from models.networks.scale_aware import Network
from models.training.recipe import Recipe
from models.training.training import fit, one_thread, tensors

SHORT_WINDOW = 10
OTHER_WINDOWS = 5
"""Number of other windows whose means replace a branch's output; the effects are averaged."""


@dataclass(frozen=True)
class Agreement:
    """Agreement of one importance with one occlusion, over the windows of one fit."""

    model: str
    test: str
    seed: int
    frames: int
    importance: str
    against: str
    rank_correlation: float
    same_top: float


@dataclass(frozen=True)
class Effect:
    """Effect of occlusion by scale, over the windows of one fit."""

    model: str
    test: str
    seed: int
    frames: int
    accuracy: float
    moved: tuple[float, ...]
    """Mean share of probability moved."""
    top: tuple[float, ...]
    """Share of windows in which the scale moves most."""
    still: float
    """Share of windows in which no scale moves a hundredth of the probability."""


def test_parts(recordings: Sequence[Recording]) -> dict[str, tuple[list[Recording], list[Recording]]]:
    """Return training and test part by name: the last two styles and the first collection, each left out."""
    bends = sorted({recording.bend for recording in recordings})[-2:]
    collection = min(recording.collection for recording in recordings)
    marks = {f"bend {bend}": [recording.bend == bend for recording in recordings] for bend in bends}
    marks[collection] = [recording.collection == collection for recording in recordings]
    return {
        name: (
            [r for r, tested in zip(recordings, mark, strict=True) if not tested],
            [r for r, tested in zip(recordings, mark, strict=True) if tested],
        )
        for name, mark in marks.items()
    }


def measure(
    fitted: tuple[Network, Normaliser], test: Sequence[Recording], recipe: Recipe, part: str, frames: int
) -> tuple[Effect, list[Agreement]]:
    """Return effects and agreements over the newest `frames` frames of every test recording."""
    network, normaliser = fitted
    batch = to_batch([r.samples[-frames:] for r in test], [r.label for r in test])
    x, padding, labels = tensors(normaliser, batch)
    with torch.inference_mode():
        probabilities, served, _ = network.explain(x, padding)
    effects = occlusion(network, x, padding)
    moved = effects[PROBABILITY]
    where = (recipe.model, part, recipe.seed, frames)
    effect = Effect(
        *where,
        accuracy=float((probabilities.argmax(dim=1) == labels).double().mean()),
        moved=tuple(moved.mean(axis=0).tolist()),
        top=tuple((np.bincount(moved.argmax(axis=1), minlength=moved.shape[1]) / len(moved)).tolist()),
        still=float((moved.max(axis=1) < 0.01).mean()),
    )
    measured = {
        "served": served.double().numpy(),
        "input drive": input_drive(network, x, padding),
        PROBABILITY: moved,  # the agreement of the occlusions bounds what an importance can reach
    }
    against = {**effects, "another window's mean": _swapped(network, x, padding)}
    agreements = [
        Agreement(*where, name, measure, float(rank_correlation(figures, truth).mean()), top_agreement(figures, truth))
        for name, figures in measured.items()
        for measure, truth in against.items()
        if measure != name
    ]
    return effect, agreements


def _swapped(network: Network, x: torch.Tensor, padding: torch.Tensor) -> Figures:
    means = window_means(network, x, padding)
    rng = np.random.default_rng(0)
    others = [torch.from_numpy(rng.permutation(len(x))) for _ in range(OTHER_WINDOWS)]
    return np.asarray(np.mean([occlusion(network, x, padding, means[other])[PROBABILITY] for other in others], axis=0))


def rows(agreements: Sequence[Agreement], effects: Sequence[Effect]) -> Iterable[str]:
    """Yield tables in Markdown: means over test parts and seeds, ± the standard deviation over all of them."""
    yield "| network | frames | importance | against | rank correlation | same top scale, % |"
    yield "|---|---|---|---|---|---|"
    for key in dict.fromkeys((a.model, a.frames, a.importance, a.against) for a in agreements):
        own = [a for a in agreements if (a.model, a.frames, a.importance, a.against) == key]
        rank, same = ([getattr(a, name) for a in own] for name in ("rank_correlation", "same_top"))
        yield (
            f"| {' | '.join(map(str, key))} | {np.mean(rank):.2f} ± {np.std(rank):.2f} "
            f"| {100 * np.mean(same):.0f} ± {100 * np.std(same):.0f} |"
        )
    yield ""
    yield "| network | tested on | frames | correct, % | moved without 3, 5, 7, % | moves most, % | none moves 1 %: % |"
    yield "|---|---|---|---|---|---|---|"
    for where in dict.fromkeys((e.model, e.test, e.frames) for e in effects):
        seeds = [e for e in effects if (e.model, e.test, e.frames) == where]
        moved, top = (
            ", ".join(f"{100 * share:.0f}" for share in np.mean([getattr(e, name) for e in seeds], axis=0))
            for name in ("moved", "top")
        )
        accuracy, still = (100 * np.mean([getattr(e, name) for e in seeds]) for name in ("accuracy", "still"))
        yield f"| {' | '.join(map(str, where))} | {accuracy:.1f} | {moved} | {top} | {still:.0f} |"


def main(
    folder: Folder,
    out: Annotated[Path | None, typer.Option(help="file to write all figures to, as JSON", dir_okay=False)] = None,
    model: Annotated[list[str] | None, typer.Option(help="a network; may be repeated (default: all)")] = None,
    epochs: Epochs = 40,
    seeds: Annotated[int, typer.Option(min=1, help="number of seeds: 0, 1, ...")] = 3,
) -> None:
    """Train, occlude and compare, and print tables in Markdown."""
    recipes = [make_recipe(name, epochs, seed) for name in model or NETWORKS for seed in range(seeds)]
    parts = test_parts(read_recordings(folder, recipes[0]))
    fits = [(recipe, part) for recipe in recipes for part in parts]
    console = Console(stderr=True)
    effects: list[Effect] = []
    agreements: list[Agreement] = []
    for recipe, part in track(fits, "training and occluding", console=console, disable=not console.is_terminal):
        train, test = parts[part]
        fitted = fit(train, recipe)
        with one_thread():
            for frames in (recipe.window_frames, SHORT_WINDOW):
                effect, found = measure(fitted, test, recipe, part, frames)
                effects.append(effect)
                agreements += found
    if out:
        figures = {"effects": [asdict(e) for e in effects], "agreements": [asdict(a) for a in agreements]}
        out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print("\n".join(rows(agreements, effects)))


if __name__ == "__main__":
    typer.run(main)
