"""What was heard, held against what was signed. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from benchmarks.streams.recognition import Begun, Heard
from benchmarks.streams.script import Doing
from benchmarks.streams.signed_stream import SignedStream, Span
from models.evaluation.scores import calibration_error

EARLY_MS: Final = 250.0
"""A letter may be known so long before its hold begins: the last of a movement is hardly one any more."""
LATE_MS: Final = 200.0
"""And may begin so long after its hold has ended, when the last window of it is answered."""
SETTLED_MS: Final = 200.0
"""A window that ends so long after the begin of a hold shows nothing else."""
FIRST_MINUTE_MS: Final = 60_000.0
"""Of a stream: after it self-calibration has something to go by."""


@dataclass(slots=True)
class Score:
    """Sums over streams; what is told is made of them."""

    letters: int = 0
    """Signed."""
    errors: int = 0
    """Letters to insert, delete or replace to make what was signed of what was heard."""
    later_letters: int = 0
    later_errors: int = 0
    """The same after the first minute of a stream."""
    false: Counter[str] = field(default_factory=Counter)
    """Letters begun where none was held, by what the hand did."""
    unheld_s: float = 0.0
    """Of rest and movement."""
    delays_ms: list[float] = field(default_factory=list)
    """From the begin of a hold to that of its letter, of letters that were heard right."""
    begins: list[tuple[float, bool]] = field(default_factory=list)
    """Confidence of each letter begun, and whether it was right."""
    windows: list[tuple[float, bool]] = field(default_factory=list)
    """The same of each window in the midst of a hold that was given a letter."""
    rejected: int = 0
    """Windows in the midst of a hold that were given none."""
    characters: int = 0
    character_errors: int = 0

    @classmethod
    def of(cls, signed: SignedStream, heard: Heard) -> Self:
        holds = signed.holds
        score = cls(letters=len(holds))
        score.errors = edit_distance([begun.letter for begun in heard.begun], [hold.letter for hold in holds])
        later_ms = signed.spans[0].start_ms + FIRST_MINUTE_MS
        later = [hold.letter for hold in holds if hold.start_ms >= later_ms]
        score.later_letters = len(later)
        score.later_errors = edit_distance([begun.letter for begun in heard.begun if begun.t_ms >= later_ms], later)
        held_ms = sum(hold.end_ms - hold.start_ms for hold in holds)
        score.unheld_s = (signed.spans[-1].end_ms - signed.spans[0].start_ms - held_ms) / 1000
        score._judge_begins(signed.spans, heard.begun)
        score._judge_windows(signed.holds, heard)
        if heard.text is not None:
            written = signed.text.replace(" ", "")
            score.characters = len(written)
            score.character_errors = edit_distance(heard.text.replace(" ", ""), written)
        return score

    @classmethod
    def total(cls, scores: Iterable[Self]) -> Self:
        total = cls()
        for score in scores:
            total.letters += score.letters
            total.errors += score.errors
            total.later_letters += score.later_letters
            total.later_errors += score.later_errors
            total.false += score.false
            total.unheld_s += score.unheld_s
            total.delays_ms += score.delays_ms
            total.begins += score.begins
            total.windows += score.windows
            total.rejected += score.rejected
            total.characters += score.characters
            total.character_errors += score.character_errors
        return total

    def figures(self) -> dict[str, float | None]:
        """As they are reported: percent, milliseconds, and letters a minute; None where there is nothing to tell."""
        median, late = np.percentile(self.delays_ms, (50, 95)) if self.delays_ms else (None, None)
        held = len(self.windows) + self.rejected
        return {
            "letter_error_rate": _percent(self.errors, self.letters),
            "later_letter_error_rate": _percent(self.later_errors, self.later_letters),
            "false_per_minute": round(60 * self.false.total() / self.unheld_s, 2) if self.unheld_s else None,
            "delay_median_ms": None if median is None else round(float(median)),
            "delay_p95_ms": None if late is None else round(float(late)),
            "calibration_error_begins": _calibration_error(self.begins),
            "calibration_error_windows": _calibration_error(self.windows),
            "windows_rejected": _percent(self.rejected, held),
            "character_error_rate": _percent(self.character_errors, self.characters),
            "letters": self.letters,
        }

    def _judge_begins(self, spans: Sequence[Span], begun: Sequence[Begun]) -> None:
        starts = [span.start_ms for span in spans]
        heard: set[int] = set()
        for each in begun:
            place = max(0, bisect_right(starts, each.t_ms) - 1)
            hold = _hold_meant(spans, place, each, heard)
            self.begins.append((each.confidence, hold is not None))
            if hold is not None:
                heard.add(hold)
                self.delays_ms.append(each.t_ms - spans[hold].start_ms)
            elif spans[place].doing is not Doing.HOLD:
                self.false[spans[place].doing.value] += 1

    def _judge_windows(self, holds: Sequence[Span], heard: Heard) -> None:
        begins = [hold.start_ms + SETTLED_MS for hold in holds]

        def held(t_ms: float) -> str | None:
            place = bisect_right(begins, t_ms) - 1
            return holds[place].letter if place >= 0 and t_ms < holds[place].end_ms else None

        for window in heard.windows:
            if (letter := held(window.t_ms)) is not None:
                self.windows.append((window.confidence, window.letter == letter))
        self.rejected += sum(held(t_ms) is not None for t_ms in heard.rejected_ms)


def _hold_meant(spans: Sequence[Span], place: int, begun: Begun, heard: set[int]) -> int | None:
    """The hold that a letter begun during span `place` is: that one, the one before it or the one after."""
    for candidate, slack_ms in ((place, 0.0), (place - 1, LATE_MS), (place + 1, EARLY_MS)):
        if not 0 <= candidate < len(spans) or candidate in heard or spans[candidate].letter != begun.letter:
            continue
        span = spans[candidate]
        if span.start_ms - slack_ms <= begun.t_ms < span.end_ms + slack_ms:
            return candidate
    return None


def edit_distance(heard: Sequence[str | None], signed: Sequence[str | None]) -> int:
    """Levenshtein's: the fewest insertions, deletions and replacements that make one of the other."""
    before = np.arange(len(signed) + 1)
    for row, letter in enumerate(heard, start=1):
        replaced = before[:-1] + np.array([letter != other for other in signed], np.int64)
        now = np.concatenate([[row], np.minimum(replaced, before[1:] + 1)])
        # An insertion may follow an insertion: the least over all that stand to the left.
        before = np.minimum.accumulate(now - np.arange(len(now))) + np.arange(len(now))
    return int(before[-1])


def _percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _calibration_error(told: Sequence[tuple[float, bool]]) -> float | None:
    if not told:
        return None
    confidences, right = zip(*told, strict=True)
    return round(calibration_error(np.array(confidences), np.array(right)), 2)
