"""Measurement of other gloves: a person that a model has not met, passed through other electronics and other mountings.

    python -m benchmarks.model.any_glove FOLDER [--artefact FILE] [--collection NAME] [--draws N] [--networks FOLDER]

For each glove: the windows of which the letter is named, and those of which it is also not rejected, in percent; with
nothing known, after a check of the glove, ranged from 48 shapes without labels, and with 1, 3 and 10 examples of each
letter drawn at random. There are no recordings of a check: its open hand and fist are the ends of each finger's range
in the collection (5th and 95th percentile), its poses are recordings of the letters ㅏ, ㅓ and ㅜ. The
collection must be one that the artefact was not trained on; examples and shapes are not among the windows judged. With
--networks the artefact is trained on the other collections, and kept in that folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.other_gloves import GLOVES, Frames, Glove
from benchmarks.trained_networks import trained
from models.adaptation.contact import HIGH, LOW, without_drop_outs
from models.adaptation.decision import log_scores
from models.adaptation.few_shot import softmax
from models.adaptation.front_end import FINGERS, FrontEnd
from models.adaptation.glove_check import FINGER_NAMES, GloveCheck, Step
from models.adaptation.glove_profile import GloveProfile, Hand, front_end_of, without_missing
from models.adaptation.open_set import Reference
from models.adaptation.sensor_fit import front_end_for, range_shapes
from models.adaptation.user_reference import Examples, UserReference
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings
from models.data.dataset import HoldOut
from models.runtime.artefact import Artefact
from models.runtime.held_shapes import judge_of
from scaleglove.channels import CHANNELS, FLEX
from scaleglove.letters import LETTERS
from scaleglove.recordings import load_folder
from scaleglove.resampling import resample
from scaleglove.vocabulary import load_vocabulary

FRAMES: Final = 20
SHAPES: Final = 48
EXAMPLES: Final = (1, 3, 10)
EPOCHS: Final = 30
"""As of the shipped artefacts."""
SHIPPED: Final = Path(__file__).parents[2] / "models" / "artefacts" / "MSCSGRU_ScaleAware_Encoded.onnx"

Percent = tuple[float, float]


def read_windows(folder: Path, collection: str, rate_hz: float) -> tuple[list[Frames], NDArray[np.int64]]:
    """Return the newest frames of each recording of a collection, and its letter."""
    episodes, _ = load_folder(folder)
    windows, labels = [], []
    for episode in episodes:
        samples = resample(episode.t_ms, episode.values, rate_hz)
        if episode.collection == collection and episode.label in LETTERS and len(samples) >= FRAMES:
            windows.append(samples[-FRAMES:])
            labels.append(LETTERS.index(episode.label))
    return windows, np.array(labels)


def judge(
    artefact: Artefact, front_end: FrontEnd, reference: Reference | None, windows: Sequence[Frames],
    labels: NDArray[np.int64],
) -> Percent:  # fmt: skip
    """Return the percentage of windows whose letter is named, and of those that are not rejected either."""
    outputs = artefact.run_windows([front_end.apply(window) for window in windows])
    probabilities = softmax(log_scores(reference, outputs.probabilities, outputs.embedding))
    right = probabilities[:, :-1].argmax(axis=1) == labels
    kept = probabilities[:, -1] < probabilities[:, :-1].max(axis=1)
    return 100 * float(right.mean()), 100 * float((right & kept).mean())


def profile_of_check(
    glove: Glove, windows: Sequence[Frames], labels: NDArray[np.int64], rng: np.random.Generator
) -> GloveProfile:
    """Return the profile that a check of the glove makes, on the hand of these windows of the recorded glove."""
    shapes = np.stack([np.median(window, axis=0) for window in windows])
    kept, _ = without_drop_outs(shapes[:, FLEX].astype(np.float64))
    straight, bent = np.nanpercentile(kept, (LOW, HIGH), axis=0)
    steps: dict[Step, Frames] = {"open": _held(straight, rng), "fist": _held(bent, rng)}
    for finger, step in enumerate(FINGER_NAMES):
        steps[step] = _held(np.where(np.arange(FINGERS) == finger, bent, straight), rng)
    for pose, label in load_vocabulary("korean").poses.items():
        steps[pose] = windows[int(rng.choice(np.flatnonzero(labels == label)))]
    hand: Hand = "left" if glove is GLOVES["left hand"] else "right"
    return GloveCheck.of({step: glove(frames) for step, frames in steps.items()}, hand).profile


def _held(flex: NDArray[np.float64], rng: np.random.Generator) -> Frames:
    """Return frames float32[20, 8] of a hand with these readings, in the usual pose, with the sensors' noise."""
    frames = np.concatenate([flex, np.zeros(3)]) + rng.normal(0, [2.0] * FINGERS + [0.3] * 3, (FRAMES, len(CHANNELS)))
    return frames.astype(np.float32)


