"""Every case heard in every way, on as many processes as there are cores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import numpy as np

from benchmarks.streams.cases import (
    Case,
    Knowledge,
    Signed,
    drawn,
    signed,
)
from benchmarks.streams.guided import guided
from benchmarks.streams.recognition import (
    Heard,
    OnHand,
    hear,
    hear_by_majority,
)
from benchmarks.streams.scoring import Score
from benchmarks.streams.cases import load, trained
from models.adaptation.example_selection import ExampleSelector
from models.adaptation.open_set import REST, OpenSetReference
from models.data.dataset import Recording
from models.training.training import Recipe
from service.inference.engine import Model

DECODER, PLAIN_DECODER, MAJORITY = "decoder", "decoder, self-calibration off", "majority of 5 windows"
WAYS: Final = (DECODER, PLAIN_DECODER, MAJORITY)

_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured of each case."""

    rates_hz: tuple[float, ...]
    phrases: int
    draws: int
    """Of examples."""
    recipe: Recipe
    folder: Path


@dataclass(frozen=True, slots=True)
class Measured:
    """One stream heard in one way."""

    case: Case
    knowledge: Knowledge
    examples: int
    """Of letters, that she gave."""
    way: str
    rate_hz: float
    score: Score


def measure(
    cases: Sequence[Case], recordings: Sequence[Recording], plan: Plan, workers: int
) -> Iterator[list[Measured]]:
    """What was measured of each case, in the order in which they are done."""
    for case in cases:  # before anybody needs two at once
        trained(case.left_out, recordings, plan.recipe, plan.folder)
    if workers == 1:
        yield from (measure_case(case, recordings, plan) for case in cases)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(workers) as pool:
        waiting = [pool.submit(measure_case, case, recordings, plan) for case in cases]
        yield from (each.result() for each in waiting)


def measure_case(case: Case, recordings: Sequence[Recording], plan: Plan) -> list[Measured]:
    model = load(trained(case.left_out, recordings, plan.recipe, plan.folder))
    return [
        Measured(case, knowledge, examples, way, rate_hz, Score.of(asked.stream, heard))
        for rate_hz in plan.rates_hz
        for asked in [signed(case, recordings, model.contract.sample_rate_hz, rate_hz, plan.phrases, seed=0)]
        for knowledge, examples, reference in _known(case, recordings, model, asked, plan.draws)
        for way, heard in _heard(model, reference, asked)
    ]


def _known(
    case: Case, recordings: Sequence[Recording], model: Model, asked: Signed, draws: int
) -> Iterator[tuple[Knowledge, int, OpenSetReference | None]]:
    """What is known of the wearer, by and by, and from how many examples of letters; several draws of these."""
    yield "nothing", 0, model.reference
    rests = embeddings(model, asked.rests)
    for knowledge in get_args(Knowledge)[1:]:
        if (knowledge == "profile") == case.is_new_wearer:
            continue
        for draw in range(draws):
            shown = drawn(case, recordings, knowledge, draw)
            found = embeddings(model, [recording.samples for recording in shown])
            if knowledge == "guided":
                assert model.reference is not None
                taken = guided(shown, found, rests, ExampleSelector(model.reference))
                shown, found = [shown[place] for place in taken], found[taken]
            labels = [recording.label for recording in shown] + [REST] * len(rests)
            yield knowledge, len(shown), OpenSetReference.of(np.concatenate([found, rests]), labels)


def embeddings(model: Model, windows: Sequence[np.ndarray]) -> np.ndarray:
    """float32[n, m] of raw windows float32[n_i, 8]."""
    batches = [windows[begin : begin + _BATCH] for begin in range(0, len(windows), _BATCH)]
    return np.concatenate([model.run_windows(batch).embedding for batch in batches])


def _heard(model: Model, reference: OpenSetReference | None, asked: Signed) -> Iterator[tuple[str, Heard]]:
    on_hand = OnHand(model, reference)
    yield DECODER, hear(on_hand, asked.stream, self_calibration=True)
    yield PLAIN_DECODER, hear(on_hand, asked.stream, self_calibration=False)
    # Who has no prototypes has nothing but the network's own probabilities.
    yield MAJORITY, hear_by_majority(OnHand(model, None) if reference is model.reference else on_hand, asked.stream)
