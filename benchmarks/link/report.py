"""The delays and the codec's speed as tables for a terminal, as JSON, and as a page."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from benchmarks.figures import Figure
from benchmarks.link.delays import Passage, Way
from benchmarks.machine import processor
from benchmarks.serve.report import as_markdown

CODEC_GOAL: Final = 2e6
"""Bytes a second on one core."""

BRIDGE_GOAL: Final = 0.2
"""Of a core, at 1,000 Hz of binary frames."""

_LIBRARIES: Final = ("numpy", "orjson", "pyserial", "uvicorn", "uvloop", "websockets")
_NOTHING: Final = "–"
_QUIET: Final = 0.05
_WIDTH: Final = 118

_HOW: Final = """\
A glove writes a frame to a pseudo-terminal; the bridge's process reads it as a serial port and sends it to the
service's process, which passes it on to a viewer. The glove and the viewer are one process, so that one clock times
both. *Direct* is the same frame sent by a client in that process, without port and bridge, one frame a message, in the
same run: what service, sockets and viewer take. The difference of the medians is what port and bridge add.

- Not in it: the wire. A UART at 115,200 baud needs 3.8 ms for a binary frame of 44 bytes and about 5 ms for a line of
  text (at 1,000 Hz it would have to be faster), and a USB serial chip gathers for 1 to 16 ms.
- At 1,000 Hz the bridge gathers what comes within 8 ms into one message (`firmware_bridge/uplink/send_throttle.py`),
  and reads
  the port every 2 ms at most: that is most of its delay there, and what keeps its share of a core small.
- Frames are due at an even pace whatever became of those before. Lost: sent, and not with the viewer half a second
  after the last one.
- Bridge: CPU time of its process, in user and kernel mode, as a share of one core."""


@dataclass(frozen=True, slots=True)
class Report:
    command: str
    others_share: float
    """Of the cores' time, what other programs took."""
    passages: Sequence[Passage]
    codec: Mapping[Way, float]
    """Bytes a second by format."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "command": self.command,
            "machine": processor(),
            "others_share": self.others_share,
            "versions": {name: version(name) for name in _LIBRARIES},
            "passages": [passage.as_dict() for passage in self.passages],
            "codec_bytes_per_second": {way.value: rate for way, rate in self.codec.items()},
        }


def delay_rows(passages: Sequence[Passage]) -> list[list[str]]:
    """The table of delays, its heading first."""
    direct = {passage.rate_hz: passage for passage in passages if passage.way is Way.DIRECT}
    rows = [["rate, Hz", "way", "frames", "lost", "p50, ms", "p99, ms", "added p50, ms", "bridge"]]
    for passage in passages:
        beside = direct.get(passage.rate_hz)
        added = _NOTHING
        if beside is not None and passage is not beside:
            added = f"{passage.delay_ms(50) - beside.delay_ms(50):.2f}"
        share = _NOTHING if passage.bridge_share is None else f"{passage.bridge_share:.1%}"
        counts = [str(passage.rate_hz), passage.way.value, str(passage.sent), str(passage.lost)]
        rows.append([*counts, f"{passage.delay_ms(50):.2f}", f"{passage.delay_ms(99):.2f}", added, share])
    return rows


def codec_rows(codec: Mapping[Way, float]) -> list[list[str]]:
    """The table of the codec's speed, its heading first."""
    rows = [["format", "bytes a second", "goal", ""]]
    for way, rate in codec.items():
        goal = Figure("codec", way.value, "bytes/s", None, rate, CODEC_GOAL)
        rows.append([way.value, f"{rate:,.0f}", f"{CODEC_GOAL:,.0f}", goal.verdict])
    return rows


def remarks(report: Report) -> list[str]:
    """What is to be said beside the tables."""
    said = []
    for passage in report.passages:
        if passage.way is Way.BINARY and passage.rate_hz == 1000 and passage.bridge_share:
            title, share = "bridge at 1,000 Hz of binary frames", passage.bridge_share
            goal = Figure("bridge", title, "of a core", None, share, BRIDGE_GOAL, higher_is_better=False)
            said.append(f"{title}: {share:.1%} of a core, goal {BRIDGE_GOAL:.0%}: {goal.verdict}")
    if report.others_share > _QUIET:
        share = report.others_share
        said.append(f"other programs took {share:.0%} of the cores meanwhile: measure again on a quiet machine")
    return said


def write_page(report: Report, path: Path) -> None:
    """Writes the report as Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_page(report)) + "\n", encoding="utf-8")


def _page(report: Report) -> Iterable[str]:
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    yield from ("# The link, measured", "", f"Made by `{report.command}`; not edited by hand.")
    yield from wrap(f"{processor()}; Python {platform.python_version()}, {versions}.", _WIDTH)
    yield from ("", _HOW, "", "## From the glove to a viewer", "", *as_markdown(delay_rows(report.passages)))
    if said := remarks(report):
        yield from ("", *(f"- {remark}" for remark in said))
    yield from ("", "## The codec", "")
    yield "Bytes that the Python decoder reads in a second of CPU time, in reads of 4,096 bytes."
    yield from ("", *as_markdown(codec_rows(report.codec)))
