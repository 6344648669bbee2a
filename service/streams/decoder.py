"""Predictions become letters: one begin and one end for each letter held, not a flood. Pure: device time comes in."""

from __future__ import annotations

from typing import Final

from service.wire import Gesture, Prediction

HOLD_MS: Final = 300.0
RELEASE_MS: Final = 150.0
"""Shorter than the hold, so that a letter signed twice is two letters: between them the hand opens for some 200 ms."""

MIN_CONFIDENCE: Final = 0.6


class LetterDecoder:
    """Begins a letter when it has been on top for `hold_ms` with at least `min_confidence`; ends it when another
    begins, or after `release_ms` without it. There are never two begins without an end between them."""

    def __init__(
        self, hold_ms: float = HOLD_MS, release_ms: float = RELEASE_MS, min_confidence: float = MIN_CONFIDENCE
    ) -> None:
        self._hold_ms = hold_ms
        self._release_ms = release_ms
        self._min_confidence = min_confidence
        self._letter: str | None = None
        self._confidence = 0.0
        self._seen_ms = 0.0
        self._candidate: str | None = None
        self._since_ms = 0.0

    def push(self, prediction: Prediction) -> list[Gesture]:
        """Take the next prediction, in order of device time."""
        label, confidence, t_ms = prediction.label, prediction.confidence or 0.0, prediction.t_ms
        sure = label if prediction.state in {"ok", "gap"} and confidence >= self._min_confidence else None
        if sure != self._candidate:
            self._candidate, self._since_ms = sure, t_ms
        if sure is not None and sure == self._letter:
            self._seen_ms, self._confidence = t_ms, confidence
            return []
        events: list[Gesture] = []
        begins = sure is not None and t_ms - self._since_ms >= self._hold_ms
        if begins or t_ms - self._seen_ms >= self._release_ms:
            events += self._end(t_ms)
        if begins and sure is not None:
            self._letter, self._seen_ms, self._confidence = sure, t_ms, confidence
            events.append(Gesture("begin", sure, t_ms, confidence))
        return events

    def let_go(self, t_ms: float) -> list[Gesture]:
        """The data broke off at `t_ms` (gap, stale, reset, stop): nothing holds any more."""
        self._candidate = None
        return self._end(t_ms)

    def _end(self, t_ms: float) -> list[Gesture]:
        if self._letter is None:
            return []
        ended = Gesture("end", self._letter, t_ms, self._confidence)
        self._letter = None
        return [ended]
