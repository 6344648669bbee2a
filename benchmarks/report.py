"""Parts that all reports share: figures with their goals, tables for a terminal and in Markdown, and a page's head."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.machine import processor

NOTHING: Final = "–"
"""Cell of a figure that was not measured."""

_QUIET: Final = 0.05
"""Share of the cores' time that other programs may take without a remark."""
_WIDTH: Final = 118

Rows = Sequence[Sequence[str]]
"""Cells of a table, its heading first."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and its goal; where `plain` or `ours` is None, `note` gives the reason."""

    row: str
    title: str
    unit: str
    plain: float | None
    ours: float | None
    goal: float
    higher_is_better: bool = True
    note: str = ""
    client_share: float | None = None
    """Share of the client's core that was busy; None where there was no load."""

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


def number(value: float | None) -> str:
    """Return a figure with about three digits."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def as_table(rows: Rows, title: str, *, caption: str | None = None, text_columns: int = 1) -> Table:
    """Return a table for a terminal, whose first `text_columns` columns are aligned to the left."""
    # Without lines between columns: wide tables fit a terminal of 80 columns.
    table = Table(title=title, caption=caption, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for column, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if column >= text_columns else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    return table


def as_markdown(rows: Rows) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    heading, *others = rows
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in others:
        yield f"| {' | '.join(row)} |"


def page_head(title: str, command: str) -> list[str]:
    """Return the first lines of a generated page."""
    return [f"# {title}", "", f"Made by `{command}`; not edited by hand."]


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """Return the installed version of each library."""
    return {name: version(name) for name in libraries}


def environment(libraries: Iterable[str], model: str | None = None) -> list[str]:
    """Return lines that name the model, the processor, and the versions of Python and the libraries."""
    found = ", ".join(f"{name} {number}" for name, number in versions(libraries).items())
    subject = "" if model is None else f"Model {model}; "
    return wrap(f"{subject}{processor()}; Python {platform.python_version()}, {found}.", _WIDTH)


def remark_on_others(share: float) -> list[str]:
    """Return a remark where other programs took so much of the cores' time that the figures suffer."""
    if share <= _QUIET:
        return []
    return [f"other programs took {share:.0%} of the cores during the measurement: repeat it on a quiet machine"]


def as_list(remarks: Sequence[str]) -> list[str]:
    """Return remarks as a Markdown list with an empty line before it, or nothing."""
    return ["", *(f"- {remark}" for remark in remarks)] if remarks else []


def reserve_page(path: Path | None) -> None:
    """Create the page's file, so that a path that cannot be written is reported before the measurement."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def write_page(path: Path, lines: Iterable[str]) -> None:
    """Write lines of Markdown to a file, whose folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
