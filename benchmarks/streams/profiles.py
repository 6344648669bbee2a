"""Profiles of simulated wearers, made of the episodes that they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.adaptation.open_set import REST
from models.adaptation.user_reference import Examples, UserReference
from models.data.dataset import Recording
from service.inference.engine import Model
from service.inference.profile import Profile

_BATCH: Final = 64


def profile_of(model: Model, shown: Sequence[Recording], rests: Sequence[np.ndarray]) -> Profile:
    """Return the profile of a wearer who shows these episodes, and raw windows of `rests` float32[n_i, 8]."""
    found = embeddings(model, [*(recording.samples for recording in shown), *rests])
    labels = [recording.label for recording in shown] + [REST] * len(rests)
    return profile_from(model, Examples(found, labels))


def profile_from(model: Model, examples: Examples) -> Profile:
    """Return the profile of a wearer with these examples."""
    return Profile("benchmark", 1, UserReference.of(examples, len(model.contract.labels)), None)


def embeddings(model: Model, windows: Sequence[np.ndarray]) -> np.ndarray:
    """Return the embeddings float32[n, m] of raw windows float32[n_i, 8]."""
    batches = [windows[begin : begin + _BATCH] for begin in range(0, len(windows), _BATCH)]
    return np.concatenate([model.run_windows(batch).embedding for batch in batches])
