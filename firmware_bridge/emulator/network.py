"""Network on the emulated board: an artefact that runs as often as the firmware runs its own."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

import numpy as np

from firmware_bridge.codec.events import LetterRead
from models.runtime.artefact import Artefact
from scaleglove.resampling import Arrival, Frame, Resampler

HOP_MS: Final = 100.0
"""Device time between predictions, as in the firmware."""


class EmulatedNetwork:
    """Recogniser of letters in the newest window of frames, resampled to the model's rate; a gap starts a new window.

    Raises:
        ArtefactError: `artefact` is not usable.
    """

    def __init__(self, artefact: Path) -> None:
        self._artefact = Artefact.load(artefact)
        contract = self._artefact.contract
        self.labels: tuple[str, ...] = contract.labels
        """The labels of the artefact: a letter's `place` is the index of one."""
        self._resampler = Resampler(contract.sample_rate_hz)
        self._window: deque[Frame] = deque(maxlen=contract.window_frames)
        self._hop = round(HOP_MS * contract.sample_rate_hz / 1000)
        self._new_samples = 0

    def push(self, t_ms: float, values: Frame) -> LetterRead | None:
        """Add a frame, and return a letter for every 100 ms of samples."""
        if self._resampler.push(t_ms, values.tolist()) in {Arrival.GAP, Arrival.RESTART}:
            self._window.clear()
            self._new_samples = 0
        samples = self._resampler.draw()
        self._window.extend(samples)
        self._new_samples += len(samples)
        if self._new_samples < self._hop or len(self._window) < self._artefact.contract.min_frames:
            return None
        self._new_samples %= self._hop  # a late frame does not shift later letters
        return self._recognise(t_ms)

    def _recognise(self, t_ms: float) -> LetterRead:
        outputs = self._artefact.run_windows([np.array(self._window, np.float32)])
        index = int(outputs.probabilities[0].argmax())
        small, middle, large = outputs.scale_importance[0].tolist()
        return LetterRead(t_ms, index, float(outputs.probabilities[0, index]), (small, middle, large))
