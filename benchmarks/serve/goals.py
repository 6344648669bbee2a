"""Goals of `bench serve`, each a figure of its results. Pure.

A figure's note names what it stands beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.report import Figure
from benchmarks.serve.glove_count import GLOVES
from benchmarks.serve.latency import ABOVE
from benchmarks.serve.message_cost import message
from benchmarks.serve.peers.catalogue import OURS, PICOWS, PLAIN, PLAIN_ONE, REFERENCE
from benchmarks.serve.results import Results
from benchmarks.serve.sampling import FOLLOWS, MODEL, Shares
from benchmarks.serve.stream_memory import SIGNING
from benchmarks.serve.window_cost import MODEL as MODEL_ALONE
from benchmarks.serve.window_cost import window
from benchmarks.serve.worker_scaling import TWO_WORKERS

_FRAMES: Final = {1: (5.0, 2.0), 5: (5.0, 2.5)}
"""Frames a message, and how many times the CPU time of ours a plain service and the reference revision need."""

_MINIMAL: Final = 1.5
_FOLLOWS: Final = 0.5
_ABOVE_ECHO: Final = 0.5
_MODEL_ALONE: Final = 1.3
_GLOVES: Final = {PLAIN_ONE: 4.0, REFERENCE: 1.8}
_MEMORY_KIB: Final = 48.0
_WORKERS: Final = 1.9


def figures(results: Results, shares: Sequence[Shares]) -> list[Figure]:
    """Return every goal; one that this run did not measure has no figure."""
    found = [*_messages(results), *_profile(shares), *_latency(results)]
    post = results.times(window(64, binary=True), OURS, window(64, binary=True), MODEL_ALONE)
    found.append(_at_most("post64", "64 windows: CPU beside", MODEL_ALONE, post, _MODEL_ALONE))
    for other, goal in _GLOVES.items():
        found.append(_at_least("gloves", "gloves beside", other, results.times(GLOVES, OURS, GLOVES, other), goal))
    memory = results.median(SIGNING, OURS)
    found.append(_at_most("memory", "memory of a stream that signs", "", memory, _MEMORY_KIB, "KiB"))
    workers = results.median(TWO_WORKERS, OURS)
    found.append(_at_least("workers", "requests of two workers beside", "one", workers, _WORKERS))
    return found


def _messages(results: Results) -> Iterator[Figure]:
    for frames, (plain, reference) in _FRAMES.items():
        ours = message(frames, binary=True)
        title = f"message of {frames} frame{'s' * (frames > 1)}"
        for other, goal in ((PLAIN, plain), (PLAIN_ONE, plain), (REFERENCE, reference)):
            theirs = message(frames, binary=other == REFERENCE)
            times = results.times(theirs, other, ours, OURS)
            yield _at_least("message", f"{title}: less CPU than", other, times, goal)
        yield _at_most("message", f"{title}: CPU beside", PICOWS, results.times(ours, OURS, ours, PICOWS), _MINIMAL)


def _profile(shares: Sequence[Shares]) -> Iterator[Figure]:
    ours = next((each for each in shares if each.server == OURS), None)
    share = ours.share(*FOLLOWS) / ours.share(MODEL) if ours and ours.share(MODEL) else None
    yield _at_most("profile", "what follows a prediction, beside", MODEL, share, _FOLLOWS)


def _latency(results: Results) -> Iterator[Figure]:
    for percent, above in ABOVE.items():
        for other in (PLAIN, PLAIN_ONE, REFERENCE):
            share = results.times(above, OURS, above, other)
            yield _at_most("lone", f"lone glove: p{percent} above echo's, beside", other, share, _ABOVE_ECHO)


def _at_least(row: str, title: str, beside: str, value: float | None, goal: float) -> Figure:
    return Figure(row, title, "times", None, value, goal, note=beside)


def _at_most(row: str, title: str, beside: str, value: float | None, goal: float, unit: str = "times") -> Figure:
    return Figure(row, title, unit, None, value, goal, higher_is_better=False, note=beside)
