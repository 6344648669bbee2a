"""Measurement of what examples are worth to a person never met: by the nearest example alone, in the metric that the
examples show, and with the direction of the hand.

    python -m benchmarks.model.people FOLDER --networks FOLDER [--vocabulary NAME] [--epochs N] [--together N]
                                      [--without-examples]

People are left out of a training, one or `--together` at a time, and judged: top letter in percent, the percentage that
is rejected, and the calibration error of the confidence that the service shows. "Nearest" is the rule of 0.2: distances
in the model's own metric, and for a person without examples the prototypes as examples. "Other session": the zero of
yaw is unknown, as it is until a stream has found it; "same session": it is that of the examples.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.trained_networks import trained
from models.adaptation.decision import probabilities_of
from models.adaptation.front_end import median_frame
from models.adaptation.open_set import OpenSetReference, Reference
from models.adaptation.scored import LogScores
from models.adaptation.sensor_fit import front_end_for, range_shapes
from models.adaptation.user_reference import Examples, UserReference
from models.adaptation.yaw_frame import yaw_of
from models.cli.options import DEFAULT_MODEL, make_recipe, read_training
from models.data.dataset import HoldOut, Recording
from models.evaluation.protocols import ANY_BEND, EACH_BEND, Known, folds
from models.evaluation.scores import Tally
from models.runtime.artefact import Artefact

SHOTS: Final = (1, 3, 5, 10)
EPOCHS: Final = 30
WINDOW: Final = 80

Windows = Sequence[NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Judged:
    """Answers to some windows: what they tally to, and how many of them are rejected."""

    tally: Tally
    rejected: int

    @classmethod
    def of(cls, reference: Reference, scores: LogScores, letters: NDArray[np.int64]) -> Judged:
        """Judge log-scores float64[n, labels + 1] of windows that show these letters."""
        probabilities = probabilities_of(reference, scores)
        rejected = int(np.sum(probabilities[:, -1] >= probabilities[:, :-1].max(axis=1)))
        named = probabilities[:, :-1] / probabilities[:, :-1].sum(axis=1, keepdims=True)
        return cls(Tally.of(named.astype(np.float32), letters.tolist()), rejected)


Row = tuple[str, str]
"""What is known of a person, and the rule."""


def judge_person(
    artefact: Artefact, person: str, recordings: Sequence[Recording], *, with_examples: bool = True
) -> Iterator[tuple[Row, Judged]]:
    """Yield the rows of a person whom the artefact does not know, several draws of most."""
    (fold,) = [each for each in folds(Known.of(recordings), 0) if each.name == f"test on {person}"]
    letters = np.array([recording.label for recording in recordings])
    assert artefact.reference is not None
    assert artefact.readings is not None
    reference, prototypes = artefact.reference, artefact.reference.prototypes
    outputs = artefact.run_windows([recordings[index].samples[-WINDOW:] for index in fold.test])
    for rule, known in (("nearest", prototypes), ("now", reference)):
        scores = known.log_scores(outputs.probabilities, outputs.embedding)
        yield ("nothing", rule), Judged.of(known, scores, letters[fold.test])
    for draw in fold.ranges:
        shapes = np.stack([median_frame(recordings[index].samples) for index in draw.unlabelled])
        seen = range_shapes(shapes, artefact.readings).front_end.apply
        outputs = artefact.run_windows([seen(recordings[index].samples[-WINDOW:]) for index in draw.test])
        for rule, known in (("nearest", prototypes), ("now", reference.ranged())):
            scores = known.log_scores(outputs.probabilities, outputs.embedding)
            yield ("its range", rule), Judged.of(known, scores, letters[draw.test])
    for chosen in fold.support_sets if with_examples else ():
        if chosen.support_from in {ANY_BEND, EACH_BEND}:
            name = f"{chosen.shots} of each letter, {'at random' if chosen.support_from == ANY_BEND else 'other ways'}"
            shown, test = ([recordings[index] for index in part] for part in (chosen.support, chosen.test))
            for rule, judged in _with_examples(artefact, shown, test):
                yield (name, rule), judged


def _with_examples(
    artefact: Artefact, shown: Sequence[Recording], test: Sequence[Recording]
) -> Iterator[tuple[str, Judged]]:
    labels, letters = [one.label for one in shown], np.array([one.label for one in test])
    front_end = front_end_for([one.samples for one in shown], labels, artefact.readings)
    embeddings = artefact.run_windows([front_end.apply(one.samples[-WINDOW:]) for one in shown]).embedding
    outputs = artefact.run_windows([front_end.apply(one.samples[-WINDOW:]) for one in test])
    yaws, of_test = (np.array([yaw_of(one.samples) for one in part]) for part in (shown, test))
    classes = len(artefact.contract.labels)
    nearest = OpenSetReference.of(embeddings, labels, classes)
    user = UserReference.of(Examples(embeddings, labels, yaws), classes)
    for rule, reference, known in (
        ("nearest", nearest, None), ("now, other session", user, None), ("now, same session", user, of_test)
    ):  # fmt: skip
        scores = reference.log_scores(outputs.probabilities, outputs.embedding, known)
        yield rule, Judged.of(reference, scores, letters)


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--networks", type=Path, required=True, help="folder in which trained networks are kept")
    parser.add_argument("--vocabulary", help="by default that of the recordings' labels")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--together", type=int, default=1, help="people that a network is trained without")
    parser.add_argument("--without-examples", action="store_true", help="judge what needs none alone")
    parser.add_argument("--most", type=int, default=99, help="people that are judged")
    arguments = parser.parse_args()
    recipe = make_recipe(DEFAULT_MODEL, arguments.epochs, seed=0)
    recipe, recordings = read_training(arguments.folder, recipe, arguments.vocabulary)
    people = sorted({recording.collection for recording in recordings})[: arguments.most]
    found: dict[Row, dict[str, list[Judged]]] = defaultdict(lambda: defaultdict(list))
    for begin in range(0, len(people), arguments.together):
        left_out = tuple(people[begin : begin + arguments.together])
        artefact = Artefact.load(trained(HoldOut(collections=left_out), recordings, recipe, arguments.networks))
        for person in left_out:
            for row, judged in judge_person(artefact, person, recordings, with_examples=not arguments.without_examples):
                found[row][person].append(judged)
    _print(found, people)


def _print(found: dict[Row, dict[str, list[Judged]]], people: Sequence[str]) -> None:
    print(f"| known of the person | rule | right, % | rejected, % | calibration error, % | {' | '.join(people)} |")
    print("|---" * (5 + len(people)) + "|")
    for (known, rule), by_person in found.items():
        tallies = {person: Tally.total(one.tally for one in judged) for person, judged in by_person.items()}
        every, answers = Tally.total(tallies.values()), [one for judged in by_person.values() for one in judged]
        rejected = 100 * sum(one.rejected for one in answers) / every.answers
        right = np.mean([tally.accuracy for tally in tallies.values()])
        cells = " | ".join(f"{tallies[person].accuracy:.1f}" for person in people)
        print(
            f"| {known} | {rule} | {right:.1f} | {rejected:.1f} | {every.calibration_error:.1f} | {cells} |", flush=True
        )


if __name__ == "__main__":
    main()
