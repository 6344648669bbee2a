"""The figures as a table for a terminal, as JSON, and as a page."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from rich.table import Table

from benchmarks.figures import Figure, Profile
from benchmarks.machine import processor
from benchmarks.serve.server import Cores

_LIBRARIES: Final = ("fastapi", "uvicorn", "uvloop", "websockets", "onnxruntime", "numpy", "orjson", "pydantic")
_NOTHING: Final = "–"
_QUIET: Final = 0.05
_WIDTH: Final = 118

_HOW: Final = """\
Every figure of ours stands beside the same load on a plain FastAPI service ([plain.py](../scaleglove/bench/plain.py):
pydantic lists, a plain `def`, one ONNX Runtime run for each request on a session as it comes, one JSON message after
the other on the WebSocket), which serves the same model and was measured in the same run. Read the ratios: absolute
figures hold for that machine and moment.

- The server has the first core; the client, one process, the last. The plain service is helped by other cores as well:
  a session as it comes puts a thread on each, the client's too.
- Gloves send at 100 Hz, their phases spread evenly, and want a prediction every 10 frames. The load is open: a message
  leaves when it is due, whether the last one was answered or not, and a delay is counted from when the message was
  *due* to be sent. A number of gloves passes when every prediction that was due came and p99 is below 50 ms.
- The lone glove wants an answer to every sample of the model (50 a second), so that there are enough of them for a p99.
- *Client busy* is the share of its core that the client used, or was kept from using; beyond 90 %, or when it sent more
  than 5 ms late, a remark says that the figure was limited by the client.
- A request is sent again on each connection as soon as it was answered.
- Memory is what the process has resident, beyond itself without streams, for each of 200 streams."""

_PROFILE: Final = """\
Microseconds of the server's CPU for each message. Decode, window and encode are the service's own functions, timed
alone; the model is what the service counts of itself; socket and event loop are what is left of the process's CPU time.
Queue is how long a window waited for the model, which costs no CPU. The model's time is by the clock: where other
programs had the core in between, it holds their share, and what is left is too little."""


@dataclass(frozen=True, slots=True)
class Report:
    command: str
    model: str
    cores: Cores
    others_share: float
    """Of the cores' time, what other programs took."""
    figures: Sequence[Figure]
    profiles: Sequence[Profile]

    def as_dict(self) -> dict[str, Any]:
        return {
            "command": self.command,
            "model": self.model,
            "machine": processor(),
            "others_share": self.others_share,
            "cores_apart": self.cores.apart,
            "versions": {name: version(name) for name in _LIBRARIES},
            "figures": [figure.as_dict() for figure in self.figures],
            "profiles": [profile.as_dict() for profile in self.profiles],
        }


def figure_rows(figures: Iterable[Figure]) -> list[list[str]]:
    """The table of goals, its heading first."""
    rows = [["", "plain FastAPI", "scaleglove", "ratio", "goal", "", "client busy"]]
    for figure in figures:
        ratio = _NOTHING if figure.ratio is None else f"{figure.ratio:.2f}x"
        values = (_number(figure.plain), _number(figure.ours), ratio, _number(figure.goal))
        busy = _NOTHING if figure.client_share is None else f"{figure.client_share:.0%}"
        rows.append([f"{figure.title}, {figure.unit}", *values, figure.verdict, busy])
    return rows


def remarks(report: Report) -> list[str]:
    """What is to be said beside the table."""
    said = [f"{figure.title}: {figure.note}" for figure in report.figures if figure.note]
    if report.others_share > _QUIET:
        share = f"{report.others_share:.0%}"
        said.append(f"other programs took {share} of these cores meanwhile: measure again on a quiet machine")
    if not report.cores.apart:
        said.append("client and server shared one core: nothing here says how much the service can take")
    return said


def profile_rows(profiles: Sequence[Profile]) -> list[list[str]]:
    """The table of where the time goes, its heading first."""
    parts = list(dict.fromkeys(part for profile in profiles for part in profile.parts_us))
    rows = [["", "gloves", *parts, "socket and event loop", "in all", "core busy", "queue"]]
    for profile in profiles:
        cells = [f"{profile.parts_us[part]:.1f}" for part in parts]
        whole = [f"{profile.rest_us:.1f}", f"{profile.cpu_us:.1f}", f"{profile.busy:.0%}"]
        queue = _NOTHING if profile.queue_us is None else f"{profile.queue_us:.0f}"
        rows.append([profile.title, str(profile.gloves), *cells, *whole, queue])
    return rows


def as_table(rows: Sequence[Sequence[str]], title: str) -> Table:
    table = Table(title=title)
    for number, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*row)
    return table


def as_markdown(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """The same as lines of Markdown."""
    heading, *others = rows
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in others:
        yield f"| {' | '.join(row)} |"


def write_page(report: Report, path: Path) -> None:
    """Writes the report as Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_page(report)) + "\n", encoding="utf-8")


def _page(report: Report) -> Iterable[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    yield from ("# Serving, measured", "", f"Made by `{report.command}`; not edited by hand.")
    yield from wrap(f"Model {report.model}; {processor()}; Python {platform.python_version()}, {versions}.", _WIDTH)
    yield from ("", _HOW, "", "## Goals", "", *as_markdown(figure_rows(report.figures)))
    if said := remarks(report):
        yield from ("", *(f"- {remark}" for remark in said))
    if report.profiles:
        yield from ("", "## Where the time goes", "", _PROFILE, "", *as_markdown(profile_rows(report.profiles)))


def _number(value: float | None) -> str:
    """Three figures or so."""
    if value is None:
        return _NOTHING
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
