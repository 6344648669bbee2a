"""Judgement of an answered window: what it shows, and what is learned from it. Pure.

Where some signs move, a window that covers a movement shows that movement for as long as it is, whatever the hand holds
since then. So the model is asked twice: the whole window tells signs that move, its newest part those that are held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.contract import ModelContract
from scaleglove.protocol import ServerMessage
from scaleglove.vocabulary import Vocabulary
from service.streams.hold_tracker import SETTLE_MS
from service.streams.output_queue import PendingWindow
from service.streams.text.decoder import ScoredWindow
from service.streams.user_adaptation import WindowEvidence

HELD_MS: Final = 300.0
"""The newest part of a window: little more than the time for which a letter is held before it begins."""


def held_frames(contract: ModelContract, vocabulary: Vocabulary) -> int:
    """Return the frames of the newest part of a window; 0: no sign moves, and windows are judged whole."""
    if not any(vocabulary.moving):
        return 0
    return max(contract.min_frames, round(HELD_MS / contract.period_ms))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Judgement of one window: `shown` float64[n + 1] is what its prediction says."""

    shown: NDArray[np.float64]
    scored: ScoredWindow
    learned: list[ServerMessage]


def judge(pending: PendingWindow, evidence: WindowEvidence) -> Judgement:
    """Judge a window with the evidence of the model's output for it; learn from the shape that it holds."""
    adaptation, t_ms, still_ms = pending.adaptation, pending.due.t_ms, evidence.still_ms
    if pending.held is None or pending.held.evidence is None:
        learned = list(adaptation.learn(evidence, t_ms))
        probabilities = adaptation.probabilities(evidence)
        shown = _shown(probabilities, evidence)
        return Judgement(shown, ScoredWindow(t_ms, probabilities, still_ms, let_go_ms=adaptation.let_go_ms), learned)
    held = replace(pending.held.evidence, still_ms=still_ms)  # a part is too short to say
    learned = list(adaptation.learn(held, t_ms))
    probabilities, of_movement = adaptation.probabilities(held), adaptation.unadjusted(evidence)
    is_held = still_ms >= SETTLE_MS
    shown = _shown(probabilities, held) if is_held else _shown(of_movement, evidence)
    scored = ScoredWindow(t_ms, probabilities, still_ms, of_movement, adaptation.let_go_ms)
    return Judgement(shown, scored, learned)


def _shown(probabilities: NDArray[np.float64], evidence: WindowEvidence) -> NDArray[np.float64]:
    """Return probabilities float64[n + 1] of a window as the share of answers that are right."""
    if evidence.confidence == 1.0:
        return probabilities
    powers = probabilities**evidence.confidence
    shown: NDArray[np.float64] = powers / powers.sum()
    return shown
