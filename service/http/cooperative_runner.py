"""Cooperative execution of long work: slices of less than a millisecond, one per iteration of the event loop, so that
large requests do not delay other callers."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TypeVar

_T = TypeVar("_T")

Slices = Generator[None, None, _T]
"""Work that yields between its slices and returns its result. Work of a single slice never yields."""


class CooperativeRunner:
    """Runner that large requests share: it blocks the loop for one slice at a time, however many there are."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def finish(self, slices: Slices[_T]) -> _T:
        """Run all slices, each but the first in an iteration of its own, and return the result."""
        while True:
            try:
                next(slices)
            except StopIteration as done:
                result: _T = done.value
                return result
            async with self._one_at_a_time:  # in order of arrival
                await asyncio.sleep(0)
