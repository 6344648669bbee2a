"""Exponential backoff between attempts. Pure: the caller does the waiting."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Waits that double from `first_s` to `longest_s` seconds.

    The first is short because a cable is often plugged in again within a second; the longest is short enough that a
    user who plugs the glove in again does not conclude that it is not detected.
    """

    first_s: float = 0.5
    longest_s: float = 8.0
    _next_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start from the shortest wait again, after a success."""
        self._next_s = self.first_s

    def next_s(self) -> float:
        """Return the next wait, in seconds."""
        wait_s = self._next_s
        self._next_s = min(2 * wait_s, self.longest_s)
        return wait_s
