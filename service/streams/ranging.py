"""Ranging of a stream's glove without a profile: what it reads is compared with what the model knows, and brought there
by the shapes that the hand holds. Pure.

docs/reference/any-glove.md says how each constant was chosen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.adaptation.front_end import DROPPED, FINGERS, Floats, FrontEnd
from models.adaptation.sensor_fit import (
    FAR_BETTER,
    Ranged,
    TrainingReadings,
    fit_range,
    range_shapes,
    without_drop_outs,
)
from scaleglove.channels import CHANNELS, FLEX
from scaleglove.protocol import GloveNotice, Ranging, ServerMessage

JUDGED_WINDOWS: Final = 15
"""Windows after which the readings are judged: 1.5 s of a stream, so that a reason comes within two."""

REFIT_AT: Final = (8, 12, 16, 24, 36, 48, 72, 100)
"""Numbers of held shapes after which the glove is ranged again; with the last it is settled."""

SURE_SHAPES: Final = 24
LATE_SHAPES: Final = 48
LATE_GAIN: Final = 0.05
"""Gain that is believed from LATE_SHAPES on; before, only FAR_BETTER is."""

_BEYOND: Final = 1.0
"""In ranges of a finger: readings farther than this outside the training's are of another glove."""
_REMEMBERED: Final = 300
_LEAST_SPREAD: Final = 0.05
"""Of the reading itself: a hand that has hardly moved yet does not show its range."""

_SCALES: Final = ((1.5, "scale_unit"), (1023.5, ""), (4095.5, "scale_12_bit"), (65535.5, "scale_16_bit"))
WORDS: Final = {
    "scale_unit": "the flex sensors read from 0 to 1; the model knows 10-bit counts",
    "scale_12_bit": "the flex sensors read more than 1023, as from a 12-bit converter; the model knows 10-bit counts",
    "scale_16_bit": "the flex sensors read more than 4095, as from a 16-bit converter; the model knows 10-bit counts",
    "scale_other": "the flex sensors read numbers that no converter gives; check what the glove sends",
}
_REMEDY: Final = "letters come once about ten shapes were held; scaleglove glove check takes half a minute and is surer"


class GloveRanging:
    """The ranging of one stream; `front_end` is what to use for the windows from here on."""

    def __init__(self, training: TrainingReadings) -> None:
        self._training = training
        self._recent: deque[NDArray[np.float32]] = deque(maxlen=_REMEMBERED)
        self._shapes: list[NDArray[np.float32]] = []
        self._told: list[GloveNotice] = []
        self._is_ranged = False
        self.front_end = FrontEnd(neutral=training.neutral)

    @property
    def shapes(self) -> list[NDArray[np.float32]]:
        """The shapes that were held so far, float32[8] each, as the glove read them."""
        return self._shapes

    def watch(self, newest: NDArray[np.float32]) -> Iterator[ServerMessage]:
        """Take the newest frame float32[8] of each window; yield what is odd about the glove, once."""
        if self._is_ranged:
            return
        self._recent.append(newest)
        if len(self._recent) == JUDGED_WINDOWS:
            self._told = list(self._judge(np.stack(self._recent)))
            yield from self._told
        if self._told and len(self._recent) % JUDGED_WINDOWS == 0:
            self.front_end = self._provisional(np.stack(self._recent))

    def add(self, shape: NDArray[np.float32], t_ms: float) -> Iterator[ServerMessage]:
        """Take the next shape that was held, float32[8]; yield a report where the glove is ranged by it."""
        if len(self._shapes) >= REFIT_AT[-1]:
            return
        self._shapes.append(shape)
        if len(self._shapes) not in REFIT_AT:
            return
        found = range_shapes(np.stack(self._shapes), self._training)
        enough = LATE_GAIN if len(self._shapes) >= LATE_SHAPES else FAR_BETTER
        if found.gained < enough and not self._is_ranged:
            return
        self._is_ranged = True
        self.front_end = found.front_end
        if len(self._shapes) >= SURE_SHAPES:
            yield from self._end_notices()
        yield self._report(found, t_ms)

    def _report(self, found: Ranged, t_ms: float) -> Ranging:
        count = len(self._shapes)
        is_reversed = tuple(CHANNELS[finger] for finger in found.reversed_fingers)
        return Ranging(t_ms, count, SURE_SHAPES, count >= SURE_SHAPES, is_reversed, found.turned)

    def _end_notices(self) -> Iterator[GloveNotice]:
        for notice in self._told:
            yield GloveNotice(notice.code, notice.text, notice.channel, notice.values, present=False)
        self._told = []

    def _judge(self, recent: NDArray[np.float32]) -> Iterator[GloveNotice]:
        """Yield what is odd about these readings float32[n, 8]."""
        medians = _medians(recent[:, FLEX].astype(np.float64))
        readings = medians[~np.isnan(medians)]
        missing = [name for name, column in zip(CHANNELS, recent.T, strict=True) if np.isnan(column).all()]
        if missing:
            words = f"the glove has no {', '.join(missing)}: letters that differ in nothing else look alike"
            yield GloveNotice("missing_sensors", words, values={"channels": " ".join(missing)})
        if not len(readings):
            return
        code = next((code for most, code in _SCALES if readings.max() <= most), "scale_other")
        if code:
            yield GloveNotice(code, f"{WORDS[code]}: {_REMEDY}", values={"most": f"{readings.max():.4g}"})
            return
        for finger, median in enumerate(medians):
            low, high = self._training.low[finger], self._training.high[finger]
            if median > DROPPED and not low - _BEYOND * (high - low) <= median <= high + _BEYOND * (high - low):
                known = f"the model knows {low:.0f} to {high:.0f}"
                words = f"{CHANNELS[finger]} reads about {median:.0f}; {known}: {_REMEDY}"
                values = {"reading": f"{median:.0f}", "low": f"{low:.0f}", "high": f"{high:.0f}"}
                yield GloveNotice("level", words, CHANNELS[finger], values)

    def _provisional(self, recent: NDArray[np.float32]) -> FrontEnd:
        """Range by the readings of all moments, held or not: good enough to see when the hand is still."""
        flex, contact = without_drop_outs(recent[:, FLEX].astype(np.float64))
        gain, offset = fit_range(flex, self._training)
        most = (self._training.high - self._training.low) / np.maximum(_LEAST_SPREAD * np.abs(_medians(flex)), 1e-9)
        narrow = gain > most
        middle = (self._training.high + self._training.low) / 2
        gain = np.where(narrow, most, gain)
        offset = np.where(narrow, middle - most * np.nan_to_num(_medians(flex)), offset)
        return FrontEnd(np.nan_to_num(gain), np.nan_to_num(offset), np.eye(3), contact, self._training.neutral)


def _medians(flex: Floats) -> Floats:
    """Return the median of each finger, NaN for one that is missing: float64[5] of float64[n, 5]."""
    known = [column[~np.isnan(column)] for column in flex.T]
    return np.array([np.median(column) if len(column) else np.nan for column in known]).reshape(FINGERS)
