"""Other gloves: what those of other makers give of the same hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.front_end import LEAN, gravity, lean
from scaleglove.channels import FLEX

Frames = NDArray[np.float32]
Glove = Callable[[NDArray[np.floating[Any]]], Frames]
"""From frames [n, 8] of the recorded glove to those of another."""

_GAINS: Final = np.array([0.4, 6.0, 1.7, 2.9, 0.9])
_OFFSETS: Final = np.array([120.0, -300.0, 40.0, 1500.0, -60.0])
_SMALL: Final = np.array([50.0, -30.0, 40.0, -45.0, 35.0])
_ROLLED: Final = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


def flex(change: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Glove:
    """Return a glove with other flex readings."""

    def give(frames: NDArray[np.floating[Any]]) -> Frames:
        out = frames.astype(np.float64)
        out[:, FLEX] = change(out[:, FLEX])
        return out.astype(np.float32)

    return give


def turned(rotation: NDArray[np.float64]) -> Glove:
    """Return a glove whose motion sensor is mounted another way."""

    def give(frames: NDArray[np.floating[Any]]) -> Frames:
        out = frames.astype(np.float64)
        out[:, LEAN] = lean(gravity(out[:, LEAN]) @ rotation.T)
        return out.astype(np.float32)

    return give


def _divider(ratio: float) -> Glove:
    """Return a glove with another resistor in its dividers, `ratio` times as large."""

    def change(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        odds = ratio * counts / (1023.0 - np.minimum(counts, 1020.0))
        return 1023.0 * odds / (1.0 + odds)

    return flex(change)


GLOVES: Final[dict[str, Glove]] = {
    "as recorded": flex(lambda counts: counts),
    "12 bits": flex(lambda counts: 4 * counts),
    "other dividers": flex(lambda counts: _GAINS * counts + _OFFSETS),
    "reversed": flex(lambda counts: 1750 - counts),
    "offsets": flex(lambda counts: counts + _SMALL),
    "0 to 1": flex(lambda counts: counts / 1023),
    "left hand": turned(np.diag([1.0, -1.0, 1.0])),
    "turned sensor": turned(_ROLLED),
    "another resistor": _divider(3.0),
    "a tenth of the resistor": _divider(0.1),
}
