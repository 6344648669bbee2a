"""Row `lone`: from a frame to its prediction where one glove is alone, beside an echo of as many bytes."""

from __future__ import annotations

from typing import Final

from benchmarks.serve.bench import Bench
from benchmarks.serve.ceiling import client_note
from benchmarks.serve.load import gloves
from benchmarks.serve.load.gloves import Tally
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.peers.catalogue import ECHO, OURS, PICOWS, PLAIN, PLAIN_ONE, REFERENCE
from benchmarks.serve.results import Quantity, Results

_SERVERS: Final = (ECHO, PICOWS, OURS, REFERENCE, PLAIN_ONE, PLAIN)
_HOP_FRAMES: Final = 2
"""A prediction for every sample of the model, fifty a second, since otherwise a p99 would take minutes."""

LONE: Final = {percent: Quantity("lone", f"p{percent}", "ms") for percent in (50, 99)}
ABOVE: Final = {percent: Quantity("lone", f"p{percent} above the echo's", "ms") for percent in LONE}


def lone_glove(bench: Bench) -> None:
    """Measure one glove on each server in turn, and that for some rounds."""
    tallies: dict[str, list[Tally]] = {}
    for number in range(bench.rounds):
        for name in bench.peers.of(*_SERVERS):
            server = bench.peers[name]
            bench.progress(f"lone glove, round {number + 1}: {name}")
            server.settle()
            rhythm = Rhythm(bench.peers.takes(name, binary=True), hop_frames=_HOP_FRAMES)
            found = gloves.measure(server.address, 1, rhythm, bench.warm_up_s, 2 * bench.seconds)
            tallies.setdefault(name, []).append(found)
            for percent, quantity in LONE.items():
                bench.results.add(quantity, name, found.delay_ms(percent))
    for name, found_of in tallies.items():
        if note := client_note(found_of):
            bench.results.remark(f"lone glove, {name}: {note}")
    _add_above(bench.results)


def _add_above(results: Results) -> None:
    """Add what each server's delays are above those of the echo in the same round."""
    for percent, quantity in LONE.items():
        floors = results.values(quantity, ECHO)
        for name in results.servers("lone"):
            if name != ECHO:
                for value, floor in zip(results.values(quantity, name), floors, strict=True):
                    results.add(ABOVE[percent], name, value - floor)
