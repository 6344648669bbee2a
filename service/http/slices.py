"""Long work in steps of less than a millisecond, so that nobody waits behind a large request."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

_T = TypeVar("_T")

Slices = Generator[None, None, _T]
"""Work that yields after each step and returns its result. Work that is done in one step never yields."""


def run_slices(steps: Slices[_T]) -> _T:
    """The result, without a rest between the steps."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: _T = done.value
            return result
