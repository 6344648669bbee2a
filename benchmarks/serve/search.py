"""How much load is too much, found in few trials. Pure."""

from __future__ import annotations

from collections.abc import Callable

_STRIDE = 1.5


def largest_passing(passes: Callable[[int], bool], guess: int, resolution: int, most: int) -> int:
    """The largest count from 0 to `most` that passes, to within `resolution`; a larger count is taken to be harder.

    Begins at `guess`, goes up or down by half until one count passes and a larger one does not, then halves the
    distance between them. No count is tried twice; at `most` the search ends.
    """
    passed, failed = 0, most + 1
    count = min(max(1, guess), most)
    while failed - passed > 1:
        if passes(count):
            passed = count
        else:
            failed = count
        if failed > most:
            count = min(most, max(passed + 1, round(passed * _STRIDE)))
        elif passed == 0:
            count = min(failed - 1, round(failed / _STRIDE))
        elif failed - passed <= resolution:
            break
        else:
            count = (passed + failed) // 2
        if count == 0:
            break
    return passed
