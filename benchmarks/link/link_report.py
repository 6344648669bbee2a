"""Report of `scaleglove bench link`: delays and the codec's speed as tables, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.link.delay import Passage, Way
from benchmarks.machine import processor
from benchmarks.report import (
    NOTHING,
    Figure,
    as_list,
    as_markdown,
    environment,
    page_head,
    remark_on_others,
    versions,
)

CODEC_GOAL: Final = 2e6
"""Bytes per second on one core."""

BRIDGE_GOAL: Final = 0.2
"""Share of a core at 1,000 Hz of binary frames."""

_LIBRARIES: Final = ("numpy", "orjson", "pyserial", "uvicorn", "uvloop", "websockets")

_METHOD: Final = """\
A glove writes a frame to a pseudo-terminal; the bridge's process reads it as a serial port and sends it to the
service's process, which passes it on to a viewer. The glove and the viewer are one process, so that one clock times
both. *Direct* is the same frame sent by a client in that process, without port and bridge, one frame per message, in
the same run: the delay of service, sockets and viewer. The difference of the medians is what port and bridge add.

- The wire is not included. A UART at 115,200 baud needs 3.8 ms for a binary frame of 44 bytes and about 5 ms for a line
  of text (at 1,000 Hz it would have to be faster), and a USB serial chip buffers for 1 to 16 ms.
- At 1,000 Hz the bridge gathers the frames of 8 ms into one message (`firmware_bridge/uplink/pacing.py`) and
  reads the port every 2 ms at most: this is most of its delay there, and keeps its share of a core small.
- Frames are due at an even pace whatever happened to earlier ones. Lost: sent, and not received by the viewer half a
  second after the last one.
- Bridge: CPU time of its process, in user and kernel mode, as a share of one core."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run of `bench link` measured."""

    command: str
    others_share: float
    """Share of the cores' time that other programs took."""
    passages: Sequence[Passage]
    codec: Mapping[Way, float]
    """Bytes per second by format."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "command": self.command,
            "machine": processor(),
            "others_share": self.others_share,
            "versions": versions(_LIBRARIES),
            "passages": [passage.as_dict() for passage in self.passages],
            "codec_bytes_per_second": {way.value: rate for way, rate in self.codec.items()},
        }


def delay_rows(passages: Sequence[Passage]) -> list[list[str]]:
    """Return the table of delays, its heading first."""
    direct = {passage.rate_hz: passage for passage in passages if passage.way is Way.DIRECT}
    rows = [["rate, Hz", "way", "frames", "lost", "p50, ms", "p99, ms", "added p50, ms", "bridge"]]
    for passage in passages:
        baseline = direct.get(passage.rate_hz)
        added = NOTHING
        if baseline is not None and passage is not baseline:
            added = f"{passage.delay_ms(50) - baseline.delay_ms(50):.2f}"
        share = NOTHING if passage.bridge_share is None else f"{passage.bridge_share:.1%}"
        counts = [str(passage.rate_hz), passage.way.value, str(passage.sent), str(passage.lost)]
        rows.append([*counts, f"{passage.delay_ms(50):.2f}", f"{passage.delay_ms(99):.2f}", added, share])
    return rows


def codec_rows(codec: Mapping[Way, float]) -> list[list[str]]:
    """Return the table of the codec's speed, its heading first."""
    rows = [["format", "bytes per second", "goal", ""]]
    for way, rate in codec.items():
        goal = Figure("codec", way.value, "bytes/s", None, rate, CODEC_GOAL)
        rows.append([way.value, f"{rate:,.0f}", f"{CODEC_GOAL:,.0f}", goal.verdict])
    return rows


def remarks(report: Report) -> list[str]:
    """Return the remarks on the tables."""
    notes = []
    for passage in report.passages:
        if passage.way is Way.BINARY and passage.rate_hz == 1000 and passage.bridge_share:
            title, share = "bridge at 1,000 Hz of binary frames", passage.bridge_share
            goal = Figure("bridge", title, "of a core", None, share, BRIDGE_GOAL, higher_is_better=False)
            notes.append(f"{title}: {share:.1%} of a core, goal {BRIDGE_GOAL:.0%}: {goal.verdict}")
    return notes + remark_on_others(report.others_share)


def page(report: Report) -> Iterator[str]:
    """Yield the report as lines of Markdown."""
    yield from page_head("The link, measured", report.command)
    yield from environment(_LIBRARIES)
    yield from ("", _METHOD, "", "## From the glove to a viewer", "", *as_markdown(delay_rows(report.passages)))
    yield from as_list(remarks(report))
    yield from ("", "## The codec", "")
    yield "Bytes that the Python decoder reads in a second of CPU time, in reads of 4,096 bytes."
    yield from ("", *as_markdown(codec_rows(report.codec)))
