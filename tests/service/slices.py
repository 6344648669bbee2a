"""Slices of a test, run without an event loop."""

from __future__ import annotations

from typing import TypeVar

from service.http.cooperative_runner import Slices

_T = TypeVar("_T")


def run_slices(slices: Slices[_T]) -> _T:
    """Run all slices at once and return the result."""
    while True:
        try:
            next(slices)
        except StopIteration as done:
            result: _T = done.value
            return result
