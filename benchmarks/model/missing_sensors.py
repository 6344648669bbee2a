"""Measurement of gloves that lack a sensor: the served recipe beside networks trained for just such a glove.

    python -m benchmarks.model.missing_sensors FOLDER --networks FOLDER [--collection NAME] [--draws N]

Both are trained without the collection, on which they are judged: the windows of which the letter is named, in percent,
with nothing known, and with 1, 3 and 10 examples of each letter drawn at random. A network trained for just that sees
the missing channels of another recording in each, drawn at random, so that they carry no information.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.model.any_glove import EPOCHS, EXAMPLES, read_windows
from benchmarks.other_gloves import Frames
from benchmarks.trained_networks import trained
from models.adaptation.decision import log_scores
from models.adaptation.open_set import Reference
from models.adaptation.sensor_fit import front_end_for
from models.adaptation.training_readings import plain_front_end
from models.adaptation.user_reference import Examples, UserReference
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings
from models.data.dataset import HoldOut, Recording
from models.runtime.artefact import Artefact
from scaleglove.letters import LETTERS
from service.inference.missing_sensors import reference_without

MISSING: Final = {
    "none": (),
    "flex1": (0,),
    "flex2": (1,),
    "flex3": (2,),
    "flex4": (3,),
    "flex5": (4,),
    "motion sensor": (5, 6, 7),
}


def without(recordings: Sequence[Recording], missing: Sequence[int], seed: int = 0) -> list[Recording]:
    """Return the recordings with the missing channels of another one, drawn at random, in each."""
    order = np.random.default_rng(seed).permutation(len(recordings))
    return [
        replace(recording, samples=_exchanged(recording.samples, recordings[other].samples, missing))
        for recording, other in zip(recordings, order, strict=True)
    ]


def _exchanged(samples: Frames, other: Frames, missing: Sequence[int]) -> Frames:
    out = samples.copy()
    rows = np.arange(len(samples)) % len(other)
    out[:, list(missing)] = other[rows][:, list(missing)]
    return out


def measure(artefact: Artefact, windows: Sequence[Frames], labels: NDArray[np.int64], draws: int) -> list[float]:
    """Return the percentages named with nothing known and by the number of examples. Missing readings are NaN."""
    assert artefact.readings is not None
    missing = tuple(np.isnan(windows[0][0]).tolist())
    seen = [plain_front_end(artefact.readings).apply(window) for window in windows]
    outputs = artefact.run_windows(seen)
    reference = reference_without(artefact, artefact.readings, missing)
    row = [_named(reference, outputs.probabilities, outputs.embedding, labels)]
    for count in EXAMPLES:
        row.append(mean([_with_examples(artefact, windows, labels, count, seed) for seed in range(draws)]))
    return row


def _with_examples(
    artefact: Artefact, windows: Sequence[Frames], labels: NDArray[np.int64], count: int, seed: int
) -> float:
    rng = np.random.default_rng(seed)
    by_letter = [rng.permutation(np.flatnonzero(labels == letter))[:count] for letter in range(len(LETTERS))]
    shown = np.concatenate(by_letter)
    others = np.setdiff1d(np.arange(len(windows)), shown)
    front_end = front_end_for([windows[index] for index in shown], labels[shown].tolist(), artefact.readings)
    outputs = artefact.run_windows([front_end.apply(window) for window in windows])
    reference = UserReference.of(
        Examples(outputs.embedding[shown], labels[shown].tolist()), outputs.probabilities.shape[1]
    )
    return _named(reference, outputs.probabilities[others], outputs.embedding[others], labels[others])


def _named(
    reference: Reference | None,
    probabilities: NDArray[np.float32],
    embedding: NDArray[np.float32],
    labels: NDArray[np.int64],
) -> float:
    scores = log_scores(reference, probabilities, embedding)
    return 100 * float((scores[:, :-1].argmax(axis=1) == labels).mean())


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--networks", type=Path, required=True, help="folder in which trained networks are kept")
    parser.add_argument("--collection", default="collection_c")
    parser.add_argument("--draws", type=int, default=3)
    arguments = parser.parse_args()
    recipe = make_recipe(DEFAULT_MODEL, epochs=EPOCHS, seed=0)
    left_out = HoldOut(collections=(arguments.collection,))
    recordings = read_recordings(arguments.folder, recipe)
    windows, labels = read_windows(arguments.folder, arguments.collection, recipe.sample_rate_hz)
    served = Artefact.load(trained(left_out, recordings, recipe, arguments.networks))
    print("| missing | network | nothing known | 1 example | 3 examples | 10 examples |\n|---|---|---|---|---|---|")
    for name, missing in MISSING.items():
        given = [_lacking(window, missing) for window in windows]
        _print(name, "served recipe", measure(served, given, labels, arguments.draws))
        if missing:
            just_that = trained(left_out, without(recordings, missing), recipe, arguments.networks)
            _print(name, "for just that", measure(Artefact.load(just_that), given, labels, arguments.draws))


def _lacking(window: Frames, missing: Sequence[int]) -> Frames:
    out = window.copy()
    out[:, list(missing)] = np.nan
    return out


def _print(name: str, network: str, row: Sequence[float]) -> None:
    print(f"| {name} | {network} | {' | '.join(f'{each:.1f}' for each in row)} |", flush=True)


if __name__ == "__main__":
    main()
