"""Guided calibration by doubt: how many labels a user gives until the network knows their hand.

The user has held one half of the recordings. They say what one of each letter was, then answer a few questions at a
time, each about a shape that they have held; the other half is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final

import numpy as np

from models.data.dataset import Recording
from models.evaluation.classifier import Classifier
from models.evaluation.judged import WINDOW_FRAMES, Judged, judge, over_draws
from models.evaluation.protocols import Indices, Session

LABELS: Final = (24, 36, 48, 60, 72, 96)
"""Numbers of labels at which a session is judged in full, as far as its first labels are no more."""
QUESTIONS: Final = 6
"""Asked at a time."""
ENOUGH: Final = 95.0
"""Accuracy in percent that a session is to reach."""


def guide(classifier: Classifier, recordings: Sequence[Recording], sessions: Sequence[Session]) -> dict[str, Any]:
    """Measure sessions.

    Returns:
        `labels`: by number of labels (those of LABELS), `accuracy` in percent of every session, and `tally`, what
        `Judged` says of all; `reached`: for each session the number of labels after which ENOUGH was first reached,
        None if it was not. Empty for a classifier that cannot say what it doubts, and without sessions.
    """
    found = list(takewhile(bool, (_session(classifier, recordings, session) for session in sessions)))
    if not found or len(found) < len(sessions):
        return {}
    judged = {labels: [_after(steps, labels) for steps in found if min(steps) <= labels] for labels in LABELS}
    return {
        "labels": {str(labels): over_draws(steps) for labels, steps in judged.items() if steps},
        "reached": [
            next((labels for labels, step in steps.items() if step.tally.accuracy >= ENOUGH), None) for steps in found
        ],
    }


def _after(steps: dict[int, Judged], labels: int) -> Judged:
    """Return what is judged after this number of labels, or after the last where nothing was left to ask."""
    return steps[max(number for number in steps if number <= labels)]


def _session(classifier: Classifier, recordings: Sequence[Recording], session: Session) -> dict[int, Judged]:
    """Return what is judged after each round, by the number of labels; nothing of a classifier that does not doubt."""
    held = [recordings[index].samples[-WINDOW_FRAMES:] for index in session.held]
    test = [recordings[index] for index in session.test]
    shown: Indices = session.first
    steps: dict[int, Judged] = {}
    while True:
        examples = [recordings[index] for index in shown]
        calibrated = classifier.with_examples(examples)
        windows = [example.samples[-WINDOW_FRAMES:] for example in examples]
        asked = calibrated.doubtful(held, windows, _next_labels(len(shown)) - len(shown))
        if asked is None:
            return {}
        steps[len(shown)] = judge(calibrated, test)
        if not len(asked):
            return steps
        shown = np.concatenate([shown, session.held[asked]])


def _next_labels(labels: int) -> int:
    """Return the number of labels after the next round: QUESTIONS more, but never past one of LABELS."""
    return next((min(labels + QUESTIONS, mark) for mark in LABELS if mark > labels), labels)
