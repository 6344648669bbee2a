"""What a model's figures mean: one rule for every front door. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.artefact import Outputs
from models.contract import ModelContract
from service.wire import Candidate, State

_DECIMALS = 7
"""As many as a float32 probability holds."""


class Model(Protocol):
    """Anything that answers windows; `models.artefact.Artefact` is one."""

    @property
    def contract(self) -> ModelContract: ...

    def run_windows(self, windows: Sequence[NDArray[np.float32]]) -> Outputs:
        """Answer for windows float32[n_i, 8] in raw units."""


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


def answer_windows(model: Model, windows: Sequence[NDArray[np.float32]], top_k: int, gap: bool = False) -> list[Answer]:
    """Answers for windows float32[n_i, 8], in their order; those shorter than `min_frames` are not run at all.

    `gap` says that frames are missing inside the windows.
    """
    contract = model.contract
    ready = [window for window in windows if len(window) >= contract.min_frames]
    if not ready:
        return [WARMING] * len(windows)
    outputs = model.run_windows(ready)
    rows = iter(zip(outputs.probabilities, outputs.scale_importance, strict=True))
    state: State = "gap" if gap else "ok"
    return [
        WARMING if len(window) < contract.min_frames else _interpret(contract, *next(rows), top_k, state)
        for window in windows
    ]


def _interpret(
    contract: ModelContract,
    probabilities: NDArray[np.float32],
    importance: NDArray[np.float32],
    top_k: int,
    state: State,
) -> Answer:
    order = np.argsort(-probabilities, kind="stable")[:top_k].tolist()
    candidates = [Candidate(contract.labels[index], round(float(probabilities[index]), _DECIMALS)) for index in order]
    shares = {
        str(scale): round(float(share), _DECIMALS) for scale, share in zip(contract.scales, importance, strict=True)
    }
    best = candidates[0]
    return Answer(best.label, order[0], best.confidence, candidates, shares, state)
