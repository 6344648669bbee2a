"""Normalisation of raw readings: the only preprocessing, fitted on training data and exported inside the artefact.

Each frame is normalised by itself, so that a stream can cache it and a chip can do it as the frame arrives:

    f = fill            where a flex reading is below DROPPED_FLEX_BELOW (no contact), else x
    k = floor(f / 360 + turn)        whole turns, counted from the seam of each angle
    n = f * gain + offset - k * turn_gain

The seam of an angle lies where the training data has fewest readings, so that no hand shape of the training data lies
on it; for the flex sensors `turn_gain` is 0. A dropped sensor is filled with the training median, which carries no
information about the letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import ANGLES, CHANNELS, DROPPED_FLEX_BELOW, FLEX
from scaleglove.errors import ScaleGloveError

_SEAM_BIN_DEGREES = 5
_NO_THRESHOLD = -1e9
"""Below every reading: angles never count as dropped."""


class NormaliserError(ScaleGloveError):
    """Raised for training data that a normaliser cannot be fitted on; the text names the channel."""


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Parameters of the equation above, float32[8] each, by channel."""

    threshold: NDArray[np.float32]
    fill: NDArray[np.float32]
    turn: NDArray[np.float32]
    gain: NDArray[np.float32]
    offset: NDArray[np.float32]
    turn_gain: NDArray[np.float32]

    @classmethod
    def fit(cls, recordings: Sequence[NDArray[np.float32]]) -> Self:
        """Fit to training recordings float32[frames, 8] in raw units, without dropped readings.

        Raises:
            NormaliserError: a channel has no spread: its sensor was dead or stuck.
        """
        frames = np.concatenate(recordings).astype(np.float64)
        count = len(CHANNELS)
        threshold, fill, turn, gain, offset = (np.zeros(count) for _ in range(5))
        turn_gain = np.zeros(count)
        threshold[ANGLES] = _NO_THRESHOLD
        for channel in range(count)[FLEX]:
            threshold[channel] = DROPPED_FLEX_BELOW
            readings = frames[:, channel]
            healthy = readings[readings >= DROPPED_FLEX_BELOW]
            gain[channel] = _gain(channel, healthy)
            fill[channel] = np.median(healthy)
            offset[channel] = -healthy.mean() * gain[channel]
        for channel in range(count)[ANGLES]:
            seam = _emptiest_direction(frames[:, channel])
            turn[channel] = -seam / 360.0
            unrolled = frames[:, channel] - 360.0 * np.floor(frames[:, channel] / 360.0 + turn[channel])
            gain[channel] = _gain(channel, unrolled)
            offset[channel] = -unrolled.mean() * gain[channel]
            turn_gain[channel] = 360.0 * gain[channel]
        return cls(*(vector.astype(np.float32) for vector in (threshold, fill, turn, gain, offset, turn_gain)))

    def apply(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Normalise raw float32[..., 8] with the same operations as the artefact."""
        filled = np.where(frames < self.threshold, self.fill, frames)
        turns = np.floor(filled * np.float32(1 / 360) + self.turn)
        normalised: NDArray[np.float32] = filled * self.gain + self.offset - turns * self.turn_gain
        return normalised

    def as_dict(self) -> dict[str, list[float]]:
        """Return the parameters as JSON."""
        return {name: getattr(self, name).tolist() for name in self.__slots__}

    @classmethod
    def from_dict(cls, vectors: dict[str, list[float]]) -> Self:
        """Read what `as_dict` returned."""
        return cls(**{name: np.array(vector, np.float32) for name, vector in vectors.items()})


def _gain(channel: int, readings: NDArray[np.float64]) -> float:
    spread = readings.std() if readings.size else 0.0
    if not spread > 0:
        raise NormaliserError(f"{CHANNELS[channel]} has the same reading in all training data: dead or stuck")
    return float(1 / spread)


def _emptiest_direction(degrees: NDArray[np.float64]) -> float:
    """Return the middle of the arc with the fewest readings, in [-180, 180)."""
    edges = np.arange(-180, 180 + _SEAM_BIN_DEGREES, _SEAM_BIN_DEGREES)
    counts, _ = np.histogram((degrees + 180) % 360 - 180, edges)
    # Smoothed around the circle over 60 degrees: a wide arc of few readings is better than one empty bin among many.
    kernel = np.hanning(60 // _SEAM_BIN_DEGREES + 2)
    smooth = np.convolve(np.tile(counts, 3), kernel, "same")[len(counts) : 2 * len(counts)]
    return float(edges[int(np.argmin(smooth))] + _SEAM_BIN_DEGREES / 2)
