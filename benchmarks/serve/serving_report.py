"""Report of `scaleglove bench serve`: its figures as a table for a terminal, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.machine import Cores, processor
from benchmarks.report import (
    NOTHING,
    Figure,
    as_list,
    as_markdown,
    environment,
    number,
    page_head,
    remark_on_others,
    versions,
)
from benchmarks.serve.time_profile import Profile

_LIBRARIES: Final = ("fastapi", "uvicorn", "uvloop", "websockets", "onnxruntime", "numpy", "orjson", "pydantic")

_METHOD: Final = """\
Every figure of scaleglove stands beside the same load on a plain FastAPI service (`benchmarks/serve/plain_service.py`:
pydantic lists, a plain `def`, one ONNX Runtime run per request on a default session, one JSON message after the other
on the WebSocket), which serves the same model and was measured in the same run. Read the ratios: absolute figures are
valid for that machine and moment only.

- The server has the first core; the client, one process, the last. Other cores help the plain service as well: a
  default session puts a thread on each, also on the client's.
- Gloves send at 100 Hz, with their phases spread evenly, and request a prediction every 10 frames. The load is open: a
  message is sent when it is due, whether the last one was answered or not, and a delay is counted from the time at
  which the message was *due*. A number of gloves passes when every prediction that was due came and p99 is below 50 ms.
- The lone glove requests a prediction for every sample of the model (50 a second), so that a p99 has enough samples.
- *Client busy* is the busy share of the client's core; beyond 90 %, or when the client sent more than 5 ms late, a
  remark says that the figure was limited by the client.
- A request is repeated on each connection as soon as it was answered.
- Memory is the resident memory of the process for each of 200 streams, less that of the process without streams."""

_PROFILE: Final = """\
Microseconds of the server's CPU per message. Decode, window and encode are the service's own functions, timed alone;
the model's time is a metric of the service; socket and event loop are the rest of the process's CPU time. Queue is how
long a window waited for the model, which costs no CPU. The model's time is wall-clock time: where other programs had
the core in between, it includes their share, and the rest is too small."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run of `bench serve` measured."""

    command: str
    model: str
    cores: Cores
    others_share: float
    """Share of the cores' time that other programs took."""
    figures: Sequence[Figure]
    profiles: Sequence[Profile]

    def as_dict(self) -> dict[str, Any]:
        return {
            "command": self.command,
            "model": self.model,
            "machine": processor(),
            "others_share": self.others_share,
            "cores_apart": self.cores.apart,
            "versions": versions(_LIBRARIES),
            "figures": [figure.as_dict() for figure in self.figures],
            "profiles": [profile.as_dict() for profile in self.profiles],
        }


def figure_rows(figures: Iterable[Figure]) -> list[list[str]]:
    """Return the table of goals, its heading first."""
    rows = [["", "plain FastAPI", "scaleglove", "ratio", "goal", "", "client busy"]]
    for figure in figures:
        ratio = NOTHING if figure.ratio is None else f"{figure.ratio:.2f}x"
        values = (number(figure.plain), number(figure.ours), ratio, number(figure.goal))
        busy = NOTHING if figure.client_share is None else f"{figure.client_share:.0%}"
        rows.append([f"{figure.title}, {figure.unit}", *values, figure.verdict, busy])
    return rows


def remarks(report: Report) -> list[str]:
    """Return the remarks on the table of goals."""
    notes = [f"{figure.title}: {figure.note}" for figure in report.figures if figure.note]
    notes += remark_on_others(report.others_share)
    if not report.cores.apart:
        notes.append("client and server shared one core: these figures do not show how much the service can take")
    return notes


def profile_rows(profiles: Sequence[Profile]) -> list[list[str]]:
    """Return the table of where the time goes, its heading first."""
    parts = list(dict.fromkeys(part for profile in profiles for part in profile.parts_us))
    rows = [["", "gloves", *parts, "socket and event loop", "total", "core busy", "queue"]]
    for profile in profiles:
        cells = [f"{profile.parts_us[part]:.1f}" for part in parts]
        whole = [f"{profile.rest_us:.1f}", f"{profile.cpu_us:.1f}", f"{profile.busy:.0%}"]
        queue = NOTHING if profile.queue_us is None else f"{profile.queue_us:.0f}"
        rows.append([profile.title, str(profile.gloves), *cells, *whole, queue])
    return rows


def page(report: Report) -> Iterator[str]:
    """Yield the report as lines of Markdown."""
    yield from page_head("Serving, measured", report.command)
    yield from environment(_LIBRARIES, report.model)
    yield from ("", _METHOD, "", "## Goals", "", *as_markdown(figure_rows(report.figures)))
    yield from as_list(remarks(report))
    if report.profiles:
        yield from ("", "## Where the time goes", "", _PROFILE, "", *as_markdown(profile_rows(report.profiles)))
