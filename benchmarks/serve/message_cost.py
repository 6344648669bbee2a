"""Row `message`: the server's CPU time for a message, with its share of the predictions and without, and for one of
these.

A prediction's part is found by the same load with few of them: with f predictions a message, a message takes m + f p.
Two measurements with different f give m and p.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from benchmarks.serve.bench import Bench
from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.peers.catalogue import NO_C, OURS, PICOWS, PLAIN_ONE, REFERENCE
from benchmarks.serve.results import Quantity
from benchmarks.serve.server import Server

_FEW: Final = 200
"""Frames from one prediction to the next, where there are few of them: two seconds."""

_DRAIN_S: Final = 1.0

_TAKEN_APART: Final = (PLAIN_ONE, PICOWS, OURS, REFERENCE, NO_C)
"""Servers of which messages and predictions are measured apart."""

ALONE: Final = Quantity("message", "alone", "µs")
PREDICTION: Final = Quantity("message", "a prediction", "µs")


def message(frames: int, *, binary: bool) -> Quantity:
    """Return the CPU time of a message of some frames, with a prediction every 10 frames."""
    return Quantity("message", f"{frames} {'binary' if binary else 'JSON'}", "µs")


LOADS: Final = {message(frames, binary=binary): Rhythm(binary, frames) for frames in (1, 5) for binary in (False, True)}


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU time of a server under some load."""

    cpu_s: float
    messages: int
    predictions: int

    @property
    def message_us(self) -> float:
        return self.cpu_s / self.messages * 1e6


def message_cost(bench: Bench) -> None:
    """Measure every server in turn, and that for some rounds."""
    for number in range(bench.rounds):
        for name in bench.peers.of():
            costs = {}
            for quantity, rhythm in LOADS.items():
                if bench.peers.takes(name, binary=rhythm.binary):
                    bench.progress(f"CPU time, round {number + 1}: {name}, {rhythm.title}")
                    costs[rhythm] = measure(bench, bench.peers[name], rhythm)
                    bench.results.add(quantity, name, costs[rhythm].message_us)
            if name in _TAKEN_APART:
                rhythm = Rhythm(bench.peers.takes(name, binary=True))
                bench.progress(f"CPU time, round {number + 1}: {name}, few predictions")
                few = measure(bench, bench.peers[name], Rhythm(rhythm.binary, hop_frames=_FEW))
                alone_us, prediction_us = apart_us(costs[rhythm], few)
                bench.results.add(ALONE, name, alone_us)
                bench.results.add(PREDICTION, name, prediction_us)


def measure(bench: Bench, server: Server, rhythm: Rhythm) -> Cost:
    """Return the CPU time of a server under the load of the run, after a warm-up in which windows fill."""
    server.settle()
    warm_up, counted = rhythm.messages_in(bench.warm_up_s), rhythm.messages_in(bench.seconds)
    with Gloves(server.address, bench.gloves, rhythm, warm_up + counted, gives_up=False) as gloves:
        gloves.run(warm_up)
        gloves.begin_to_count()
        begin_s = server.cpu_s()
        gloves.run(counted)
        gloves.drain(_DRAIN_S)
        cost = Cost(server.cpu_s() - begin_s, gloves.tally.messages, len(gloves.tally.delays_s))
        if gloves.tally.hopeless or cost.predictions < gloves.tally.due:
            bench.results.remark(f"{server.name} does not keep up with {bench.gloves} gloves, {rhythm.title}")
    return cost


def apart_us(many: Cost, few: Cost) -> tuple[float, float]:
    """Return the CPU time in microseconds of a message without predictions, and of a prediction."""
    often, seldom = (cost.predictions / cost.messages for cost in (many, few))
    if often == seldom:  # nothing was answered
        return many.message_us, 0.0
    prediction_us = (many.message_us - few.message_us) / (often - seldom)
    return many.message_us - often * prediction_us, prediction_us
