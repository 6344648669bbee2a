"""A glove of whose frames some never arrive, as on a bad cable or over the air. Pure."""

from __future__ import annotations

import numpy as np

from firmware_bridge.emulator.device import Glove
from firmware_bridge.emulator.glove_model import Reading


class LossyGlove:
    """`glove`, each of whose readings is lost with the probability `share`; the same seed loses the same ones. Packets
    pass over the numbers of those lost, lines only leave a longer time between two of them."""

    def __init__(self, glove: Glove, share: float, seed: int) -> None:
        self._glove = glove
        self._share = share
        self._random = np.random.default_rng(seed)

    def read(self, interval_ms: float) -> Reading | None:
        """The next reading that arrives; None when there are no more."""
        missing = 0
        while (reading := self._glove.read(interval_ms)) is not None:
            missing += reading.missing
            if self._random.random() >= self._share:
                return Reading(reading.t_ms, reading.values, missing)
            missing += 1
        return None
