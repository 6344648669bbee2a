"""Guided calibration, simulated on the recordings of a collection that the network was not trained on.

    python -m benchmarks.streams.guided FOLDER

The study prints how many examples a guided wearer needs. In each session a wearer is asked for letters and gives a
random episode of each, or one in a style not shown yet where another style is asked for. The remaining episodes are the
test set, letters only (no rest, no rejection). Compared are

- random letters;
- round robin, any style: 3 examples of each letter (72) are the baseline;
- round robin, another style each time;
- guided (`models/adaptation/example_selection.py`), another style each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from benchmarks.report import NOTHING
from benchmarks.trained_networks import load, trained
from models.adaptation.example_selection import RESTS, ExampleSelector
from models.adaptation.open_set import REST, OpenSetReference
from models.cli.options import DEFAULT_MODEL, Epochs, Folder, make_recipe, read_recordings
from models.data.dataset import HoldOut, Recording
from models.runtime.artefact import Outputs
from scaleglove.letters import LETTERS
from service.inference.engine import Model

COUNTS: Final = (24, 30, 36, 42, 48, 54, 60, 66, 72)
RANDOM, ROBIN, ROBIN_ANOTHER, GUIDED = "random", "round robin", "round robin, another style", "guided, another style"
METHODS: Final = (RANDOM, ROBIN, ROBIN_ANOTHER, GUIDED)
OTHER_STYLE: Final = {ROBIN_ANOTHER, GUIDED}


@dataclass(frozen=True, slots=True)
class Session:
    """Indices of the recordings that a guided wearer gave, in order."""

    taken: list[int]
    used_up: bool
    """Whether the session ended because all recordings of the requested letter were used up."""


def next_recording(
    recordings: Sequence[Recording], order: Iterable[int], label: int, taken: Sequence[int], *, other_style: bool
) -> int | None:
    """Return the index of the first recording of a letter in this order that is not taken, or None if all are.

    With `other_style` it is one in a style not taken yet, as far as there is one.
    """
    left = [index for index in order if recordings[index].label == label and index not in taken]
    shown = {recordings[index].bend for index in taken if recordings[index].label == label} if other_style else set()
    fresh = [index for index in left if recordings[index].bend not in shown]
    return next(iter(fresh or left), None)


def guided(
    recordings: Sequence[Recording], embeddings: np.ndarray, rests: np.ndarray, selector: ExampleSelector
) -> Session:
    """Return the session in which a wearer gives recordings until the selector asks for no more.

    How many it asks for depends on the embeddings. The session also ends where all recordings of the requested letter
    are taken: none is given twice, since an exact copy would only make the selector confident of its own reference.

    Args:
        embeddings: float32[n, m] of the recordings.
        rests: float32[k, m] of windows of rest, which are given first.
    """
    taken: list[int] = []
    while True:
        labels = [REST] * len(rests) + [recordings[index].label for index in taken]
        label = selector.suggest(np.concatenate([rests, embeddings[taken]]), labels).label
        if label is None:
            return Session(taken, used_up=False)
        index = next_recording(recordings, range(len(recordings)), label, taken, other_style=True)
        if index is None:
            return Session(taken, used_up=True)
        taken.append(index)


class Wearer:
    """The recordings of one collection, and a network's outputs for them."""

    def __init__(self, recordings: Sequence[Recording], model: Model) -> None:
        assert model.reference is not None
        self.recordings = recordings
        self.labels = np.array([recording.label for recording in recordings])
        outputs = Outputs.join([model.run_windows([recording.samples]) for recording in recordings])
        self.probabilities, self.embeddings = outputs.probabilities, outputs.embedding
        self.prototypes = model.reference

    def accuracy(self, taken: Sequence[int]) -> float:
        """Return the accuracy in percent on all other recordings, after these examples."""
        rest = np.setdiff1d(np.arange(len(self.labels)), taken)
        labels = self.labels[taken].tolist()
        own = self.prototypes
        reference = OpenSetReference.of(self.embeddings[taken], labels, own.classes, own.class_spacing)
        log_scores = reference.log_scores(self.probabilities[rest], self.embeddings[rest])[:, :-1]
        return 100 * float((log_scores.argmax(axis=1) == self.labels[rest]).mean())


def calibrate(wearer: Wearer, method: str, seed: int) -> list[float]:
    """Return the accuracy at each of COUNTS in one session; NaN from where a letter's recordings are used up."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(wearer.labels)).tolist()
    selector = ExampleSelector(wearer.prototypes, enough=2.0, most=len(order))
    taken: list[int] = []
    found: list[float] = []
    while len(taken) < COUNTS[-1]:
        label = _requested(wearer, method, taken, selector, rng)
        index = next_recording(wearer.recordings, order, label, taken, other_style=method in OTHER_STYLE)
        if index is None:
            break
        taken.append(index)
        if len(taken) in COUNTS:
            found.append(wearer.accuracy(taken))
    return found + [np.nan] * (len(COUNTS) - len(found))


def _requested(
    wearer: Wearer, method: str, taken: Sequence[int], selector: ExampleSelector, rng: np.random.Generator
) -> int:
    """Return the label of the next letter to ask for."""
    if method == RANDOM:
        return int(rng.integers(len(LETTERS)))
    if method != GUIDED:
        return len(taken) % len(LETTERS)
    rests = np.zeros((RESTS, wearer.embeddings.shape[1]), np.float32)  # asked for first, and no letters
    shown = np.concatenate([rests, wearer.embeddings[taken]])
    label = selector.suggest(shown, [REST] * RESTS + wearer.labels[taken].tolist()).label
    assert label is not None
    return label


def main(
    folder: Folder,
    draws: Annotated[int, typer.Option(min=1, help="sessions of each wearer and method")] = 10,
    epochs: Epochs = 30,
    runs: Annotated[Path, typer.Option(help="folder of trained networks", file_okay=False)] = Path("runs/streams"),
) -> None:
    """Simulate calibrations and print a table of accuracy by number of examples."""
    recipe = make_recipe(DEFAULT_MODEL, epochs, seed=0)
    recordings = read_recordings(folder, recipe)
    collections = sorted({recording.collection for recording in recordings})
    print(f"| wearer | letters asked for | {' | '.join(map(str, COUNTS))} |")
    print(f"|{'---|' * (len(COUNTS) + 2)}")
    every: dict[str, list[list[float]]] = {method: [] for method in METHODS}
    for collection in collections:
        model = load(trained(HoldOut(collections=(collection,)), recordings, recipe, runs))
        wearer = Wearer([recording for recording in recordings if recording.collection == collection], model)
        for method in METHODS:
            sessions = [calibrate(wearer, method, seed) for seed in range(draws)]
            every[method].append(mean_of(sessions))
            _print_row(collection, method, every[method][-1])
    for method in METHODS:
        _print_row("mean", method, mean_of(every[method]))


def mean_of(accuracies: Sequence[Sequence[float]]) -> list[float]:
    """Return the mean accuracy at each count, NaN where any session ended before it."""
    return np.mean(accuracies, axis=0).tolist()  # type: ignore[no-any-return]


def _print_row(wearer: str, method: str, accuracies: Sequence[float]) -> None:
    cells = (NOTHING if np.isnan(accuracy) else f"{accuracy:.1f}" for accuracy in accuracies)
    print(f"| {wearer} | {method} | {' | '.join(cells)} |")


if __name__ == "__main__":
    typer.run(main)
