"""Scores of recognised static and moving signs against the ground truth: errors, false positives, delays. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from benchmarks.streams.recognition import RecognisedSign
from benchmarks.streams.script import Action
from benchmarks.streams.signed_stream import SignedStream, Span
from benchmarks.streams.sums import Sums, percent
from service.streams.stillness import still_ms

MADE: Final = (Action.HOLD, Action.SIGN)


@dataclass(slots=True)
class SignScore(Sums):
    """Sums over streams, from which the figures of a report are computed."""

    static: int = 0
    moving: int = 0
    """Signs made."""
    static_errors: int = 0
    moving_errors: int = 0
    """Signs made that were named wrongly or missed."""
    extra: int = 0
    """Signs recognised that were not made."""
    seconds: float = 0.0
    static_delays_ms: list[float] = field(default_factory=list)
    """From the begin of a hold until its sign is sent."""
    moving_delays_ms: list[float] = field(default_factory=list)
    """From when the hand came to rest after a movement, or from the end of its recording, until its sign is sent."""

    @classmethod
    def of(cls, signed: SignedStream, recognised: Sequence[RecognisedSign]) -> Self:
        """Return the score of one stream."""
        made = [span for span in signed.spans if span.action in MADE]
        score = cls(seconds=(signed.spans[-1].end_ms - signed.spans[0].start_ms) / 1000)
        for span in made:
            score.static += span.action is Action.HOLD
            score.moving += span.action is Action.SIGN
        for truth, found in align([span.letter for span in made], [sign.label for sign in recognised]):
            if truth is None:
                score.extra += 1
            elif found is None or recognised[found].label != made[truth].letter:
                score.static_errors += made[truth].action is Action.HOLD
                score.moving_errors += made[truth].action is Action.SIGN
            elif made[truth].action is Action.HOLD:
                score.static_delays_ms.append(recognised[found].sent_ms - made[truth].start_ms)
            else:
                score.moving_delays_ms.append(recognised[found].sent_ms - _rest_ms(signed, made[truth]))
        return score

    def figures(self) -> dict[str, float | None]:
        """Return the figures of a report: percent, ms and false positives per minute; None where undefined."""
        errors = self.static_errors + self.moving_errors + self.extra
        return {
            "sign_error_rate": percent(errors, self.static + self.moving),
            "static_missed": percent(self.static_errors, self.static),
            "moving_missed": percent(self.moving_errors, self.moving),
            "false_per_minute": round(60 * self.extra / self.seconds, 2) if self.seconds else None,
            "static_delay_median_ms": _percentile(self.static_delays_ms, 50),
            "static_delay_p95_ms": _percentile(self.static_delays_ms, 95),
            "moving_delay_median_ms": _percentile(self.moving_delays_ms, 50),
            "moving_delay_p95_ms": _percentile(self.moving_delays_ms, 95),
            "signs": self.static + self.moving,
        }


def align(made: Sequence[str | None], recognised: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Yield the pairs of positions of an alignment with the fewest errors, the last first; None: one has no partner."""
    cost = np.zeros((len(made) + 1, len(recognised) + 1), np.int64)
    cost[:, 0], cost[0] = np.arange(len(made) + 1), np.arange(len(recognised) + 1)
    for row, truth in enumerate(made, start=1):
        for column, found in enumerate(recognised, start=1):
            paired = cost[row - 1, column - 1] + (truth != found)
            cost[row, column] = min(paired, cost[row - 1, column] + 1, cost[row, column - 1] + 1)
    row, column = len(made), len(recognised)
    while row or column:
        differ = row and column and made[row - 1] != recognised[column - 1]
        if row and column and cost[row, column] == cost[row - 1, column - 1] + bool(differ):
            row, column = row - 1, column - 1
            yield row, column
        elif row and cost[row, column] == cost[row - 1, column] + 1:
            row -= 1
            yield row, None
        else:
            column -= 1
            yield None, column


def _rest_ms(signed: SignedStream, span: Span) -> float:
    """Return when the hand came to rest by the frames of a sign: at the earliest when the span begins."""
    during = slice(*np.searchsorted(signed.t_ms, (span.start_ms, span.end_ms)))
    times = signed.t_ms[during]
    period_ms = float(np.median(np.diff(times)))
    return span.end_ms - still_ms(signed.values[during], period_ms)


def _percentile(delays_ms: Sequence[float], percent: float) -> float | None:
    return round(float(np.percentile(delays_ms, percent))) if delays_ms else None
