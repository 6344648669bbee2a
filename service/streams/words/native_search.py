"""The search for a word's spellings in C (`service/streams/words/native`). Pure.

A word keeps its newest beam, of some 2.5 KB, and of the holds before it only from where each hypothesis came, 230 bytes
each. A hold is taken back by searching again from the first one on, which is rare.
"""

from __future__ import annotations

import ctypes
import math
from ctypes import Structure, c_double, c_int8, c_int32, c_uint8, c_void_p
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scaleglove.language.language_model import LanguageModel
from service.streams.words.beam import LOG_LISTED, LOG_OTHER, total_of
from service.streams.words.native.build import LIBRARY
from service.streams.words.options import WordOptions
from service.streams.words.signed_letter import Emissions, SignedLetter
from service.streams.words.word_search import MAX_HOLDS, TRACED, ArraySearch, ScoredSpelling, Spelling, WordSearch

_NO_HOLD: Final = 255
"""NO_HOLD of beam.h: the source of a letter that had no hold."""
_LONGEST: Final = 3 * MAX_HOLDS + 1
_MAX_LETTERS: Final = 32
"""MAX_LETTERS of beam.h: the search in a language with more runs in Python."""
_FIRST_STEPS: Final = 8
"""Holds for which there is place at once: most words have fewer."""


class _Search(Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("letter", "end", "best", "first", "children", "rows", "row_of")),
        *((name, c_void_p) for name in ("endings_after", "labels")),
        *((name, c_double) for name in ("log_listed", "log_other", "log_followed", "log_last", "log_space")),
        *((name, c_double) for name in ("language", "sharpness", "missed", "false_letter", "again", "doubled")),
        *((name, c_double) for name in ("unwritten", "most_after")),
        *((name, c_int32) for name in ("root", "letters", "base", "codes")),
    )


class _Ended(Structure):
    _fields_ = (
        ("total", c_double),
        ("listed", c_int32),
        ("letters", c_int32),
        ("letter", c_int8 * _LONGEST),
        ("source", c_uint8 * _LONGEST),
    )


class CompiledSearch:
    """The compiled functions, for one language, vocabulary and weights."""

    def __init__(
        self, library: ctypes.CDLL, language: LanguageModel, labels: tuple[int, ...], options: WordOptions
    ) -> None:
        self.library = library
        self.labels_most = max(labels)
        self.weight = options.language
        tree, letters = language.tree, language.open
        self._arrays: dict[str, NDArray[Any]] = {
            "letter": np.ascontiguousarray(tree.letter, np.int8),
            "end": np.ascontiguousarray(tree.end, np.float32),
            "best": np.ascontiguousarray(tree.best, np.float32),
            "first": np.ascontiguousarray(tree.first, np.int32),
            "children": np.ascontiguousarray(tree.children, np.int32),
            "rows": np.ascontiguousarray(letters.rows, np.float32),
            "row_of": np.ascontiguousarray(letters.row_of, np.int32),
            "endings_after": np.ascontiguousarray(language.endings_after, np.int32),
            "labels": np.array(labels, np.int32),
        }
        self._search = _Search(
            **{name: array.ctypes.data for name, array in self._arrays.items()},
            log_listed=LOG_LISTED,
            log_other=LOG_OTHER,
            log_followed=language.log_followed,
            log_last=language.log_last,
            log_space=-options.space / options.language,
            language=options.language,
            sharpness=options.sharpness,
            missed=options.missed,
            false_letter=options.false,
            again=options.again,
            doubled=options.doubled,
            unwritten=options.unwritten,
            most_after=max(0.0, float(letters.rows.max())),
            root=language.root,
            letters=len(language.letters),
            base=letters.base,
            codes=len(letters.row_of),
        )
        self.address = ctypes.addressof(self._search)
        sizes = (c_int32 * 4)()
        library.scaleglove_beam_sizes(sizes)
        self.beam_size, self.step_size, *structs = sizes
        if structs != [ctypes.sizeof(_Search), ctypes.sizeof(_Ended)]:
            raise AssertionError("the structs of native_search.py are not those of beam.h")


