"""Measurement of a trunk that both gloves share: what the hands of one glove teach about people never met of the other.

    python -m benchmarks.model.shared_trunk KOREAN_FOLDER AMERICAN_FOLDER [--seeds N] [--together N] [--most N]

A small network on held shapes (the encoding of the served one, two layers, a head for each vocabulary) is trained on
the hands of one glove alone, and on those of both, with as many steps on its own glove. All hands are brought to one
range, so that both gloves speak of the same unit. Collections are left out one at a time, people `--together` at a
time, and judged: ranged by the shapes of `evaluate`, and with examples in a metric of the trunk's output. *No trunk*:
the encoding itself, in a metric of the hands of one glove or of both.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from models.adaptation.front_end import median_frame
from models.adaptation.sensor_fit import front_end_for, range_shapes
from models.adaptation.training_readings import TrainingReadings
from models.adaptation.user_reference import Examples, UserReference
from models.cli.options import DEFAULT_MODEL, make_recipe, read_training
from models.data.dataset import Augmentation, Recording, are_many_people
from models.data.ranges import COUNTS, Range, Ranges
from models.evaluation.protocols import ANY_BEND, CROSS_USER, Fold, Known, folds
from models.export.measure_prototypes import readings_of
from models.networks.encoded import BINS, Encoding
from models.networks.normaliser import Normaliser
from models.training.metric import fit_metric
from models.training.training import one_thread
from scaleglove.channels import ANGLES, DROPPED_FLEX_BELOW, FLEX

STANDARD: Final = Range(np.full(5, 800.0), np.full(5, 60.0))
"""The range that every hand is brought to, in counts."""
SHOTS: Final = (1, 3, 5)
DRAWS: Final = 2
STEPS: Final = 1500
BATCH: Final = 128
RATE: Final = 3e-3
WIDTHS: Final = (128, 64)
DROPPED: Final = 0.2
NEWEST: Final = 10
RANGE_NOISE: Final = 0.1
"""Deviation of a training shape's gains, and of its offsets in deviations of the range: no user is ranged exactly."""

Frames = NDArray[np.float32]
Embed = Callable[[Frames], tuple[Frames, Frames]]
"""From shapes float32[n, 8] to probabilities float32[n, letters] and embeddings float32[n, m]."""


@dataclass(frozen=True)
class Hands:
    """Recordings of the training's people of one glove, in the standard range, a shape float32[n, 8] of each, its
    letter int64[n], how many letters the vocabulary has, and the common range of the people as they are read."""

    recordings: Sequence[Recording]
    shapes: Frames
    letters: NDArray[np.int64]
    classes: int
    common: Range

    @classmethod
    def of(cls, recordings: Sequence[Recording], classes: int) -> Hands:
        """Bring every collection to the standard range."""
        ranges = Ranges.of([one.samples for one in recordings], [one.collection for one in recordings])
        found = [
            replace(one, samples=ranges.of_collections[one.collection].to(STANDARD, one.samples)) for one in recordings
        ]
        shapes = np.stack([shape_of(one.samples) for one in found])
        return cls(found, shapes, np.array([one.label for one in found], np.int64), classes, ranges.common)

    def standard(self, recording: Recording) -> Frames:
        """Return the frames of a person of whom nothing is known in the standard unit."""
        return self.common.to(STANDARD, recording.samples)

    @property
    def readings(self) -> TrainingReadings:
        """What a user is ranged by: in the standard unit, which is taken for counts."""
        counted = [replace(one, unit=COUNTS) for one in self.recordings]
        return readings_of(counted, of_many=are_many_people(counted))


def shape_of(frames: Frames) -> Frames:
    """Return the shape float32[8] that the newest frames of float32[n, 8] hold."""
    return median_frame(frames[-NEWEST:])


def in_contact(recordings: Sequence[Recording]) -> list[Recording]:
    """Return the recordings with the usual reading of the collection where a flex sensor has lost contact: zeros have
    no place in a range."""
    every: dict[str, list[Frames]] = defaultdict(list)
    for one in recordings:
        every[one.collection].append(one.samples[:, FLEX])
    usual = {name: _usual(np.concatenate(flex)) for name, flex in every.items()}
    found = []
    for one in recordings:
        samples = one.samples.copy()
        samples[:, FLEX] = np.where(samples[:, FLEX] < DROPPED_FLEX_BELOW, usual[one.collection], samples[:, FLEX])
        found.append(replace(one, samples=samples))
    return found


