"""Answers of the API, made from a model's outputs by the decision rule of `models.adaptation.decision`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.decision import decide, score
from models.adaptation.open_set import Reference
from models.runtime.artefact import Outputs
from scaleglove.protocol import Candidate, State
from scaleglove.scales import SCALES
from service.inference.engine import Model, Window
from service.inference.profile import Profile, vocabulary_of

_DECIMALS: Final = 7
"""As many as a float32 probability has."""

_SCALES: Final = tuple(map(str, SCALES))


@dataclass(frozen=True, slots=True)
class Answer:
    """Prediction for one window. While the state is `warming` or `rejected`, `label`, `index` and `confidence` are
    null; `top_k` lists what a rejected window resembles most. `scale_importance` sums to 1; it and `top_k` are empty
    while `warming`."""

    label: str | None
    index: int | None
    confidence: float | None
    top_k: list[Candidate]
    scale_importance: dict[str, float]
    state: State


WARMING = Answer(None, None, None, [], {}, "warming")


def to_answer(
    labels: Sequence[str],
    probabilities: NDArray[np.float64],
    importance: NDArray[np.float32],
    top_k: int,
    state: State = "ok",
) -> Answer:
    """Return the answer for one window with `probabilities` float64[labels + 1] and `importance` float32[3]."""
    decision = decide(probabilities, top_k)
    candidates = [Candidate(labels[letter], round(value, _DECIMALS)) for letter, value in decision.candidates]
    scales = {scale: round(part, _DECIMALS) for scale, part in zip(_SCALES, importance.tolist(), strict=True)}
    if decision.letter is None:
        return Answer(None, None, None, candidates, scales, "rejected")
    return Answer(candidates[0].label, decision.letter, candidates[0].confidence, candidates, scales, state)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of a hand: the profile of the user, and whether the windows are of a glove whose range is known."""

    profile: Profile | None = None
    is_ranged: bool = False


NOTHING_KNOWN: Final = Knowledge()


def to_answers(
    model: Model,
    windows: Sequence[Window],
    outputs: Outputs | None,
    top_k: int,
    knowledge: Knowledge = NOTHING_KNOWN,
) -> list[Answer]:
    """Return the answers for windows, in their order.

    Args:
        model: that the windows were run on.
        windows: float32[n_i, 8] each.
        outputs: of the windows with `min_frames` or more; None: there are none.
        top_k: candidates in each answer.
        knowledge: of the hand.
    """
    if outputs is None:
        return [WARMING for _ in windows]
    probabilities = _probabilities(model, outputs, knowledge)
    names = vocabulary_of(model, knowledge.profile).names  # made once, not for each window
    rows = iter(zip(probabilities, outputs.scale_importance, strict=True))
    return [
        WARMING if len(window) < model.contract.min_frames else to_answer(names, *next(rows), top_k)
        for window in windows
    ]


def _probabilities(model: Model, outputs: Outputs, knowledge: Knowledge) -> NDArray[np.float64]:
    profile, votes = knowledge.profile, outputs.probabilities
    reference: Reference | None = model.reference
    if profile is not None:
        reference, votes = profile.reference_with(model), profile.votes(votes)
    elif model.reference is not None and knowledge.is_ranged:
        reference = model.reference.ranged()
    scores = score(reference, votes, outputs.embedding)
    if profile is not None:
        scores = profile.with_words(model, scores, outputs.embedding)
    return scores.shown
