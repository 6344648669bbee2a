"""Judgement of an answered window: what it shows, and what is learned from it. Pure.

Where some signs move, a window that covers a movement shows that movement for as long as it is, whatever the hand holds
since then. So the model is asked twice: the whole window tells signs that move, its newest part those that are held.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.runtime.contract import ModelContract
from scaleglove.protocol import ServerMessage
from scaleglove.vocabulary import Vocabulary
from service.streams.hold_tracker import SETTLE_MS
from service.streams.output_queue import PendingWindow
from service.streams.scored_window import ScoredWindow
from service.streams.user_adaptation import WindowEvidence

HELD_MS: Final = 300.0
"""The newest part of a window: little more than the time for which a letter is held before it begins."""


def held_frames(contract: ModelContract, vocabulary: Vocabulary) -> int:
    """Return the frames of the newest part of a window; 0: no sign moves, and windows are judged whole."""
    if not any(vocabulary.moving):
        return 0
    return max(contract.min_frames, round(HELD_MS / contract.period_ms))


class Judgement(NamedTuple):
    """Judgement of one window: `shown` float64[n + 1] is what its prediction says."""

    shown: NDArray[np.float64]
    scored: ScoredWindow
    learned: list[ServerMessage]


def judge(pending: PendingWindow, evidence: WindowEvidence) -> Judgement:
    """Judge a window with the evidence of the model's output for it; learn from the shape that it holds."""
    adaptation, t_ms, still_ms = pending.adaptation, pending.due.t_ms, evidence.still_ms
    if pending.held is None or pending.held.evidence is None:
        learned = list(adaptation.learn(evidence, t_ms))
        found = adaptation.score(evidence)
        scored = ScoredWindow(t_ms, found.probabilities[0], still_ms, None, adaptation.let_go_ms)
        return Judgement(found.shown[0], scored, learned)
    held = pending.held.evidence._replace(still_ms=still_ms)  # a part is too short to say
    learned = list(adaptation.learn(held, t_ms))
    # Learning knows only shapes that are held: a movement is judged by the reference alone.
    found, of_movement = adaptation.score(held), evidence.scored
    shown = found.shown if still_ms >= SETTLE_MS else of_movement.shown
    scored = ScoredWindow(t_ms, found.probabilities[0], still_ms, of_movement.probabilities[0], adaptation.let_go_ms)
    return Judgement(shown[0], scored, learned)
