"""Scores of a recognised stream against the ground truth: errors, false positives, delays, calibration. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from benchmarks.streams.alignment import edit_distance
from benchmarks.streams.recognition import Letter, Recognised
from benchmarks.streams.script import Action
from benchmarks.streams.signed_stream import SignedStream, Span
from benchmarks.streams.sums import Sums, percent
from models.evaluation.scores import calibration_error

EARLY_MS: Final = 250.0
"""Time by which a letter may begin before its hold: the end of a movement is close to the letter's shape."""
LATE_MS: Final = 200.0
"""Time by which a letter may begin after its hold has ended, when the last window of the hold is answered."""
SETTLED_MS: Final = 200.0
"""Time after the begin of a hold from which on a window is taken to show the hold."""


@dataclass(slots=True)
class Score(Sums):
    """Sums over streams, from which the figures of a report are computed."""

    letters: int = 0
    """Number of letters signed."""
    errors: int = 0
    """Edit distance between the letters signed and recognised."""
    false: Counter[str] = field(default_factory=Counter)
    """False positives: letters that began where none was held, by the hand's action."""
    unheld_s: float = 0.0
    """Duration of rest and movement."""
    delays_ms: list[float] = field(default_factory=list)
    """Delay from the begin of a hold to that of its letter, for letters recognised correctly."""
    begins: list[tuple[float, bool]] = field(default_factory=list)
    """Confidence of each letter, and whether it was correct."""
    windows: list[tuple[float, bool]] = field(default_factory=list)
    """Confidence of each window within a hold that has a letter, and whether it was correct."""
    rejected: int = 0
    """Number of windows within a hold that were rejected."""

    @classmethod
    def of(cls, signed: SignedStream, recognised: Recognised) -> Self:
        """Return the score of one stream."""
        holds = signed.holds
        score = cls(letters=len(holds))
        score.errors = edit_distance([each.letter for each in recognised.letters], [hold.letter for hold in holds])
        held_ms = sum(hold.end_ms - hold.start_ms for hold in holds)
        score.unheld_s = (signed.spans[-1].end_ms - signed.spans[0].start_ms - held_ms) / 1000
        score._add_letters(signed.spans, recognised.letters)
        score._add_windows(signed.holds, recognised)
        return score

    def figures(self) -> dict[str, float | None]:
        """Return the figures of a report: percent, ms and false positives per minute; None where undefined."""
        median, late = np.percentile(self.delays_ms, (50, 95)) if self.delays_ms else (None, None)
        held = len(self.windows) + self.rejected
        return {
            "letter_error_rate": percent(self.errors, self.letters),
            "false_per_minute": round(60 * self.false.total() / self.unheld_s, 2) if self.unheld_s else None,
            "delay_median_ms": None if median is None else round(float(median)),
            "delay_p95_ms": None if late is None else round(float(late)),
            "calibration_error_begins": _calibration_error(self.begins),
            "calibration_error_windows": _calibration_error(self.windows),
            "windows_rejected": percent(self.rejected, held),
            "letters": self.letters,
        }

    def _add_letters(self, spans: Sequence[Span], letters: Sequence[Letter]) -> None:
        starts = [span.start_ms for span in spans]
        recognised: set[int] = set()
        for each in letters:
            during = max(0, bisect_right(starts, each.t_ms) - 1)
            hold = _hold_of(spans, during, each, recognised)
            self.begins.append((each.confidence, hold is not None))
            if hold is not None:
                recognised.add(hold)
                self.delays_ms.append(each.t_ms - spans[hold].start_ms)
            elif spans[during].action is not Action.HOLD:
                self.false[spans[during].action.value] += 1

    def _add_windows(self, holds: Sequence[Span], recognised: Recognised) -> None:
        begins = [hold.start_ms + SETTLED_MS for hold in holds]

        def held(t_ms: float) -> str | None:
            index = bisect_right(begins, t_ms) - 1
            return holds[index].letter if index >= 0 and t_ms < holds[index].end_ms else None

        for window in recognised.windows:
            if (letter := held(window.t_ms)) is not None:
                self.windows.append((window.confidence, window.letter == letter))
        self.rejected += sum(held(t_ms) is not None for t_ms in recognised.rejected_ms)


def _hold_of(spans: Sequence[Span], during: int, letter: Letter, recognised: set[int]) -> int | None:
    """Return the hold of a letter that began during span `during`: this span, the last one or the next one."""
    for candidate, slack_ms in ((during, 0.0), (during - 1, LATE_MS), (during + 1, EARLY_MS)):
        if not 0 <= candidate < len(spans) or candidate in recognised or spans[candidate].letter != letter.letter:
            continue
        span = spans[candidate]
        if span.start_ms - slack_ms <= letter.t_ms < span.end_ms + slack_ms:
            return candidate
    return None


def _calibration_error(scored: Sequence[tuple[float, bool]]) -> float | None:
    if not scored:
        return None
    confidences, right = zip(*scored, strict=True)
    return round(calibration_error(np.array(confidences), np.array(right)), 2)
