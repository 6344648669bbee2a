"""How many gloves a server answers in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.serve import gloves
from benchmarks.serve.frames import Rhythm
from benchmarks.serve.gloves import Tally
from benchmarks.serve.search import largest_passing
from benchmarks.serve.server import Server

LIMIT_MS: Final = 50.0
"""For p99 from frame sent to prediction received."""

CLIENT_BUSY: Final = 0.9
CLIENT_LATE_MS: Final = 5.0
"""Beyond these a result says as much about the client as about the server."""

WARM_UP_S: Final = 2.0
"""The window of 87 samples at 50 Hz fills in 1.74 s; a full one costs more than a short one."""

_RESOLUTION: Final = 4


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The largest number of gloves that passed, and whether the client had to do with it."""

    gloves: int
    client_share: float
    """At most."""
    note: str


def find_ceiling(
    server: Server, rhythm: Rhythm, guess: int, most: int, seconds: float, tell: Callable[[str], None]
) -> Ceiling:
    """Search from `guess` on, up to `most`; each number of gloves is measured for so many seconds.

    A number that fails, but not badly, has a second try: a shared machine has slow moments of its own.
    """
    tried: list[Tally] = []

    def passes(count: int) -> bool:
        for _ in range(2):
            tell(f"{rhythm.title}: {server.name}, {count} gloves")
            tally = gloves.measure(server.address, count, rhythm, min(WARM_UP_S, seconds), seconds)
            server.settle()
            tried.append(tally)
            if tally.passes(LIMIT_MS) or tally.hopeless:
                break
        return tally.passes(LIMIT_MS)

    found = largest_passing(passes, guess, _RESOLUTION, most)
    nearest = [tally for tally in tried if found < tally.gloves <= found + _RESOLUTION]
    note = "the search ended here" if found == most else client_note(nearest)
    return Ceiling(found, max(tally.client_share for tally in tried), note)


def client_note(tallies: Sequence[Tally]) -> str:
    """What is to be said of the client, if anything."""
    for tally in tallies:
        if tally.client_share > CLIENT_BUSY:
            return f"limited by the client, {tally.client_share:.0%} busy"
        if tally.late_ms > CLIENT_LATE_MS:
            return f"limited by the client, up to {tally.late_ms:.0f} ms late"
    return ""
