"""Sums of scores over streams, and figures of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self


@dataclass(slots=True)
class Sums:
    """A score whose fields are sums: numbers, counters or lists, which begin empty."""

    @classmethod
    def total(cls, scores: Iterable[Self]) -> Self:
        """Return the sum of scores."""
        total = cls()
        for score in scores:
            for each in fields(cls):
                setattr(total, each.name, getattr(total, each.name) + getattr(score, each.name))
        return total


def percent(part: float, whole: float) -> float | None:
    """Return a share in percent, to two decimals; None where there is nothing to share."""
    return round(100 * part / whole, 2) if whole else None
