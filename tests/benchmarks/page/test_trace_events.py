"""Reading of a trace: each moment counts once, and only on the page's own main thread."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.page.trace_events import main_thread

PAGE, MAIN, RASTER = 7, 1, 2


def event(name: str, begin_ms: float, length_ms: float, thread: int = MAIN, process: int = PAGE) -> dict[str, Any]:
    times = {"ts": int(1000 * begin_ms), "dur": int(1000 * length_ms), "tdur": int(500 * length_ms)}
    return {"name": name, "ph": "X", "pid": process, "tid": thread, **times, "args": {}}


def named(thread: int, name: str, process: int = PAGE) -> dict[str, Any]:
    return {"name": "thread_name", "ph": "M", "pid": process, "tid": thread, "args": {"name": name}}


HEAD = [
    named(MAIN, "CrRendererMain", process=6),  # a spare process, of which nothing is counted
    named(MAIN, "CrRendererMain"),
    named(RASTER, "Compositor"),
    {
        "name": "TracingStartedInBrowser",
        "ph": "I",
        "pid": 1,
        "tid": 1,
        "args": {"data": {"frames": [{"processId": PAGE}]}},
    },
]


def frame(begin_ms: float) -> list[dict[str, Any]]:
    """Return 6 ms: 3 of script, of which 1 is layout that it forces, 2 of commit, 1 of something else."""
    return [
        event("RunTask", begin_ms, 6),
        event("FireAnimationFrame", begin_ms, 3),
        event("FunctionCall", begin_ms, 3),
        event("Layout", begin_ms + 1, 1),
        event("Commit", begin_ms + 3, 2),
        event("RunTask", begin_ms, 4, thread=RASTER),
        event("RunTask", begin_ms, 9, process=6),
    ]


def test_each_moment_is_counted_once_for_what_was_done() -> None:
    thread = main_thread([*HEAD, *frame(0), *frame(10), *frame(24)])
    assert thread.seconds == pytest.approx(0.030)
    assert thread.busy == pytest.approx(18 / 30)
    assert thread.cpu == pytest.approx(9 / 30)
    assert thread.others_cpu == pytest.approx(6 / 30)
    assert thread.kinds["script"] == pytest.approx(6 / 30)
    assert thread.kinds["style and layout"] == pytest.approx(3 / 30)
    assert thread.kinds["commit"] == pytest.approx(6 / 30)
    assert sum(thread.kinds.values()) == pytest.approx(thread.busy)
    assert thread.frames_hz == pytest.approx(100)
    assert thread.longest_ms == 6


def test_a_trace_without_a_page_that_draws_is_refused() -> None:
    with pytest.raises(ValueError, match="no page"):
        main_thread([*HEAD, event("RunTask", 0, 6)])
