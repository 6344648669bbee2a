"""Experiment: every case at every rate, with every knowledge of the wearer and every recogniser, in parallel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import numpy as np

from benchmarks.streams.cases import Case, Knowledge, Signed, drawn, signed
from benchmarks.streams.guided import guided
from benchmarks.streams.recognition import NetworkAlone, Recognised, recognise, recognise_by_majority
from benchmarks.streams.scoring import Score
from benchmarks.trained_networks import load, trained
from models.adaptation.example_selection import ExampleSelector
from models.adaptation.open_set import REST
from models.adaptation.user_reference import Examples, UserReference
from models.data.dataset import Recording
from models.training.recipe import Recipe
from service.inference.engine import Model
from service.inference.profile import Profile

DECODER, PLAIN_DECODER, MAJORITY = "decoder", "decoder, self-calibration off", "majority of 5 windows"
WAYS: Final = (DECODER, PLAIN_DECODER, MAJORITY)

_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """Rates, phrases, draws and training of the experiment."""

    rates_hz: tuple[float, ...]
    phrases: int
    draws: int
    """Number of random draws of examples."""
    recipe: Recipe
    folder: Path


@dataclass(frozen=True, slots=True)
class Measured:
    """Score of one stream by one recogniser."""

    case: Case
    knowledge: Knowledge
    examples: int
    """Number of examples of letters that the wearer gave."""
    way: str
    rate_hz: float
    score: Score
    used_up: bool = False
    """Whether a guided session ended because all recordings of a letter were used up."""


def measure(
    cases: Sequence[Case], recordings: Sequence[Recording], plan: Plan, workers: int
) -> Iterator[list[Measured]]:
    """Yield the measurements of each case, in order."""
    for case in cases:  # trained one after another, before processes need them at once
        trained(case.left_out, recordings, plan.recipe, plan.folder)
    if workers == 1:
        yield from (measure_case(case, recordings, plan) for case in cases)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(workers) as pool:
        waiting = [pool.submit(measure_case, case, recordings, plan) for case in cases]
        yield from (each.result() for each in waiting)


def measure_case(case: Case, recordings: Sequence[Recording], plan: Plan) -> list[Measured]:
    """Return all measurements of one case."""
    model = load(trained(case.left_out, recordings, plan.recipe, plan.folder))
    return [
        Measured(case, known.knowledge, known.examples, way, rate_hz, Score.of(wearer.stream, found), known.used_up)
        for rate_hz in plan.rates_hz
        for wearer in [signed(case, recordings, model.contract.sample_rate_hz, rate_hz, plan.phrases, seed=0)]
        for known in _known(case, recordings, model, wearer, plan.draws)
        for way, found in _recognised(model, known.profile, wearer)
    ]


@dataclass(frozen=True, slots=True)
class _Known:
    """Profile of a wearer, None: nothing is known; and the number of examples of letters that it is made of."""

    knowledge: Knowledge
    examples: int
    profile: Profile | None
    used_up: bool = False


def _known(case: Case, recordings: Sequence[Recording], model: Model, wearer: Signed, draws: int) -> Iterator[_Known]:
    """Yield the profiles of a wearer by knowledge, several draws of examples for each."""
    yield _Known("nothing", 0, None)
    rests = embeddings(model, wearer.rests)
    for knowledge in get_args(Knowledge)[1:]:
        if (knowledge == "profile") == case.is_new_wearer:
            continue
        for draw in range(draws):
            shown = drawn(case, recordings, knowledge, draw)
            found = embeddings(model, [recording.samples for recording in shown])
            used_up = False
            if knowledge == "guided":
                assert model.reference is not None
                session = guided(shown, found, rests, ExampleSelector(model.reference))
                shown, found, used_up = [shown[index] for index in session.taken], found[session.taken], session.used_up
            yield _Known(knowledge, len(shown), _profile(model, shown, found, rests), used_up)


def profile_of(model: Model, shown: Sequence[Recording], rests: Sequence[np.ndarray]) -> Profile:
    """Return the profile of a wearer who shows these episodes, and raw windows of `rests` float32[n_i, 8]."""
    found = embeddings(model, [recording.samples for recording in shown])
    return _profile(model, shown, found, embeddings(model, rests))


def _profile(model: Model, shown: Sequence[Recording], found: np.ndarray, rests: np.ndarray) -> Profile:
    labels = [recording.label for recording in shown] + [REST] * len(rests)
    reference = UserReference.of(Examples(np.concatenate([found, rests]), labels), len(model.contract.labels))
    return Profile("benchmark", 1, reference, None)


def embeddings(model: Model, windows: Sequence[np.ndarray]) -> np.ndarray:
    """Return the embeddings float32[n, m] of raw windows float32[n_i, 8]."""
    batches = [windows[begin : begin + _BATCH] for begin in range(0, len(windows), _BATCH)]
    return np.concatenate([model.run_windows(batch).embedding for batch in batches])


def _recognised(model: Model, profile: Profile | None, wearer: Signed) -> Iterator[tuple[str, Recognised]]:
    yield DECODER, recognise(model, wearer.stream, self_calibration=True, profile=profile)
    yield PLAIN_DECODER, recognise(model, wearer.stream, self_calibration=False, profile=profile)
    # A user without examples has only the network's own probabilities.
    by_vote = NetworkAlone(model) if profile is None else model
    yield MAJORITY, recognise_by_majority(by_vote, wearer.stream, profile)