compiled_search = lru_cache(maxsize=16)(CompiledSearch)  # a service has few vocabularies, and two sets of weights


class NativeSearch:
    """The search of one stream."""

    def __init__(self, compiled: CompiledSearch) -> None:
        self._compiled = compiled
        self._holds: list[tuple[SignedLetter, int]] = []
        self._beam: Any = None
        self._steps: Any = None

    def push(self, signed: SignedLetter, written: int | None) -> float:
        """Take the next hold; return what its score adds to that of what was written."""
        hold = signed, -1 if written is None else written
        score = self._push(*hold)
        self._holds.append(hold)
        return score

    def pop(self) -> None:
        """Forget the newest hold."""
        holds = self._holds[:-1]
        self.clear()
        for hold in holds:
            self._push(*hold)
            self._holds.append(hold)

    def clear(self) -> None:
        """Forget the word."""
        self._holds.clear()
        self._beam = self._steps = None

    def ends(self) -> list[ScoredSpelling]:
        """Return the most probable spellings if the word ends here, the best first."""
        compiled, ends = self._compiled, (_Ended * TRACED)()
        count = compiled.library.scaleglove_ends(
            compiled.address, ctypes.addressof(self._beam), ctypes.addressof(self._steps), len(self._holds), ends
        )
        return [_scored(ended) for ended in ends[:count]]

    def written(self, spelling: Spelling, score: float) -> ScoredSpelling:
        """Return a spelling by itself, with the score of its holds."""
        letters, logarithms = bytes(spelling.letters), (c_double * 2)()
        self._compiled.library.scaleglove_written(self._compiled.address, letters, len(letters), logarithms)
        listed, other = logarithms
        return ScoredSpelling(spelling, total_of(score, self._compiled.weight, listed, other), listed > -math.inf)

    def _push(self, signed: SignedLetter, written: int) -> float:
        compiled, count = self._compiled, len(self._holds)
        scores = np.ascontiguousarray(signed.log_scores, np.float64)
        if len(scores) <= compiled.labels_most:
            raise IndexError(f"{len(scores)} scores, and label {compiled.labels_most} has none")
        if self._beam is None:
            self._beam = ctypes.create_string_buffer(compiled.beam_size)
            self._steps = ctypes.create_string_buffer(_FIRST_STEPS * compiled.step_size)
            compiled.library.scaleglove_start(compiled.address, ctypes.addressof(self._beam))
        elif count * compiled.step_size == len(self._steps):
            more = ctypes.create_string_buffer(2 * len(self._steps))
            ctypes.memmove(more, self._steps, len(self._steps))
            self._steps = more
        step = ctypes.addressof(self._steps) + count * compiled.step_size
        beam = ctypes.addressof(self._beam)
        score: float = compiled.library.scaleglove_push(
            compiled.address, beam, step, scores.ctypes.data, written, signed.is_letter
        )
        return score


def _scored(ended: _Ended) -> ScoredSpelling:
    """Return an ended spelling, whose letters stand from the last to the first."""
    count = ended.letters
    letters = tuple(ended.letter[:count][::-1])
    sources = tuple(None if source == _NO_HOLD else source for source in ended.source[:count][::-1])
    return ScoredSpelling(Spelling(letters, sources), ended.total, bool(ended.listed))


@cache
def _library() -> ctypes.CDLL | None:
    return LIBRARY.load()


def fastest_search(language: LanguageModel, emissions: Emissions, options: WordOptions) -> WordSearch:
    """Return the compiled search, or where none is compiled, or has no memory for the language, its reference."""
    library = _library()
    if library is None or len(language.letters) > _MAX_LETTERS:
        return ArraySearch(language, emissions, options)
    return NativeSearch(compiled_search(library, language, emissions.labels, options))
