"""Search for the ceiling: the largest number of gloves whose predictions a server returns in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.serve.load import gloves
from benchmarks.serve.load.gloves import Tally
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.server import Server

LIMIT_MS: Final = 50.0
"""Limit of p99 from frame sent to prediction received."""

CLIENT_BUSY: Final = 0.9
CLIENT_LATE_MS: Final = 5.0
"""Beyond these the client limits a result as much as the server."""

WARM_UP_S: Final = 1.8
"""The window of 87 samples at 50 Hz fills in 1.74 s; a full one costs more than a short one."""

_RESOLUTION: Final = 4
_FINEST: Final = 0.05
"""Share of the number at which a search begins, to within which it is found where that is more."""

_STRIDE: Final = 1.3


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The largest number of gloves that passed, and whether the client limited it."""

    gloves: int
    client_share: float
    """Largest busy share of the client's core in any trial."""
    note: str


def find_ceiling(
    server: Server, rhythm: Rhythm, guess: int, most: int, seconds: float, report: Callable[[str], None]
) -> Ceiling:
    """Search from `guess` on, up to `most`, measuring each number of gloves for `seconds`.

    A number that fails narrowly is tried a second time, since a shared machine has slow moments.
    """
    tried: list[Tally] = []

    def passes(count: int) -> bool:
        for _ in range(2):
            report(f"{rhythm.title}: {server.name}, {count} gloves")
            tally = gloves.measure(server.address, count, rhythm, min(WARM_UP_S, 2 * seconds), seconds)
            server.settle()
            tried.append(tally)
            if tally.passes(LIMIT_MS) or tally.hopeless:
                break
        return tally.passes(LIMIT_MS)

    resolution = max(_RESOLUTION, round(_FINEST * guess))
    found = largest_passing(passes, guess, resolution, most)
    nearest = [tally for tally in tried if found < tally.gloves <= found + resolution]
    note = "the search ended here" if found == most else client_note(nearest)
    return Ceiling(found, max(tally.client_share for tally in tried), note)


def client_note(tallies: Sequence[Tally]) -> str:
    """Return a remark where the client limited a result, else an empty string."""
    for tally in tallies:
        if tally.client_share > CLIENT_BUSY:
            return f"limited by the client, {tally.client_share:.0%} busy"
        if tally.late_ms > CLIENT_LATE_MS:
            return f"limited by the client, up to {tally.late_ms:.0f} ms late"
    return ""


def largest_passing(passes: Callable[[int], bool], guess: int, resolution: int, most: int) -> int:
    """Return the largest count from 0 to `most` that passes, to within `resolution`; larger counts must be harder.

    The search begins at `guess`, goes up or down by a factor, larger at each step, until one count passes and a larger
    one does not, then bisects. No count is tried twice.
    """
    passed, failed = 0, most + 1
    factor = _STRIDE
    count = min(max(1, guess), most)
    while failed - passed > 1:
        if passes(count):
            passed = count
        else:
            failed = count
        if failed > most:
            count = min(most, max(passed + 1, round(passed * factor)))
            factor *= _STRIDE
        elif passed == 0:
            count = min(failed - 1, round(failed / factor))
            factor *= _STRIDE
        elif failed - passed <= resolution:
            break
        else:
            count = (passed + failed) // 2
        if count == 0:
            break
    return passed
