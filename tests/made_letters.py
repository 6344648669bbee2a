"""Made-up recordings of all letters: each letter far from the others, each style of holding it a little off."""

from __future__ import annotations

import numpy as np

from models.data.dataset import Recording
from scaleglove.letters import LETTERS

COLLECTIONS = ("a", "b")
BENDS = ("1", "2", "3")


def made_letters(episodes: int = 2, frames: int = 60) -> list[Recording]:
    """Return this number of episodes of each letter, collection and bend, at 50 Hz."""
    rng = np.random.default_rng(0)
    centres = np.hstack([rng.uniform(700, 950, (len(LETTERS), 5)), rng.uniform(-170, 170, (len(LETTERS), 3))])
    return [
        Recording((centres[label] + off + rng.normal(0, 1, (frames, 8))).astype(np.float32), label, collection, bend)
        for collection, apart in zip(COLLECTIONS, (0.0, 12.0), strict=True)
        for bend, off in zip(BENDS, apart + rng.normal(0, 5, (len(BENDS), 8)), strict=True)
        for label in range(len(LETTERS))
        for _ in range(episodes)
    ]