def _usual(flex: Frames) -> Frames:
    medians: Frames = np.nanmedian(np.where(flex < DROPPED_FLEX_BELOW, np.nan, flex), axis=0)
    return medians


class Trunk(nn.Module):
    """Encoding without yaw, two layers, and a head for each vocabulary."""

    def __init__(self, hands: Sequence[Hands]) -> None:
        super().__init__()
        shapes = np.concatenate([each.shapes for each in hands])
        self.normaliser = Normaliser.fit([shapes])
        self.encoding = Encoding()
        fitted = (self.normaliser.apply(shapes), self.normaliser.gain, self.normaliser.offset)
        self.encoding.fit(*map(torch.from_numpy, fitted))
        first, last = WIDTHS
        self.layers = nn.Sequential(
            nn.Linear(self.encoding.size - BINS, first), nn.BatchNorm1d(first), nn.ReLU(), nn.Dropout(DROPPED),
            nn.Linear(first, last), nn.BatchNorm1d(last), nn.ReLU(),
        )  # fmt: skip
        self.heads = nn.ModuleList(nn.Linear(last, each.classes) for each in hands)

    def encode(self, shapes: Frames) -> Tensor:
        """Return the encoding of shapes float32[n, 8], without yaw."""
        encoded: Tensor = self.encoding(torch.from_numpy(self.normaliser.apply(shapes)))[:, :-BINS]
        return encoded

    def forward(self, shapes: Frames) -> Tensor:
        """Return the trunk's output float[n, m]."""
        kept = functional.dropout(self.encode(shapes), DROPPED, self.training)
        features: Tensor = self.layers(kept)
        return features


