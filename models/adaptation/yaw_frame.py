"""Zero of yaw: how far a session's yaw is turned from that of a user's examples. Pure numpy.

Yaw is the integral of a gyroscope: its zero is where the hand pointed when the glove was switched on, so examples of
another session say nothing by their yaw until the turn between the two is known. Held shapes tell it without labels:
for a shape with yaw y, probabilities p of letters, and a turn t, the likelihood is

    (1 - STRAY) sum over letters of p_letter max over its examples of K(y - t - y_i) + STRAY,   K(x) = exp(-|x| / WIDTH)

up to a factor. Turns are tried in steps of STEP; older shapes count less, since yaw drifts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import CHANNELS
from scaleglove.resampling import median_degrees, wrap_degrees

STEP: Final = 15.0
WIDTH: Final = 15.0
"""Degrees."""
STRAY: Final = 0.2
KEPT: Final = 0.95
"""What a shape counts for after the next one: half after 14."""
SURE: Final = 0.95
"""Posterior of a turn, within a step, from which on it is used."""

_FRAMES: Final = 10
_YAW: Final = CHANNELS.index("yaw")
_TURNS: Final = np.arange(0.0, 360.0, STEP)


def yaw_of(window: NDArray[np.float32]) -> float:
    """Return the yaw of a window float32[n, 8] in degrees, of its newest frames; NaN without a motion sensor."""
    yaw = window[-_FRAMES:, _YAW:]
    return float("nan") if np.isnan(yaw).any() else float(wrap_degrees(median_degrees(yaw))[0])


class YawFrame:
    """The turn of one session.

    Args:
        yaws: of the examples of letters, float64[n] in degrees from one zero.
        labels: the letter of each, int64[n]; negative ones are none.
    """

    def __init__(self, yaws: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
        letters = labels >= 0
        order = np.argsort(labels[letters], kind="stable")
        self._yaws = yaws[letters][order]
        self._letters, self._starts = np.unique(labels[letters][order], return_index=True)
        self._log_likelihood = np.zeros(len(_TURNS))
        self._turn: float | None = None

    @property
    def turn(self) -> float | None:
        """Degrees to subtract from the session's yaw; None: not known yet."""
        return self._turn

    def add(self, yaw: float, probabilities: NDArray[np.float64]) -> None:
        """Take a held shape with its yaw in degrees, and the probabilities float64[classes + 1] of what it is."""
        if np.isnan(yaw) or not len(self._letters):
            return
        apart = np.abs(wrap_degrees(yaw - _TURNS[:, np.newaxis] - self._yaws))
        near = np.maximum.reduceat(np.exp(-apart / WIDTH), self._starts, axis=1)
        likelihood = (1 - STRAY) * near @ probabilities[self._letters] + STRAY * WIDTH / 180
        self._log_likelihood = KEPT * self._log_likelihood + np.log(likelihood)
        self._turn = _sure_turn(self._log_likelihood)


def _sure_turn(log_likelihood: NDArray[np.float64]) -> float | None:
    """Return the turn around which the posterior lies, if it lies around one."""
    posterior = np.exp(log_likelihood - log_likelihood.max())
    posterior /= posterior.sum()
    around = (int(posterior.argmax()) + np.arange(-1, 2)) % len(_TURNS)
    if posterior[around].sum() < SURE:
        return None
    mean = (posterior[around] * np.exp(1j * np.deg2rad(_TURNS[around]))).sum()
    return float(np.rad2deg(np.angle(mean)))
