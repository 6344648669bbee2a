"""How many examples a guided wearer needs, simulated on recordings of a collection that the network never saw.

    python -m benchmarks.streams.guided_examples FOLDER

She is asked for a letter and gives an episode of it at random, or one in a way of holding it that she has not shown
yet, where she is asked for another way. The rest of her episodes is tested, letters alone (no rest, no rejection).
Compared:

- letters at random;
- round robin, any way: what 3 of each letter (72) give is the bar;
- round robin, each time in another way;
- guided (`models/adaptation/example_selection.py`), each time in another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from benchmarks.streams.networks import load, trained
from models.adaptation.example_selection import RESTS, ExampleSelector
from models.adaptation.open_set import REJECT, REST, OpenSetReference
from models.cli.options import (
    DEFAULT_MODEL,
    Epochs,
    Folder,
    make_recipe,
    read_recordings,
)
from models.data.dataset import HoldOut, Recording
from models.runtime.artefact import Outputs
from scaleglove.letters import LETTERS
from service.inference.engine import Model

COUNTS: Final = (24, 30, 36, 42, 48, 54, 60, 66, 72)
RANDOM, ROBIN, ROBIN_ANOTHER, GUIDED = "at random", "round robin", "round robin, another way", "guided, another way"
WAYS: Final = (RANDOM, ROBIN, ROBIN_ANOTHER, GUIDED)
ANOTHER_WAY: Final = {ROBIN_ANOTHER, GUIDED}


class Wearer:
    """The episodes of one collection, and what a network makes of them."""

    def __init__(self, recordings: Sequence[Recording], model: Model) -> None:
        assert model.reference is not None
        self.labels = np.array([recording.label for recording in recordings])
        self.bends = np.array([recording.bend for recording in recordings])
        outputs = Outputs.join([model.run_windows([recording.samples]) for recording in recordings])
        self.probabilities, self.embeddings = outputs.probabilities, outputs.embedding
        self.prototypes = model.reference

    def accuracy(self, taken: Sequence[int]) -> float:
        """Percent of all the other episodes, after these examples."""
        rest = np.setdiff1d(np.arange(len(self.labels)), taken)
        labels = self.labels[taken].tolist()
        reference = OpenSetReference.of(self.embeddings[taken], labels, self.prototypes.class_spacing)
        log_scores = reference.log_scores(self.probabilities[rest], self.embeddings[rest])[:, :REJECT]
        return 100 * float((log_scores.argmax(axis=1) == self.labels[rest]).mean())


def calibrate(wearer: Wearer, way: str, seed: int) -> list[float]:
    """Accuracy at each of COUNTS in one session."""
    rng = np.random.default_rng(seed)
    left = rng.permutation(len(wearer.labels)).tolist()
    guide = ExampleSelector(wearer.prototypes, enough=2.0, most=len(left))
    taken: list[int] = []
    found: list[float] = []
    while len(taken) < COUNTS[-1]:
        letter = _asked(wearer, way, taken, guide, rng)
        there = [place for place in left if wearer.labels[place] == letter]
        shown = {wearer.bends[place] for place in taken if wearer.labels[place] == letter}
        fresh = [place for place in there if wearer.bends[place] not in shown]
        place = (fresh if fresh and way in ANOTHER_WAY else there)[0]
        left.remove(place)
        taken.append(place)
        if len(taken) in COUNTS:
            found.append(wearer.accuracy(taken))
    return found


def _asked(wearer: Wearer, way: str, taken: Sequence[int], guide: ExampleSelector, rng: np.random.Generator) -> int:
    if way == RANDOM:
        return int(rng.integers(len(LETTERS)))
    if way != GUIDED:
        return len(taken) % len(LETTERS)
    rests = np.zeros((RESTS, wearer.embeddings.shape[1]), np.float32)  # they are asked for first, and are no letter
    shown = np.concatenate([rests, wearer.embeddings[taken]])
    label = guide.suggest(shown, [REST] * RESTS + wearer.labels[taken].tolist()).label
    assert label is not None
    return label


def main(
    folder: Folder,
    draws: Annotated[int, typer.Option(min=1, help="sessions of each wearer and way")] = 10,
    epochs: Epochs = 30,
    runs: Annotated[Path, typer.Option(help="where trained networks are kept", file_okay=False)] = Path("runs/streams"),
) -> None:
    """Simulate calibrations and print a table."""
    recipe = make_recipe(DEFAULT_MODEL, epochs, seed=0)
    recordings = read_recordings(folder, recipe)
    collections = sorted({recording.collection for recording in recordings})
    print(f"| wearer | letters asked for | {' | '.join(map(str, COUNTS))} |")
    print(f"|{'---|' * (len(COUNTS) + 2)}")
    every: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    for collection in collections:
        model = load(trained(HoldOut(collections=(collection,)), recordings, recipe, runs))
        wearer = Wearer([recording for recording in recordings if recording.collection == collection], model)
        for way in WAYS:
            sessions = [calibrate(wearer, way, seed) for seed in range(draws)]
            every[way].append(np.mean(sessions, axis=0).tolist())
            _row(collection, way, every[way][-1])
    for way in WAYS:
        _row("mean", way, np.mean(every[way], axis=0).tolist())


def _row(wearer: str, way: str, accuracy: Sequence[float]) -> None:
    print(f"| {wearer} | {way} | {' | '.join(f'{figure:.1f}' for figure in accuracy)} |")


if __name__ == "__main__":
    typer.run(main)
