"""Row `gloves`: the largest number whose predictions a server returns in time, searched three times."""

from __future__ import annotations

from typing import Final

from benchmarks.serve.bench import Bench
from benchmarks.serve.ceiling import find_ceiling
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.message_cost import message
from benchmarks.serve.peers.catalogue import OURS, PLAIN_ONE, REFERENCE
from benchmarks.serve.results import Quantity

SEARCHES: Final = 3
FRAMES: Final = 5
GLOVES: Final = Quantity("gloves", "gloves", "")

_SERVERS: Final = (PLAIN_ONE, OURS, REFERENCE)
_GUESS: Final = 100
_BUSY: Final = 0.9
"""Share of the core at which delays begin to grow: where a search begins."""


def glove_count(bench: Bench) -> None:
    """Search every server in turn, and that three times."""
    notes: dict[str, str] = {}
    for _ in range(SEARCHES):
        for name in bench.peers.of(*_SERVERS):
            rhythm = Rhythm(bench.peers.takes(name, binary=True), FRAMES)
            server = bench.peers[name]
            guess = _guess(bench, name, rhythm)
            found = find_ceiling(server, rhythm, guess, bench.most_gloves, bench.seconds, bench.progress)
            bench.results.add(GLOVES, name, found.gloves)
            if found.note:
                notes[name] = found.note
    for name, note in notes.items():
        bench.results.remark(f"gloves, {name}: {note}")


def _guess(bench: Bench, name: str, rhythm: Rhythm) -> int:
    """Return where to begin: at the last search's number, or at what the CPU time of a message allows."""
    if earlier := bench.results.median(GLOVES, name):
        return round(earlier)
    cost_us = bench.results.median(message(FRAMES, binary=rhythm.binary), name)
    return max(1, round(_BUSY * rhythm.period_s / cost_us * 1e6)) if cost_us else _GUESS
