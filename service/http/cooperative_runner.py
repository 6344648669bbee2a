"""One step of long work in each turn of the event loop, whoever asked."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from service.http.slices import Slices

_T = TypeVar("_T")


class CooperativeRunner:
    """Lets large requests take turns: however many there are at once, what they hold the loop for does not add up."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def finish(self, steps: Slices[_T]) -> _T:
        """Run the steps to their end, each but the first in a turn of its own."""
        while True:
            try:
                next(steps)
            except StopIteration as done:
                result: _T = done.value
                return result
            async with self._one_at_a_time:  # first come, first served
                await asyncio.sleep(0)
