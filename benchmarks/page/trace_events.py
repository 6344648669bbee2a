"""What a performance trace of Chromium says of the thread on which a page runs.

The format is that of "Trace Event Format", Google, 2016: `X` is an event with a beginning and a duration, both in µs.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

CATEGORIES: Final = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
"""That are needed, and no more: each takes time of what is measured."""

KINDS: Final[Mapping[str, frozenset[str]]] = {
    "script": frozenset({"FireAnimationFrame", "FunctionCall", "EventDispatch", "TimerFire", "RunMicrotasks"}),
    "garbage collection": frozenset({"MinorGC", "MajorGC"}),
    "style and layout": frozenset({"UpdateLayoutTree", "Layout"}),
    "paint": frozenset({"PrePaint", "Paint", "Layerize"}),
    "hand over": frozenset({"Commit"}),
}
"""Of what is done on the main thread, by the names of the events. Without a GPU what is drawn on a canvas becomes
pixels when it is handed over to the compositor."""

OTHER: Final = "other"

_TASK: Final = "RunTask"
_MAIN: Final = "CrRendererMain"
_FRAME: Final = "FireAnimationFrame"

Event = Mapping[str, Any]
Thread = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MainThread:
    """Of one page; shares are of the time measured."""

    seconds: float
    busy: float
    """By the clock: a task that waits for a core counts too."""
    cpu: float
    """By the thread's own CPU time."""
    others_cpu: float
    """CPU time of the other threads of the page's process: compositor, raster, network."""
    frames_hz: float
    frame_p99_ms: float
    """Between the beginnings of frames that follow each other."""
    longest_ms: float
    """Task."""
    kinds: Mapping[str, float]
    """Shares by what was done, by the clock; together `busy`."""


def main_thread(events: Sequence[Event]) -> MainThread:
    """Read the events of a trace of one page.

    Raises:
        ValueError: they tell nothing of a page's main thread.
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
        raise ValueError("the trace tells nothing of a page that draws")
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
    """Microseconds inside tasks, each counted once: for the innermost event that has a kind."""
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
