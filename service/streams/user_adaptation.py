"""What a stream knows of the hand in its glove: a reference of letters, and what self-calibration adds. Pure."""

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
from service.streams.hold_tracker import HoldTracker
from service.streams.stillness import still_ms

LOOKED_BACK_MS: Final = 1280
"""Of a window, in which stillness is looked for: more than a second, as long as a letter may be asked to be held."""

_PERCENTILES: Final = (5, 50, 95)
_DECIMALS: Final = 1


@dataclass(frozen=True, slots=True)
class WindowEvidence:
    """One window, before anything of the stream's past has a say: `log_scores` float64[1, 25] by the reference
    alone."""

    log_scores: LogScores
    embedding: NDArray[np.float32]
    """float32[1, m]."""
    importance: NDArray[np.float32]
    """float32[3]."""
    still_ms: float
    newest: Frame


class UserAdaptation:
    """Of one stream. `learns`: it calibrates itself; without a reference there is nothing to begin from. `own` is the
    wearer's own reference; None: the model's."""

    def __init__(self, model: Model, learns: bool, own: OpenSetReference | None = None) -> None:
        self._model = model
        self._learns = learns
        self.wear(own)

    def wear(self, own: OpenSetReference | None) -> None:
        """Go by another reference from here on; what was learned upon the one of before is forgotten."""
        self._reference = self._model.reference if own is None else own
        self._learning = OnlineCalibration(self._reference) if self._learns and self._reference is not None else None
        self._shapes = HoldTracker()
        self._frames: deque[Frame] = deque(maxlen=REMEMBERED)
        self._newest: Frame | None = None

    def recognise(self, frames: NDArray[np.float32], outputs: Outputs) -> WindowEvidence:
        """The window `frames` float32[n, 8], of which `outputs` are the model's."""
        period_ms = self._model.contract.period_ms
        still = still_ms(frames[-round(LOOKED_BACK_MS / period_ms) :], period_ms)
        log_scores = decision.log_scores(self._reference, outputs.probabilities, outputs.embedding)
        return WindowEvidence(log_scores, outputs.embedding, outputs.scale_importance[0], still, frames[-1])

    def follow(self, recognised: WindowEvidence, t_ms: float) -> SelfCalibrated | None:
        """Take the windows in their order; what there is to report when more has been learned."""
        if self._learning is None:
            return None
        shares = softmax(recognised.log_scores)[0]
        held = self._shapes.push(recognised.embedding[0], shares, recognised.still_ms)
        if held is None:
            self._newest = recognised.newest
            return None
        if self._newest is not None:
            self._frames.append(self._newest)
        return self._report(t_ms) if self._learning.add(held) else None

    def shares(self, recognised: WindowEvidence) -> NDArray[np.float64]:
        """float64[25] of the letters and of none of them; they sum to 1."""
        log_scores = recognised.log_scores
        if self._learning is not None:
            log_scores = self._learning.adjust(log_scores, recognised.embedding)
        shares: NDArray[np.float64] = softmax(log_scores)[0]
        return shares

    def leave(self) -> None:
        """The data broke off: a shape that was being held is not known to have ended."""
        self._shapes.leave()

    def _report(self, t_ms: float) -> SelfCalibrated:
        assert self._learning is not None
        frames = np.stack(self._frames)
        middle = np.median(frames, axis=0)
        around = frames - middle
        around[:, ANGLES] = wrap_degrees(around[:, ANGLES])
        ranges = middle + np.percentile(around, _PERCENTILES, axis=0)
        rounded = ranges.round(_DECIMALS).T.tolist()
        channels = tuple(ChannelRange(name, *figures) for name, figures in zip(CHANNELS, rounded, strict=True))
        return SelfCalibrated(t_ms, self._learning.count, self._learning.letters, channels)
