"""Range of a hand by the letters that its shapes probably are. Pure numpy.

The ends of a finger's range over the shapes held say little where the letters are as uneven as in text: of a text
without letters that straighten the thumb its range ends early. So the line that brings each finger to the training's
readings is fitted again, to all shapes, each as the letters that it may be (expectation and maximisation; Dempster,
Laird and Rubin, 1977):

    r_i,letter  ~  share_letter * mean over the letter's training shapes of (the fingers' likelihoods)^NARROWER * that
                   of the direction,  in the range so far
    reading     =  line(the letter's mean reading in training),  weighted by r;  share_letter  ~  ALIKE + sum r

Beside the shapes each finger has START shapes of all letters alike, that read as in the range of the start: a few
shapes change little. How often letters come is learned and not assumed: forced to be even, uneven ones are mixed up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from models.adaptation.front_end import FINGERS, Floats, FrontEnd
from models.adaptation.shape_likelihood import direction_likelihoods, flex_likelihoods
from models.adaptation.training_readings import TrainingReadings

NARROWER: Final = 2.0
START: Final = 5.0
ALIKE: Final = 2.0
"""Chosen on nine of 17 people with American letters, confirmed on the others and on Korean ones; half and twice as much
of any differ by less than half a point (docs/reports/people.md)."""
_ROUNDS: Final = 5
_MOST: Final = 2.5
"""A gain that would differ by more from the start's is of letters mixed up: the finger keeps its range."""
_LEAST: Final = 1e-300
"""Likelihood of a shape that is like none."""


def fit_to_likely_letters(
    front_end: FrontEnd, flex: Floats, directions: Floats, training: TrainingReadings
) -> FrontEnd:
    """Return a front end of shapes without labels with the lines of its fingers fitted to the letters that the shapes
    probably are.

    Args:
        front_end: of the shapes' range, without slopes.
        flex: float64[n, 5], NaN where a sensor has no contact or is dead.
        directions: of gravity as the front end turns them, float64[n, 3]; NaN without a motion sensor.
        training: what the model knows.
    """
    letters = np.unique(training.labels)
    means, _ = training.means(letters)
    of_letter = (training.labels[:, np.newaxis] == letters).astype(np.float64)
    of_letter /= of_letter.sum(axis=0)
    by_direction = direction_likelihoods(directions, training)
    shares = np.full(len(letters), 1 / len(letters))
    found = front_end
    for _ in range(_ROUNDS):
        by_finger = flex_likelihoods(flex * found.gain + found.offset, training)
        likely = (np.prod(by_finger, axis=0) ** NARROWER * by_direction) @ of_letter * shares
        likely /= likely.sum(axis=1, keepdims=True) + _LEAST
        shares = likely.sum(axis=0) + ALIKE
        shares /= shares.sum()
        found = _fit_lines(front_end, flex, likely, means)
    return found


def _fit_lines(start: FrontEnd, flex: Floats, likely: Floats, means: Floats) -> FrontEnd:
    """Return the front end with gain and offset of each finger by shapes float64[n, 5] that are letters with
    probabilities `likely` float64[n, letters], of which the training's mean readings are float64[letters, 5]."""
    gain, offset = start.gain.copy(), start.offset.copy()
    for finger in range(FINGERS):
        read, known = ~np.isnan(flex[:, finger]), ~np.isnan(means[:, finger])
        to, weights = means[known, finger], likely[np.ix_(read, known)]
        of_start = START / max(len(to), 1)
        counts = weights.sum(axis=0) + of_start
        sums = weights.T @ flex[read, finger] + of_start * (to - start.offset[finger]) / start.gain[finger]
        middle, own_middle = counts @ to / counts.sum(), sums.sum() / counts.sum()
        spread = counts @ np.square(to - middle)
        slope = start.gain[finger] * ((to - middle) @ sums) / spread if spread > 0 else 0.0
        if 1 / _MOST < slope < _MOST:
            gain[finger] = start.gain[finger] / slope
            offset[finger] = middle - gain[finger] * own_middle
    return replace(start, gain=gain, offset=offset)
