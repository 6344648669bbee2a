"""Windows of a hand that signs a text, as the decoder of letters takes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import numpy as np

from scaleglove.signed_text import REST
from scaleglove.spelling import spelling_of
from scaleglove.vocabulary import Vocabulary
from service.streams.scored_window import ScoredWindow

HOP_MS: Final = 100.0
HELD: Final = 6
MOVING: Final = 4
RESTING: Final = 25
DOUBT: Final = "?"


def windows(
    vocabulary: Vocabulary,
    text: str,
    misread: Mapping[int, str] | None = None,
    begin_ms: float = 0.0,
    doubtful: Collection[int] = (),
    held_windows: int = HELD,
) -> Iterator[ScoredWindow]:
    """Yield the windows of a hand that signs `text` and then rests; the letters with these numbers, counted without
    rests, are read as others, and those that are `doubtful` may be others: none is written for them."""
    t_ms, number = begin_ms, 0
    for label in [*spelling_of(vocabulary).labels(text), REST]:
        if label == REST:
            steps = [(None, None)] * MOVING + [(None, 1.0)] * RESTING
        else:
            other = DOUBT if number in doubtful else None
            steps = [(None, None)] * MOVING + [
                ((label, other or (misread or {}).get(number, label)), 1.0)
            ] * held_windows
            number += 1
        still_ms = 0.0
        for step, (signed, held) in enumerate(steps):
            t_ms += HOP_MS
            let_go = step == 0 and t_ms > begin_ms + HOP_MS
            still_ms = 0.0 if held is None else still_ms + HOP_MS
            yield ScoredWindow(t_ms, _probabilities(vocabulary, signed), still_ms, let_go_ms=t_ms if let_go else None)


def _probabilities(vocabulary: Vocabulary, signed: tuple[str, str] | None) -> np.ndarray:
    """Return probabilities of a window that shows a letter and is read as another; None: it shows none."""
    names = list(vocabulary.names)
    probabilities = np.full(len(names) + 1, 1e-4)
    if signed is None:
        probabilities[-1] = 1.0
    else:
        meant, read = signed
        probabilities[names.index(meant)] = 0.4 if read == DOUBT else 0.05
        probabilities[names.index(read) if read != DOUBT else (names.index(meant) + 1) % len(names)] += (
            0.4 if read == DOUBT else 0.9
        )
    return probabilities / probabilities.sum()
