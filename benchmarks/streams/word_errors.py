"""Errors by word of a stream of words: of the letters as decoded at once, and of the line as it is written. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.streams.alignment import errors_by_letter
from benchmarks.streams.drawn_words import Drawn
from benchmarks.streams.recognition import Recognised
from benchmarks.streams.signing import text_of
from benchmarks.streams.sums import percent
from scaleglove.hangul.spelling import letters
from scaleglove.letters import LETTERS

SPANS: Final = {"first": (0, 10), "after_50": (40, 60), "after_100": (80, 100), "all": (0, None)}
"""Words of a stream for which errors are stated, as the hand is taught: the first and the one behind the last."""

RESAMPLES: Final = 1000
_ENDS: Final = (2.5, 97.5)
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Errors in the letters and syllables of one word; None: nothing was written of the stream."""

    in_list: bool
    letters: int
    decoded: int
    written: int | None
    syllables: int
    syllables_wrong: int | None


Stream = Sequence[WordErrors]
"""The words of one stream, in their order."""


def word_errors(words: Sequence[Drawn], found: Recognised) -> list[WordErrors]:
    """Return the errors in these words, which were signed one after another."""
    spelled = [[LETTERS[label] for label in word.labels] for word in words]
    texts = [text_of(word) for word in words]
    decoded = _by_word([each.letter for each in found.letters], spelled)
    written: list[int] | list[None] = [None] * len(words)
    syllables: list[int] | list[None] = [None] * len(words)
    if found.text is not None:
        text = found.text.replace(" ", "")
        written, syllables = _by_word(letters(text), spelled), _by_word(text, texts)
    each = zip(words, spelled, texts, decoded, written, syllables, strict=True)
    return [
        WordErrors(word.in_list, len(row), of_letters, of_line, len(text), of_syllables)
        for word, row, text, of_letters, of_line, of_syllables in each
    ]


def _by_word(read: Sequence[str], signed: Sequence[Sequence[str]]) -> list[int]:
    """Return the errors in each of several rows that were signed one after another."""
    errors = errors_by_letter(read, [each for row in signed for each in row])
    return [int(part.sum()) for part in np.split(errors, np.cumsum([len(row) for row in signed])[:-1])]


def figures(streams: Sequence[Stream]) -> dict[str, float | None]:
    """Return errors in percent: of the letters of SPANS, decoded and written, of words in no list, and of syllables."""
    found: dict[str, float | None] = {}
    for span, (first, last) in SPANS.items():
        words = [word for stream in streams for word in stream[first:last]]
        found[f"decoded_{span}"] = _percent(words, lambda word: word.decoded)
        found[f"written_{span}"] = _percent(words, lambda word: word.written)
    others = [word for stream in streams for word in stream if not word.in_list]
    found["decoded_unlisted"] = _percent(others, lambda word: word.decoded)
    found["written_unlisted"] = _percent(others, lambda word: word.written)
    syllables = [(word.syllables_wrong, word.syllables) for stream in streams for word in stream]
    wrong = [count for count, _ in syllables if count is not None]
    found["syllables_wrong"] = percent(sum(wrong), sum(of for count, of in syllables if count is not None))
    return found


def _percent(words: Stream, count: Callable[[WordErrors], int | None]) -> float | None:
    counted = [(errors, word.letters) for word in words if (errors := count(word)) is not None]
    return percent(sum(errors for errors, _ in counted), sum(of for _, of in counted))


def counts(streams: Sequence[Stream], span: str) -> list[NDArray[np.int64]]:
    """Return the errors as written and the letters int64[words, 2] of the words of a span, of each stream that has any;
    of what was not written there are none."""
    first, last = SPANS[span]
    rows = [
        [(word.written, word.letters) for word in stream[first:last] if word.written is not None] for stream in streams
    ]
    return [np.array(row, np.int64) for row in rows if row]


def interval(counted: Sequence[NDArray[np.int64]]) -> tuple[float, float] | None:
    """Return the 95 % interval, in percent, of errors among letters; None of no words.

    The words int64[n, 2] of each stream are drawn again with replacement: it is of these hands, and says nothing of the
    next.
    """
    if not counted:
        return None
    rng = np.random.default_rng(_SEED)
    sums = sum(words[rng.integers(len(words), size=(RESAMPLES, len(words)))].sum(axis=1) for words in counted)
    errors, of = np.asarray(sums).T
    low, high = np.percentile(100 * errors / of, _ENDS)
    return round(float(low), 2), round(float(high), 2)


def more_errors(streams: Sequence[Stream], than: Sequence[Stream]) -> list[NDArray[np.int64]]:
    """Return, as `counts` of all words, by how many errors streams have more than others of the same words; nothing
    where they have nothing written."""
    mine, others = counts(streams, "all"), counts(than, "all")
    if not mine:
        return []
    return [np.stack([one[:, 0] - other[:, 0], one[:, 1]], axis=1) for one, other in zip(mine, others, strict=True)]
