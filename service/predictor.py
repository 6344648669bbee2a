"""What a model's figures mean: one rule for every front door. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.artefact import Outputs
from models.contract import ModelContract
from service.engine import Model, Window
from service.wire import Candidate, State

_DECIMALS = 7
"""As many as a float32 probability holds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The prediction for one window. `label`, `index` and `confidence` are null, `top_k` and `scale_importance` empty,
    while the state is `warming`: nothing is invented. `scale_importance` sums to 1."""

    label: str | None
    index: int | None
    confidence: float | None
    top_k: list[Candidate]
    scale_importance: dict[str, float]
    state: State


WARMING = Answer(None, None, None, [], {}, "warming")


def interpret(contract: ModelContract, outputs: Outputs, row: int, top_k: int, state: State = "ok") -> Answer:
    """The answer that stands in one row of a model's outputs."""
    probabilities: list[float] = outputs.probabilities[row].tolist()
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__, reverse=True)[:top_k]
    candidates = [Candidate(contract.labels[index], round(probabilities[index], _DECIMALS)) for index in order]
    importance: list[float] = outputs.scale_importance[row].tolist()
    shares = {str(scale): round(share, _DECIMALS) for scale, share in zip(contract.scales, importance, strict=True)}
    best = candidates[0]
    return Answer(best.label, order[0], best.confidence, candidates, shares, state)


def answer_windows(model: Model, windows: Sequence[Window], top_k: int, gap: bool = False) -> list[Answer]:
    """Answers for windows float32[n_i, 8], in their order; those shorter than `min_frames` are not run at all.

    `gap` says that frames are missing inside the windows.
    """
    ready = [window for window in windows if len(window) >= model.contract.min_frames]
    outputs = model.run_windows(ready) if ready else None
    return interpret_all(model.contract, windows, outputs, top_k, "gap" if gap else "ok")


def interpret_all(
    contract: ModelContract, windows: Sequence[Window], outputs: Outputs | None, top_k: int, state: State = "ok"
) -> list[Answer]:
    """Answers for windows, of which `outputs` are those with `min_frames` or more; None: there are none."""
    rows = iter(range(len(windows)))
    return [
        WARMING
        if outputs is None or len(window) < contract.min_frames
        else interpret(contract, outputs, next(rows), top_k, state)
        for window in windows
    ]