def measure(
    artefact: Artefact, glove: Glove, windows: Sequence[Frames], labels: NDArray[np.int64], seed: int
) -> list[Percent]:
    """Return the percentages of one draw, in the order of the columns."""
    assert artefact.readings is not None
    rng = np.random.default_rng(seed)
    given = [glove(window) for window in windows]
    order = rng.permutation(len(given))
    rest = order[SHAPES:]
    shapes = np.stack([np.median(given[index], axis=0) for index in order[:SHAPES]]).astype(np.float32)
    ranged = range_shapes(shapes, artefact.readings, judge_of(artefact)).front_end
    judged = [given[index] for index in rest]
    profile = profile_of_check(glove, windows, labels, rng)
    checked = front_end_of(profile, artefact.readings)
    read = [without_missing(profile, window) for window in judged]
    rows = [
        judge(artefact, FrontEnd(), artefact.reference, judged, labels[rest]),
        judge(artefact, checked, artefact.reference, read, labels[rest]),
        judge(artefact, ranged, artefact.reference, judged, labels[rest]),
    ]
    for count in EXAMPLES:
        shown = np.concatenate(
            [rng.permutation(np.flatnonzero(labels == letter))[:count] for letter in range(len(LETTERS))]
        )
        others = np.setdiff1d(np.arange(len(given)), shown)
        examples, marks = [given[index] for index in shown], labels[shown].tolist()
        front_end = front_end_for(examples, marks, artefact.readings)
        embeddings = artefact.run_windows([front_end.apply(window) for window in examples]).embedding
        reference = UserReference.of(Examples(embeddings, marks), len(artefact.contract.labels))
        rows.append(judge(artefact, front_end, reference, [given[index] for index in others], labels[others]))
    return rows


def _trained_without(folder: Path, collection: str, networks: Path) -> Path:
    recipe = make_recipe(DEFAULT_MODEL, epochs=EPOCHS, seed=0)
    return trained(HoldOut(collections=(collection,)), read_recordings(folder, recipe), recipe, networks)


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("--artefact", type=Path, default=SHIPPED)
    parser.add_argument("--collection", default="collection_c")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--networks", type=Path, help="folder of networks trained without a collection")
    arguments = parser.parse_args()
    artefact = Artefact.load(
        _trained_without(arguments.folder, arguments.collection, arguments.networks)
        if arguments.networks
        else arguments.artefact
    )
    windows, labels = read_windows(arguments.folder, arguments.collection, artefact.contract.sample_rate_hz)
    print("| glove | nothing known | check | 48 shapes | 1 example | 3 examples | 10 examples |\n" + "|---" * 7 + "|")
    for name, glove in GLOVES.items():
        draws = np.array([measure(artefact, glove, windows, labels, seed) for seed in range(arguments.draws)])
        cells = " | ".join(f"{named:.1f} / {kept:.1f}" for named, kept in draws.mean(axis=0))
        print(f"| {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
