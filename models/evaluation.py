"""How far a recipe carries: fitted without a part of the data, tested on that part.

Three splits: random (because the field reports it; near-copies of every test episode are in training), leave one bend
type out, and leave one collection out (a collection stands for a wearer). Nothing is fitted on what is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier

from models.contract import ScaleGloveError
from models.dataset import Recording, to_batch
from models.network import Network
from models.normaliser import Normaliser
from models.training import Recipe, fit, tensors

TEST_SHARE = 0.2
MIN_EPISODES = 2
_BATCH = 256


class EvaluationError(ScaleGloveError):
    """Recordings that nothing can be learned about."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One fit: `test` holds indices into the recordings, all others are for training."""

    protocol: str
    name: str
    test: NDArray[np.int64]


def folds(recordings: Sequence[Recording], seed: int) -> list[Fold]:
    """Every fold that the recordings allow: a protocol needs two bends, or two collections, to leave one out.

    Raises:
        EvaluationError: there is too little to learn from and to test on.
    """
    labels = np.array([recording.label for recording in recordings])
    letters, episodes = np.unique(labels, return_counts=True)
    if len(letters) < 2 or episodes.min() < MIN_EPISODES:
        raise EvaluationError(f"evaluation needs two letters or more, and {MIN_EPISODES} recordings of each or more")
    bends = np.array([recording.bend for recording in recordings])
    collections = np.array([recording.collection for recording in recordings])
    found = [Fold("random", f"{1 - TEST_SHARE:.0%} / {TEST_SHARE:.0%}", _random_test(labels, seed))]
    for protocol, groups in (("leave_one_bend_out", bends), ("leave_one_collection_out", collections)):
        if len(names := np.unique(groups)) > 1:
            found += [Fold(protocol, f"test on {name}", np.flatnonzero(groups == name)) for name in names]
    return found


def evaluate(
    recordings: Sequence[Recording], recipe: Recipe, on_fold: Callable[[Fold, dict[str, float]], None], progress: bool
) -> dict[str, Any]:
    """The evaluation report: accuracy in percent by protocol and fold, for the network and for ExtraTrees beside it."""
    report: dict[str, Any] = {}
    for fold in folds(recordings, recipe.seed):
        train, test = _split(recordings, fold)
        network, normaliser = fit(train, recipe, progress)
        result = {
            recipe.model: _percent(predict(network, normaliser, test, recipe.window_frames), test),
            "ExtraTrees": _percent(_extra_trees(train, test, recipe.seed), test),
            "train": len(train),
            "test": len(test),
        }
        report.setdefault(fold.protocol, {"folds": {}})["folds"][fold.name] = result
        on_fold(fold, result)
    for protocol in report.values():
        for model in (recipe.model, "ExtraTrees"):
            protocol[model] = round(float(np.mean([fold[model] for fold in protocol["folds"].values()])), 2)
    return report


def predict(
    network: Network, normaliser: Normaliser, recordings: Sequence[Recording], window_frames: int
) -> NDArray[np.int64]:
    """The most probable label of each recording's newest window."""
    answers = []
    with torch.inference_mode():
        for part in _batches(recordings):
            batch = to_batch([recording.samples[-window_frames:] for recording in part], [r.label for r in part])
            logits, _ = network(*tensors(normaliser, batch)[:2])
            answers.append(logits.argmax(dim=1).numpy())
    return np.concatenate(answers)


def _batches(recordings: Sequence[Recording]) -> Iterator[Sequence[Recording]]:
    for start in range(0, len(recordings), _BATCH):
        yield recordings[start : start + _BATCH]


def _random_test(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """A random fifth of each letter."""
    rng = np.random.default_rng(seed)
    chosen = [
        rng.permutation(indices)[: max(1, round(len(indices) * TEST_SHARE))]
        for indices in (np.flatnonzero(labels == label) for label in np.unique(labels))
    ]
    return np.sort(np.concatenate(chosen))


def _split(recordings: Sequence[Recording], fold: Fold) -> tuple[list[Recording], list[Recording]]:
    tested = set(fold.test.tolist())
    train = [recording for index, recording in enumerate(recordings) if index not in tested]
    return train, [recordings[index] for index in fold.test]


def _extra_trees(train: Sequence[Recording], test: Sequence[Recording], seed: int) -> NDArray[np.int64]:
    """The simple baseline: 300 trees on mean, standard deviation and median of each channel of the whole recording."""
    trees = ExtraTreesClassifier(n_estimators=300, random_state=seed, n_jobs=-1)
    trees.fit(_statistics(train), [recording.label for recording in train])
    answers: NDArray[np.int64] = trees.predict(_statistics(test))
    return answers


def _statistics(recordings: Sequence[Recording]) -> NDArray[np.float32]:
    samples = [recording.samples for recording in recordings]
    return np.stack([np.concatenate([s.mean(0), s.std(0), np.median(s, 0)]) for s in samples])


def _percent(answers: NDArray[np.int64], recordings: Sequence[Recording]) -> float:
    return round(100 * float(np.mean(answers == [recording.label for recording in recordings])), 2)
