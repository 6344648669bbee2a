"""What a model's figures mean: one rule for every front door. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.open_set import (
    REJECT,
    LogScores,
    OpenSetReference,
    share,
)
from models.runtime.artefact import Outputs
from models.runtime.contract import ModelContract
from scaleglove.protocol import Candidate, State
from service.inference.engine import Model, Window

_DECIMALS: Final = 7
"""As many as a float32 probability holds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The prediction for one window. While the state is `warming` or `rejected`, `label`, `index` and `confidence` are
    null: nothing is invented. `top_k` says what a rejected window looks most like, and how little. `scale_importance`
    sums to 1; it and `top_k` are empty while `warming`."""

    label: str | None
    index: int | None
    confidence: float | None
    top_k: list[Candidate]
    scale_importance: dict[str, float]
    state: State


WARMING = Answer(None, None, None, [], {}, "warming")


def believe(reference: OpenSetReference | None, outputs: Outputs) -> LogScores:
    """Logarithms float64[n, 25] of the belief in each letter and in none of them; without a reference what the model
    says, and never none."""
    if reference is not None:
        return reference.log_scores(outputs.probabilities, outputs.embedding)
    log_scores = np.full((len(outputs), REJECT + 1), -np.inf)
    log_scores[:, :REJECT] = np.log(np.maximum(outputs.probabilities, np.finfo(np.float32).tiny))
    return log_scores


def interpret(
    contract: ModelContract,
    shares: NDArray[np.float64],
    importance: NDArray[np.float32],
    top_k: int,
    state: State = "ok",
) -> Answer:
    """The answer for one window: `shares` float64[25], `importance` float32[3]."""
    told: list[float] = shares.tolist()
    order = sorted(range(REJECT), key=told.__getitem__, reverse=True)[:top_k]
    candidates = [Candidate(contract.labels[index], round(told[index], _DECIMALS)) for index in order]
    by_scale = zip(contract.scales, importance.tolist(), strict=True)
    scales = {str(scale): round(part, _DECIMALS) for scale, part in by_scale}
    best = candidates[0]
    if told[REJECT] >= told[order[0]]:
        return Answer(None, None, None, candidates, scales, "rejected")
    return Answer(best.label, order[0], best.confidence, candidates, scales, state)


def answer_windows(
    model: Model, windows: Sequence[Window], top_k: int, reference: OpenSetReference | None = None
) -> list[Answer]:
    """Answers for windows float32[n_i, 8], in their order; those shorter than `min_frames` are not run at all.
    `reference`: of the wearer; None: the model's own."""
    ready = [window for window in windows if len(window) >= model.contract.min_frames]
    outputs = model.run_windows(ready) if ready else None
    return interpret_all(model, windows, outputs, top_k, reference)


def interpret_all(
    model: Model,
    windows: Sequence[Window],
    outputs: Outputs | None,
    top_k: int,
    reference: OpenSetReference | None = None,
) -> list[Answer]:
    """Answers for windows, of which `outputs` are those with `min_frames` or more; None: there are none."""
    if outputs is None:
        return [WARMING for _ in windows]
    shares = share(believe(reference or model.reference, outputs))
    rows = iter(zip(shares, outputs.scale_importance, strict=True))
    return [
        WARMING if len(window) < model.contract.min_frames else interpret(model.contract, *next(rows), top_k)
        for window in windows
    ]
