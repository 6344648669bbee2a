"""What was measured, and what was hoped for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `plain` and `ours` are None where there is nothing to measure; `note` then says why."""

    row: str
    title: str
    unit: str
    plain: float | None
    ours: float | None
    goal: float
    higher_is_better: bool = True
    note: str = ""
    client_share: float | None = None
    """How busy the client's core was; None where there was no load."""

    @property
    def ratio(self) -> float | None:
        """How many times better than the plain service."""
        if not self.plain or not self.ours:
            return None
        return self.ours / self.plain if self.higher_is_better else self.plain / self.ours

    @property
    def met(self) -> bool | None:
        if self.ours is None:
            return None
        return self.ours >= self.goal if self.higher_is_better else self.ours <= self.goal

    @property
    def verdict(self) -> str:
        """`met`, by how much it was missed, or `not measured`."""
        if self.ours is None:
            return "not measured"
        if self.met:
            return "met"
        return f"missed by {abs(self.ours / self.goal - 1):.0%}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "title": self.title,
            "unit": self.unit,
            "plain": self.plain,
            "ours": self.ours,
            "ratio": self.ratio,
            "goal": self.goal,
            "higher_is_better": self.higher_is_better,
            "met": self.met,
            "note": self.note,
            "client_share": self.client_share,
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """Where a message's time goes: microseconds of the server's CPU for each message, by part; and how long a window
    waited for the model, which is no CPU time."""

    title: str
    gloves: int
    messages: int
    cpu_us: float
    """All of it."""
    parts_us: dict[str, float]
    queue_us: float | None
    """For each prediction; None where the server does not tell."""
    busy: float
    """Share of the server's core."""

    @property
    def rest_us(self) -> float:
        """What no part accounts for: the socket, the event loop, the system's share."""
        return self.cpu_us - sum(self.parts_us.values())

    def as_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "gloves": self.gloves,
            "messages": self.messages,
            "cpu_us": self.cpu_us,
            "parts_us": self.parts_us | {"socket and event loop": self.rest_us},
            "queue_us": self.queue_us,
            "busy": self.busy,
        }
