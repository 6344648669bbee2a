"""A network on the emulated board: an artefact, asked as often as the firmware asks its own."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

import numpy as np

from firmware_bridge.codec.events import LetterRead
from models.runtime.artefact import Artefact
from scaleglove.resampling import Arrival, Frame, Resampler

HOP_MS: Final = 100.0
"""Device time from one letter to the next."""


class EmulatedNetwork:
    """Answers for the newest window of the frames it is given, resampled to its rate; a hole in them begins a new one.

    Raises:
        ArtefactError: `artefact` cannot be used.
    """

    def __init__(self, artefact: Path) -> None:
        self._artefact = Artefact.load(artefact)
        contract = self._artefact.contract
        self._timeline = Resampler(contract.sample_rate_hz)
        self._window: deque[Frame] = deque(maxlen=contract.window_frames)
        self._hop = round(HOP_MS * contract.sample_rate_hz / 1000)
        self._since = 0

    def push(self, t_ms: float, values: Frame) -> LetterRead | None:
        """Take a frame; gives a letter every 100 ms of samples."""
        if self._timeline.push(t_ms, values.tolist()) in {Arrival.GAP, Arrival.RESTART}:
            self._window.clear()
            self._since = 0
        samples = self._timeline.draw()
        self._window.extend(samples)
        self._since += len(samples)
        if self._since < self._hop or len(self._window) < self._artefact.contract.min_frames:
            return None
        self._since %= self._hop  # a frame that was late moves no later letter
        return self._recognise(t_ms)

    def _recognise(self, t_ms: float) -> LetterRead:
        contract = self._artefact.contract
        outputs = self._artefact.run_windows([np.array(self._window, np.float32)])
        place = int(outputs.probabilities[0].argmax())
        small, middle, large = outputs.scale_importance[0].tolist()
        return LetterRead(t_ms, contract.labels[place], float(outputs.probabilities[0, place]), (small, middle, large))