def train(hands: Sequence[Hands], seed: int, steps: int = STEPS) -> Trunk:
    """Train a trunk on the hands of some gloves, a batch of each in every step."""
    torch.manual_seed(seed)
    rng, trunk = np.random.default_rng(seed), Trunk(hands)
    optimizer = torch.optim.AdamW(trunk.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=steps)
    for _ in range(steps):
        loss = torch.zeros(())
        for each, head in zip(hands, trunk.heads, strict=True):
            drawn = rng.integers(len(each.shapes), size=BATCH)
            logits = head(trunk(_disturbed(each.shapes[drawn], rng)))
            targets = torch.from_numpy(each.letters[drawn])
            loss = loss + functional.cross_entropy(logits, targets, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return trunk.eval()


def _disturbed(shapes: Frames, rng: np.random.Generator) -> Frames:
    amounts, out = Augmentation(), shapes.astype(np.float64)
    gain, offset = (rng.normal(0, RANGE_NOISE, (len(shapes), 5)) for _ in range(2))
    out[:, FLEX] = (1 + gain) * (out[:, FLEX] - STANDARD.mean) + STANDARD.mean + offset * STANDARD.deviation
    out[:, FLEX] += rng.normal(0, amounts.flex_offset, (len(shapes), 5))
    out[:, ANGLES] += rng.normal(0, amounts.angle_offset, (len(shapes), 3))
    return out.astype(np.float32)


def by_trunk(trunk: Trunk, hands: Sequence[Hands], head: int) -> Embed:
    """Return the answers of one head, and the trunk's output in a metric of all hands as embeddings."""
    with torch.inference_mode():
        metric = _metric([trunk(each.shapes) for each in hands], hands)

    def embed(shapes: Frames) -> tuple[Frames, Frames]:
        with torch.inference_mode():
            features = trunk(shapes)
            return trunk.heads[head](features).softmax(dim=1).numpy(), (features @ metric).numpy()

    return embed


def by_encoding(trunk: Trunk, hands: Sequence[Hands], classes: int) -> Embed:
    """Return no opinion, and the encoding in a metric of all hands as embeddings."""
    with torch.inference_mode():
        metric = _metric([trunk.encode(each.shapes) for each in hands], hands)

    def embed(shapes: Frames) -> tuple[Frames, Frames]:
        with torch.inference_mode():
            return np.full((len(shapes), classes), 1 / classes, np.float32), (trunk.encode(shapes) @ metric).numpy()

    return embed


def _metric(features: Sequence[Tensor], hands: Sequence[Hands]) -> Tensor:
    first = np.cumsum([0, *(each.classes for each in hands[:-1])])
    letters = np.concatenate([each.letters + begin for each, begin in zip(hands, first, strict=True)])
    shown, places = np.unique(letters, return_inverse=True)
    assert len(shown) > 1
    return fit_metric(torch.cat(list(features)), torch.from_numpy(places))


def judge(embed: Embed, own: Hands, fold: Fold, recordings: Sequence[Recording]) -> Iterator[tuple[str, float]]:
    """Yield what is known of the person of a fold, and the percentage of letters that are right, draw by draw."""
    readings = own.readings
    for drawn in fold.ranges[:DRAWS]:
        seen = range_shapes(np.stack([median_frame(own.standard(recordings[at])) for at in drawn.unlabelled]), readings)
        test = np.stack([shape_of(seen.front_end.apply(own.standard(recordings[at]))) for at in drawn.test])
        yield "ranged", _right(embed(test)[0], recordings, drawn.test)
    for chosen in fold.support_sets:
        if chosen.support_from != ANY_BEND or chosen.shots not in SHOTS:
            continue
        shown = [recordings[at] for at in chosen.support]
        labels = [one.label for one in shown]
        front_end = front_end_for([own.standard(one) for one in shown], labels, readings)
        support, test = (
            np.stack([shape_of(front_end.apply(own.standard(recordings[at]))) for at in part])
            for part in (chosen.support, chosen.test)
        )
        reference = UserReference.of(Examples(embed(support)[1], labels), own.classes)
        yield (
            f"{chosen.shots} of each letter",
            _right(reference.log_scores(*embed(test))[:, :-1], recordings, chosen.test),
        )


def _right(scores: NDArray[np.floating], recordings: Sequence[Recording], at: NDArray[np.int64]) -> float:
    return 100 * float(np.mean(scores.argmax(axis=1) == [recordings[index].label for index in at]))


Rows = dict[tuple[str, str, str], dict[str, list[float]]]
"""By glove, what is known and arm: percentages of each person."""


def measure(gloves: Sequence[tuple[str, Sequence[Recording], int, int]], seeds: int, most: int) -> Rows:
    """Leave out the people of each glove, name, recordings, letters and how many people together, and judge them."""
    rows: Rows = defaultdict(lambda: defaultdict(list))
    for number, (name, recordings, classes, together) in enumerate(gloves):
        (other,) = [Hands.of(every, letters) for at, (_, every, letters, _) in enumerate(gloves) if at != number]
        by_person = {fold.name: fold for fold in folds(Known.of(recordings), 0) if fold.protocol == CROSS_USER}
        people = sorted({one.collection for one in recordings})[:most]
        for begin in range(0, len(people), together):
            left_out = people[begin : begin + together]
            own = Hands.of([one for one in recordings if one.collection not in left_out], classes)
            for seed in range(seeds):
                alone, both = train([own], seed), train([own, other], seed)
                arms = {
                    "own glove": by_trunk(alone, [own], 0),
                    "both gloves": by_trunk(both, [own, other], 0),
                    "no trunk, own glove": by_encoding(alone, [own], classes),
                    "no trunk, both gloves": by_encoding(both, [own, other], classes),
                }
                for arm, embed in arms.items():
                    for person in left_out:
                        for known, right in judge(embed, own, by_person[f"test on {person}"], recordings):
                            rows[name, known, arm][person].append(right)
            print(f"{name}: without {', '.join(left_out)}", flush=True)
    return rows


def _print(rows: Rows) -> None:
    print("| glove | known of the person | trained on | right, % | person by person |\n|---|---|---|---|---|")
    for (name, known, arm), by_person in rows.items():
        if known == "ranged" and arm.startswith("no trunk"):
            continue
        means = [np.mean(found) for found in by_person.values()]
        print(f"| {name} | {known} | {arm} | {np.mean(means):.1f} | {', '.join(f'{mean:.0f}' for mean in means)} |")


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("korean", type=Path, help="folder of recordings of Korean letters")
    parser.add_argument("american", type=Path, help="folder of recordings of American letters")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--together", type=int, default=3, help="people that a trunk is trained without")
    parser.add_argument("--most", type=int, default=99, help="people of each glove that are judged")
    arguments = parser.parse_args()
    gloves = []
    for name, folder, together in (
        ("korean", arguments.korean, 1),
        ("american", arguments.american, arguments.together),
    ):
        recipe, recordings = read_training(folder, make_recipe(DEFAULT_MODEL, 1, seed=0), name)
        gloves.append((name, in_contact(recordings), len(recipe.vocabulary.names), together))
    with one_thread():
        _print(measure(gloves, arguments.seeds, arguments.most))


if __name__ == "__main__":
    main()
