"""Adaptation of one stream to its user: a reference of letters and self-calibration on top of it. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation import decision
from models.adaptation.few_shot import softmax
from models.adaptation.online import REMEMBERED, OnlineCalibration
from models.adaptation.open_set import LogScores, OpenSetReference
from models.runtime.artefact import Outputs
from scaleglove.channels import ANGLES, CHANNELS
from scaleglove.protocol import ChannelRange, SelfCalibrated
from scaleglove.resampling import Frame, wrap_degrees
from service.inference.engine import Model
from service.streams.hold_tracker import HoldTracker, still_ms

STILLNESS_MS: Final = 1280
"""The newest part of a window, in which stillness is measured: more than the longest `hold_s`, which is a second."""

_PERCENTILES: Final = (5, 50, 95)
_DECIMALS: Final = 1


@dataclass(frozen=True, slots=True)
class WindowEvidence:
    """Evidence of one window by itself: `log_scores` float64[1, 25] by the reference alone."""

    log_scores: LogScores
    embedding: NDArray[np.float32]
    """float32[1, m]."""
    importance: NDArray[np.float32]
    """float32[3]."""
    still_ms: float
    newest: Frame


class UserAdaptation:
    """The adaptation of one stream and model. `learns`: with self-calibration, which needs a reference to start from.
    `personal`: the wearer's reference; None: the model's."""

    def __init__(self, model: Model, learns: bool, personal: OpenSetReference | None = None) -> None:
        self._model = model
        self._learns = learns
        self.use_reference(personal)

    def use_reference(self, personal: OpenSetReference | None) -> None:
        """Use another reference from here on; self-calibration starts again."""
        self._reference = self._model.reference if personal is None else personal
        self._learning = OnlineCalibration(self._reference) if self._learns and self._reference is not None else None
        self._holds = HoldTracker()
        self._frames: deque[Frame] = deque(maxlen=REMEMBERED)
        self._newest: Frame | None = None

    def weigh(self, frames: NDArray[np.float32], outputs: Outputs) -> WindowEvidence:
        """Return the evidence of the window `frames` float32[n, 8] with the model's `outputs` for it."""
        period_ms = self._model.contract.period_ms
        still = still_ms(frames[-round(STILLNESS_MS / period_ms) :], period_ms)
        log_scores = decision.log_scores(self._reference, outputs.probabilities, outputs.embedding)
        return WindowEvidence(log_scores, outputs.embedding, outputs.scale_importance[0], still, frames[-1])

    def learn(self, evidence: WindowEvidence, t_ms: float) -> SelfCalibrated | None:
        """Take the windows in their order; return a report when self-calibration has learned more."""
        if self._learning is None:
            return None
        probabilities = softmax(evidence.log_scores)[0]
        held = self._holds.push(evidence.embedding[0], probabilities, evidence.still_ms)
        if held is None:
            self._newest = evidence.newest
            return None
        if self._newest is not None:
            self._frames.append(self._newest)
        return self._report(self._learning, t_ms) if self._learning.add(held) else None

    def probabilities(self, evidence: WindowEvidence) -> NDArray[np.float64]:
        """Return float64[25]: the probabilities of the letters and of none of them."""
        log_scores = evidence.log_scores
        if self._learning is not None:
            log_scores = self._learning.adjust(log_scores, evidence.embedding)
        probabilities: NDArray[np.float64] = softmax(log_scores)[0]
        return probabilities

    def break_off(self) -> None:
        """Discard the shape being held, since frames are missing."""
        self._holds.finish()

    def _report(self, learning: OnlineCalibration, t_ms: float) -> SelfCalibrated:
        frames = np.stack(self._frames)
        middle = np.median(frames, axis=0)
        around = frames - middle
        around[:, ANGLES] = wrap_degrees(around[:, ANGLES])
        ranges = middle + np.percentile(around, _PERCENTILES, axis=0)
        rounded = ranges.round(_DECIMALS).T.tolist()
        channels = tuple(ChannelRange(name, *figures) for name, figures in zip(CHANNELS, rounded, strict=True))
        return SelfCalibrated(t_ms, learning.count, learning.letters, channels)
