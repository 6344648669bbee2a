"""Parity of another form of a model with its artefact: the kernel, or a graph on a GPU. Compared at load."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.runtime.artefact import Artefact, WindowModel
from scaleglove.channels import CHANNELS

TOLERANCES: Final = {"probabilities": 1e-5, "scale_importance": 1e-4, "embedding": 5e-5}
"""Largest differences from ONNX Runtime on the processor: 1.7 times and more of the kernel's largest in 30,000 random
windows. Importance divides the effects of the towers on the probabilities by their sum; where that is small, the
seventh decimal of a probability is the fifth of the importance. An embedding is the sum of up to 180 products
(docs/reference/kernel.md)."""

_FLEX: Final = 5
_TRIED_LENGTHS: Final = (1, 2, 3, 6, 7, 10, 11, 31, 32, 33)
_TRIED_READINGS: Final = ((0, 1023, -180, 180), (700, 990, -30, 30), (0, 200, -2000, 2000))
"""Ranges of flex sensors and of angles, from and to. Far beyond what a sensor reads, rounding errors dominate."""


def tried_windows(longest: int) -> list[NDArray[np.float32]]:
    """Return windows float32[n_i, 8] of 1 to `longest` frames, with steady, noisy and dropped sensors."""
    rng = np.random.default_rng(0)
    lengths = [min(length, longest) for length in (*_TRIED_LENGTHS, max(1, longest - 1), longest)]
    angles = len(CHANNELS) - _FLEX
    return [
        np.hstack([rng.uniform(*span[:2], (length, _FLEX)), rng.uniform(*span[2:], (length, angles))]).astype(
            np.float32
        )
        for length in lengths
        for span in _TRIED_READINGS
    ]


def find_difference(model: WindowModel, artefact: Artefact) -> str | None:
    """Compare a model with its artefact, on windows alone and in a batch of mixed lengths.

    Returns:
        The first difference beyond the tolerances, such as "0.0001 in embedding"; None where they agree.
    """
    windows = tried_windows(artefact.contract.window_frames)
    for batch in ([windows[0]], [windows[-1]], windows):
        mine, reference = model.run_windows(batch), artefact.run_windows(batch)
        for name, tolerance in TOLERANCES.items():
            one, other = getattr(mine, name), getattr(reference, name)
            with np.errstate(invalid="ignore"):  # of weights that are no numbers: NaN is no agreement
                difference = np.abs(one - other).max() if one.shape == other.shape else np.inf
            if not difference <= tolerance:
                return f"{difference:.1g} in {name}"
    return None
