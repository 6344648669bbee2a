"""Report of `scaleglove bench serve`: its tables for a terminal, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from textwrap import wrap
from typing import Any, Final

from benchmarks.machine import Cores, processor
from benchmarks.report import (
    NOTHING,
    Figure,
    Rows,
    as_list,
    as_markdown,
    environment,
    number,
    page_head,
    remark_on_others,
    versions,
)
from benchmarks.serve.glove_count import GLOVES, SEARCHES
from benchmarks.serve.goals import figures
from benchmarks.serve.results import Quantity, Results
from benchmarks.serve.sampling import FOLLOWS, ORDER, Shares
from benchmarks.serve.serving_method import METHOD, TABLES

_LIBRARIES: Final = ("fastapi", "uvicorn", "uvloop", "websockets", "onnxruntime", "numpy", "orjson", "msgspec")
_OPTIONAL: Final = ("granian", "picows", "py-spy")

GOALS: Final = "Goals"

_WIDTH: Final = 118

_TOGETHER: Final = ("requests/s", "KiB", "ms", "µs", "")
"""Units, each of which has a table of its own in a row of `--only`."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run of `bench serve` measured."""

    command: str
    model: str
    load: str
    """Rounds, seconds, and the number of gloves whose CPU time was measured."""
    cores: Cores
    others_share: float
    """Share of the cores' time that other programs took."""
    results: Results
    shares: Sequence[Shares]
    reference: str | None = None
    """Name of the reference revision."""

    @property
    def figures(self) -> list[Figure]:
        return figures(self.results, self.shares)

    def as_dict(self) -> dict[str, Any]:
        return {
            "command": self.command,
            "model": self.model,
            "load": self.load,
            "machine": processor(),
            "reference": self.reference,
            "others_share": self.others_share,
            "cores_apart": self.cores.apart,
            "versions": versions(_libraries()),
            "figures": [figure.as_dict() for figure in self.figures],
            "results": list(self.results.as_dicts()),
            "profiles": [shares.as_dict() for shares in self.shares],
            "remarks": remarks(self),
        }


def tables(report: Report) -> Iterator[tuple[str, Rows]]:
    """Yield the title and the rows of each table that this run has figures for, the goals first."""
    measured = [figure for figure in report.figures if figure.ours is not None]
    if measured:
        yield GOALS, goal_rows(measured)
    for title, row in TABLES.items():
        for unit in _TOGETHER:
            quantities = [each for each in report.results.quantities(row) if each.unit == unit]
            if quantities == [GLOVES]:
                yield title, search_rows(report.results)
            elif quantities:
                yield f"{title}{f', {unit}' * bool(unit)}", value_rows(report.results, quantities)
    if report.shares:
        yield f"Where the time goes, {report.shares[0].load}", share_rows(report.shares)


def goal_rows(measured: Iterable[Figure]) -> list[list[str]]:
    """Return the table of goals, its heading first."""
    rows = [["", "", "measured", "goal", ""]]
    for figure in measured:
        bound = f"{'at least' if figure.higher_is_better else 'at most'} {number(figure.goal)}"
        unit = f" {figure.unit}" if figure.unit != "times" else "x"
        rows.append([figure.title, figure.note, f"{number(figure.ours)}{unit}", bound, figure.verdict])
    return rows


def value_rows(results: Results, quantities: Sequence[Quantity]) -> list[list[str]]:
    """Return a table of servers and quantities, its heading first: medians of the rounds, and the widest spread."""
    rows = [["", *(quantity.title for quantity in quantities), "spread"]]
    for server in results.servers(quantities[0].row):
        cells = [number(results.median(quantity, server)) for quantity in quantities]
        if any(cell != NOTHING for cell in cells):
            rows.append([server, *cells, _widest(results, quantities, server)])
    return rows


def _widest(results: Results, quantities: Sequence[Quantity], server: str) -> str:
    spreads = [results.spread(quantity, server) for quantity in quantities]
    known = [spread for spread in spreads if spread is not None]
    return f"{max(known):.0%}" if known else NOTHING


def search_rows(results: Results) -> list[list[str]]:
    """Return the table of the searches for gloves, its heading first."""
    rows = [["", "median", *(f"search {number}" for number in range(1, SEARCHES + 1)), "spread"]]
    for server in results.servers(GLOVES.row):
        values = [number(value) for value in results.values(GLOVES, server)]
        values += [NOTHING] * (SEARCHES - len(values))
        rows.append([server, number(results.median(GLOVES, server)), *values, _widest(results, [GLOVES], server)])
    return rows


def share_rows(profiles: Sequence[Shares]) -> list[list[str]]:
    """Return the table of where the time goes, its heading first."""
    rows = [["", *(shares.server for shares in profiles)]]
    found = [part for part in ORDER if any(part in shares.samples for shares in profiles)]
    rows += [[part, *(f"{shares.share(part):.1%}" for shares in profiles)] for part in found]
    rows.append(["what follows a prediction", *(f"{shares.share(*FOLLOWS):.1%}" for shares in profiles)])
    rows.append(["samples", *(str(shares.total) for shares in profiles)])
    return rows


def remarks(report: Report) -> list[str]:
    """Return the remarks on the tables."""
    notes = [*report.results.remarks, *remark_on_others(report.others_share)]
    if report.reference:
        notes.append(f"the reference revision is {report.reference}")
    if not report.cores.apart:
        notes.append("client and server shared one core: these figures do not show how much the service can take")
    return notes


def page(report: Report) -> Iterator[str]:
    """Yield the report as lines of Markdown."""
    yield from page_head("Serving, measured", report.command)
    yield from environment(_libraries(), report.model)
    load = f"The load: {report.load}. **The figures hold for this processor and this load alone.**"
    yield from ("", *wrap(load, _WIDTH), "", METHOD)
    for title, rows in tables(report):
        yield from ("", f"## {title}", "", *as_markdown(rows))
    yield from as_list(remarks(report))


def _libraries() -> list[str]:
    return [*_LIBRARIES, *(name for name in _OPTIONAL if _is_installed(name))]


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
