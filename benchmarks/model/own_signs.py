"""Measurement of own signs: labels that a network was not trained on, taught by three examples each.

    python -m benchmarks.model.own_signs FOLDER --networks FOLDER [--model NAME] [--epochs N] [--folds N] [--signs N]

The people of each fold are left out of a training, and so are other labels for each fold: those are the own signs. Of
a person's recordings of every label, three drawn at random are examples; the others are judged, as the service does:

- own signs: the percentage recognised, where each was shown and no letter was, and where each letter was shown too;
- letters: the percentage recognised without the own signs, and beside them, in both cases.

A recording whose rejection is at least as probable as its best label is not recognised.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.trained_networks import trained
from models.adaptation.decision import log_scores
from models.adaptation.front_end import FrontEnd
from models.adaptation.open_set import REST, Reference
from models.adaptation.sensor_fit import front_end_for
from models.adaptation.user_reference import Examples
from models.cli.options import DEFAULT_MODEL, make_recipe, read_training
from models.data.dataset import HoldOut, Recording
from models.runtime.artefact import Artefact, Outputs
from models.training.recipe import Recipe
from scaleglove.vocabulary import Vocabulary
from service.wearers.own_signs import reference_of

SHOWS: Final = 3
EPOCHS: Final = 30
Frames = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Percent:
    """Percentages recognised of a person: of own signs, and of letters without and beside them."""

    signs: float
    letters_before: float
    letters_after: float


@dataclass(frozen=True, slots=True)
class Person:
    """Windows float32[n_i, 8] of one person, their classes (letters first, then own signs), and which are examples."""

    windows: Sequence[Frames]
    classes: NDArray[np.int64]
    shown: NDArray[np.bool_]

    @classmethod
    def of(cls, recordings: Sequence[Recording], order: Sequence[int], frames: int, rng: np.random.Generator) -> Person:
        """Draw the examples of each label; `order` gives the labels in the order of the classes."""
        classes = np.array([order.index(recording.label) for recording in recordings])
        shown = np.zeros(len(classes), bool)
        for each in np.unique(classes):
            shown[rng.permutation(np.flatnonzero(classes == each))[:SHOWS]] = True
        return cls([recording.samples[-frames:] for recording in recordings], classes, shown)


def measure(artefact: Artefact, person: Person, known: int, total: int, *, letters_shown: bool) -> Percent:
    """Return the percentages of a person with examples of own signs, with or without examples of letters."""
    of_letter = person.classes < known
    shown = person.shown & (letters_shown | ~of_letter)
    taught = np.flatnonzero(shown)
    marks = np.where(of_letter, person.classes, REST)[taught].tolist()
    front_end = front_end_for([person.windows[index] for index in taught.tolist()], marks, artefact.readings)
    outputs = artefact.run_windows([front_end.apply(window) for window in person.windows])
    examples = Examples(outputs.embedding[taught], person.classes[taught].tolist())
    reference = reference_of(examples, known, total, artefact.reference)
    right = _named(reference, outputs) == person.classes
    judged = ~person.shown
    before = _without_signs(artefact, front_end, outputs, person, shown & of_letter, known) == person.classes
    return Percent(
        signs=100 * float(right[judged & ~of_letter].mean()),
        letters_before=100 * float(before[judged & of_letter].mean()),
        letters_after=100 * float(right[judged & of_letter].mean()),
    )


def _without_signs(
    artefact: Artefact,
    front_end: FrontEnd,
    outputs: Outputs,
    person: Person,
    shown: NDArray[np.bool_],
    known: int,
) -> NDArray[np.int64]:
    """Return the classes of all windows by the examples `shown` of letters, or by the model's prototypes."""
    if not shown.any():
        return _named(artefact.reference, outputs)
    examples = Examples(outputs.embedding[shown], person.classes[shown].tolist())
    return _named(reference_of(examples, known, known, artefact.reference), outputs)


def _named(reference: Reference | None, outputs: Outputs) -> NDArray[np.int64]:
    """Return the class of each window; that of a rejected one is the number of classes."""
    named: NDArray[np.int64] = log_scores(reference, outputs.probabilities, outputs.embedding).argmax(axis=1)
    return named


def folds(
    recordings: Sequence[Recording], labels: int, number: int, signs: int
) -> Iterator[tuple[list[str], list[int]]]:
    """Yield the people and the own signs of each fold; signs differ from fold to fold as long as there are others."""
    people = sorted({recording.collection for recording in recordings})
    order = np.random.default_rng(0).permutation(labels)
    for fold in range(min(number, len(people))):
        yield people[fold::number], sorted(int(each) for each in np.roll(order, -fold * signs)[:signs])


def trained_without(
    recordings: Sequence[Recording], recipe: Recipe, people: Sequence[str], own: Sequence[int], networks: Path
) -> Artefact:
    """Return a network that knows neither these people nor these labels."""
    labels = recipe.vocabulary.labels
    kept = [index for index in range(len(labels)) if index not in own]
    vocabulary = Vocabulary(
        name=recipe.vocabulary.name,
        language=recipe.vocabulary.language,
        labels=tuple(labels[index] for index in kept),
    )
    known = [replace(each, label=kept.index(each.label)) for each in recordings if each.label in kept]
    recipe = replace(recipe, vocabulary=vocabulary)
    return Artefact.load(trained(HoldOut(collections=tuple(people)), known, recipe, networks))


def measure_person(
    artefact: Artefact, recordings: Sequence[Recording], order: Sequence[int], known: int, draws: int
) -> dict[bool, Percent]:
    """Return the mean percentages of a person over the draws, without and with examples of letters."""
    frames = artefact.contract.window_frames
    people = [Person.of(recordings, order, frames, np.random.default_rng(seed)) for seed in range(draws)]
    return {
        letters_shown: _mean(
            [measure(artefact, person, known, len(order), letters_shown=letters_shown) for person in people]
        )
        for letters_shown in (False, True)
    }


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--networks", type=Path, required=True, help="folder in which trained networks are kept")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--vocabulary", help="by default that of the recordings' labels")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--signs", type=int, default=8)
    parser.add_argument("--draws", type=int, default=3)
    arguments = parser.parse_args()
    recipe, recordings = read_training(
        arguments.folder, make_recipe(arguments.model, arguments.epochs, seed=0), arguments.vocabulary
    )
    names = recipe.vocabulary.names
    print("| person | own signs | letters shown | own signs, % | letters without, % | letters beside, % |")
    print("|---" * 6 + "|")
    found: list[dict[bool, Percent]] = []
    for people, own in folds(recordings, len(names), arguments.folds, arguments.signs):
        artefact = trained_without(recordings, recipe, people, own, arguments.networks)
        order = [index for index in range(len(names)) if index not in own] + own
        for person in people:
            mine = [recording for recording in recordings if recording.collection == person]
            found.append(measure_person(artefact, mine, order, len(names) - len(own), arguments.draws))
            _print(person, ", ".join(names[index] for index in own), found[-1])
    _print("mean", str(arguments.signs), {shown: _mean([each[shown] for each in found]) for shown in (False, True)})


def _mean(found: Sequence[Percent]) -> Percent:
    columns = np.array([(each.signs, each.letters_before, each.letters_after) for each in found]).mean(axis=0)
    return Percent(*(float(each) for each in columns))


def _print(person: str, signs: str, found: Mapping[bool, Percent]) -> None:
    for letters_shown, each in found.items():
        figures = f"{each.signs:.1f} | {each.letters_before:.1f} | {each.letters_after:.1f}"
        print(f"| {person} | {signs} | {'three times' if letters_shown else 'no'} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
