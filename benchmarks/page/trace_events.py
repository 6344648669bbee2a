"""Reader of Chromium's performance traces: time of the page's main thread by kind of work.

The format is "Trace Event Format", Google, 2016: `X` is an event with a begin and a duration, both in µs.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

CATEGORIES: Final = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
"""The fewest categories that suffice, since each slows down the page."""

KINDS: Final[Mapping[str, frozenset[str]]] = {
    "script": frozenset({"FireAnimationFrame", "FunctionCall", "EventDispatch", "TimerFire", "RunMicrotasks"}),
    "garbage collection": frozenset({"MinorGC", "MajorGC"}),
    "style and layout": frozenset({"UpdateLayoutTree", "Layout"}),
    "paint": frozenset({"PrePaint", "Paint", "Layerize"}),
    "commit": frozenset({"Commit"}),
}
"""Names of the main thread's events by kind of work. Without a GPU a canvas is rasterised when it is committed to the
compositor."""

OTHER: Final = "other"

_TASK: Final = "RunTask"
_MAIN: Final = "CrRendererMain"
_FRAME: Final = "FireAnimationFrame"

Event = Mapping[str, Any]
Thread = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MainThread:
    """Load of a page's main thread; shares are of the measured time."""

    seconds: float
    busy: float
    """Share by the clock, including tasks that wait for a core."""
    cpu: float
    """Share by the thread's own CPU time."""
    others_cpu: float
    """CPU time of the other threads of the page's process (compositor, raster, network)."""
    frames_hz: float
    frame_p99_ms: float
    """The p99 of the time from the begin of one frame to the next."""
    longest_ms: float
    """Longest task."""
    kinds: Mapping[str, float]
    """Shares by kind of work, by the clock; their sum is `busy`."""


def main_thread(events: Sequence[Event]) -> MainThread:
    """Return the load of the main thread from the events of a trace of one page.

    Raises:
        ValueError: the trace has no frames of a page's main thread.
    """
    threads = {_thread(event): event["args"]["name"] for event in events if event["name"] == "thread_name"}
    pages = (event for event in events if event["name"] == "TracingStartedInBrowser")
    page = next((frame["processId"] for event in pages for frame in event["args"]["data"]["frames"]), None)
    main = next((thread for thread, name in threads.items() if name == _MAIN and thread[0] == page), None)
    spans = [event for event in events if event["ph"] == "X" and event.get("dur", 0) > 0 and event["pid"] == page]
    own = [event for event in spans if _thread(event) == main]
    tasks = [event for event in own if event["name"] == _TASK]
    frames = sorted(event["ts"] for event in own if event["name"] == _FRAME)
    if not tasks or len(frames) < 3:
        raise ValueError("the trace has no page that draws frames")
    whole_us = max(map(_end, own)) - min(event["ts"] for event in own)
    steps_ms = sorted((later - earlier) / 1000 for earlier, later in itertools.pairwise(frames))
    others = (event for event in spans if _thread(event) != main and event["name"] == _TASK)
    return MainThread(
        seconds=whole_us / 1e6,
        busy=sum(event["dur"] for event in tasks) / whole_us,
        cpu=sum(event.get("tdur", 0) for event in tasks) / whole_us,
        others_cpu=sum(event.get("tdur", 0) for event in others) / whole_us,
        frames_hz=len(frames) / (whole_us / 1e6),
        frame_p99_ms=steps_ms[int(0.99 * (len(steps_ms) - 1))],
        longest_ms=max(event["dur"] for event in tasks) / 1000,
        kinds={kind: spent_us / whole_us for kind, spent_us in _by_kind(own).items()},
    )


def _by_kind(own: Iterable[Event]) -> Counter[str]:
    """Return microseconds inside tasks by kind, each counted once for the innermost event that has a kind."""
    spent = Counter(dict.fromkeys([*KINDS, OTHER], 0))
    open_: list[tuple[Event, str]] = []
    for event, kind in _with_kinds(own):
        while open_ and _end(open_[-1][0]) <= event["ts"]:
            open_.pop()
        if not open_ and event["name"] != _TASK:
            continue
        spent[kind] += event["dur"]
        if open_:
            spent[open_[-1][1]] -= event["dur"]
        open_.append((event, kind))
    return spent


def _with_kinds(own: Iterable[Event]) -> Iterator[tuple[Event, str]]:
    kinds = {name: kind for kind, names in KINDS.items() for name in names} | {_TASK: OTHER}
    known = (event for event in own if event["name"] in kinds)
    for event in sorted(known, key=lambda event: (event["ts"], -event["dur"])):
        yield event, kinds[event["name"]]


def _thread(event: Event) -> Thread:
    return event["pid"], event["tid"]


def _end(event: Event) -> int:
    end: int = event["ts"] + event["dur"]
    return end
