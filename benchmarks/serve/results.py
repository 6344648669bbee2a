"""Measured values of one run of `bench serve`, by what was measured and of which server. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured: the row of `--only` that measures it, a short title, and its unit."""

    row: str
    title: str
    unit: str


class Results:
    """Values of quantities, one for each round in which one was measured."""

    def __init__(self) -> None:
        self._values: dict[tuple[Quantity, str], list[float]] = {}
        self.remarks: list[str] = []
        """Sentences on what was not measured, or was disturbed."""

    def add(self, quantity: Quantity, server: str, value: float) -> None:
        """Keep the value of one round."""
        self._values.setdefault((quantity, server), []).append(value)

    def remark(self, sentence: str) -> None:
        """Keep a sentence, once."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    def values(self, quantity: Quantity, server: str) -> list[float]:
        """Return the values of all rounds, none where it was not measured."""
        return self._values.get((quantity, server), [])

    def median(self, quantity: Quantity, server: str) -> float | None:
        """Return the median of the rounds; None: it was not measured."""
        values = self.values(quantity, server)
        return statistics.median(values) if values else None

    def spread(self, quantity: Quantity, server: str) -> float | None:
        """Return the range of the rounds as a share of their median; None where there are fewer than two."""
        values = self.values(quantity, server)
        middle = self.median(quantity, server)
        return (max(values) - min(values)) / abs(middle) if len(values) > 1 and middle else None

    def times(self, quantity: Quantity, server: str, other: Quantity, of: str) -> float | None:
        """Return how many times the value of `of` the first one's is; None where one of them was not measured.

        Rounds measured one after the other are divided by each other, so that a machine that is slower for a while
        disturbs no ratio: it is the median of these.
        """
        pairs = zip(self.values(quantity, server), self.values(other, of), strict=False)
        ratios = [value / whole for value, whole in pairs if whole]
        return statistics.median(ratios) if ratios else None

    def quantities(self, row: str) -> list[Quantity]:
        """Return what a row measured, by title."""
        found = {quantity for quantity, _ in self._values if quantity.row == row}
        return sorted(found, key=lambda quantity: (quantity.title, quantity.unit))

    def servers(self, row: str) -> list[str]:
        """Return the servers that a row measured."""
        return list(dict.fromkeys(server for quantity, server in self._values if quantity.row == row))

    def as_dicts(self) -> Iterator[dict[str, Any]]:
        """Yield every quantity of every server with its rounds."""
        for (quantity, server), values in self._values.items():
            yield {
                "row": quantity.row,
                "title": quantity.title,
                "unit": quantity.unit,
                "server": server,
                "rounds": values,
                "median": statistics.median(values),
            }
