"""How long to wait before trying again. Pure: the caller does the waiting."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Waits that double from `first_s` to `longest_s` seconds.

    The first is short because a cable is pushed back in within a second; the last is short enough that nobody who
    plugs the glove in again thinks it is not seen.
    """

    first_s: float = 0.5
    longest_s: float = 8.0
    _next_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """It worked: the next trouble starts from the shortest wait."""
        self._next_s = self.first_s

    def next_s(self) -> float:
        """The next wait, in seconds."""
        wait_s = self._next_s
        self._next_s = min(2 * wait_s, self.longest_s)
        return wait_s
