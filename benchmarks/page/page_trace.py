"""What the live page asks of a browser: a performance trace with a glove that signs at 100 Hz.

    python -m benchmarks.page.page_trace --seconds 10

The real service, emulated glove and bridge, and the page in Chromium, at the size of a desktop and of a phone. It fails
(exit status 1) when the main thread is busy for half of a frame's time or more. With `--against REF` the page as it was
at that commit is measured in turn with the one of now. With `--minutes N` the page is left open, and its memory told.
"""

from __future__ import annotations

import contextlib
import json
import mimetypes
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer
from playwright.sync_api import Browser, Page, Route, sync_playwright
from rich.console import Console

from benchmarks.machine import processor
from benchmarks.page.chromium import DESKTOP, PHONE, launch
from benchmarks.page.trace_events import (
    CATEGORIES,
    KINDS,
    OTHER,
    MainThread,
    main_thread,
)
from benchmarks.serve.report import as_markdown, as_table
from scaleglove.child_processes import read_first_line, run_child

BUSY_GOAL: Final = 0.5
SIZES: Final = {"desktop": DESKTOP, "phone": PHONE}

_NOW: Final = "now"
_FOLDER: Final = "clients/page"
_PERMISSIONS: Final = ["local-network-access"]
"""A document that did not come from the service itself may not open a socket to it otherwise."""

_FILLS_MS: Final = 12_000
"""A picture shows 10 s."""

_HOW: Final = f"""\
The real service, an emulated glove at 100 Hz that signs letters, the bridge, and the live view in Chromium with all its
charts drawn. *Busy* is the share of the time in which the page's main thread was at work: by the clock, where a task
that waits for a core counts too, and by its own CPU time. The goal is less than {BUSY_GOAL:.0%} of a frame's time by
the clock. Chromium has no GPU here: what scripts draw on a canvas becomes pixels on the main thread, which is counted
under *hand over*; a browser with a GPU spends it elsewhere. Other threads are those of the page's process (compositor,
network), by CPU time. Each row is the median of the traces by the time busy."""

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Traced:
    """The page of one commit, or of now, at one size."""

    page: str
    size: str
    thread: MainThread


@dataclass(frozen=True, slots=True)
class Memory:
    """Of a page left open, after garbage collection."""

    minutes: float
    heap_mib: float
    nodes: int
    listeners: int


def main(
    seconds: Annotated[float, typer.Option(min=2, max=60, help="How long each trace is.")] = 10.0,
    rounds: Annotated[int, typer.Option(min=1, help="Traces of each kind.")] = 3,
    against: Annotated[str | None, typer.Option(help="commit whose page is measured too")] = None,
    minutes: Annotated[int, typer.Option(min=0, help="Leave the page open for so long, for its memory.")] = 0,
    page: Annotated[Path | None, typer.Option(help="page to write (*.md)", dir_okay=False)] = None,
) -> None:
    """Trace the live view; exit status 1 when the main thread has too much to do."""
    versions: dict[str, Files | None] = {_NOW: None} if against is None else {against: page_at(against), _NOW: None}
    with road() as url, sync_playwright() as playwright:
        browser = launch(playwright)
        traced = traces(browser, url, versions, seconds, rounds)
        kept = list(memory(browser, url, minutes)) if minutes else []
        browser.close()
    tables = {"Main thread": _thread_rows(traced), "Where its time goes": _kind_rows(traced)}
    if kept:
        tables["Left open"] = _memory_rows(kept)
    if page:
        page.write_text("\n".join(_page(tables)) + "\n", encoding="utf-8")
    for title, rows in tables.items():
        Console().print(as_table(rows, title))
    busy = max(each.thread.busy for each in traced if each.page == _NOW)
    if busy >= BUSY_GOAL:
        print(f"the main thread is busy for {busy:.0%} of the time", file=sys.stderr)
        raise typer.Exit(1)


@contextlib.contextmanager
def road() -> Iterator[str]:
    """A service with a glove that signs at 100 Hz; gives its address."""
    nowhere = subprocess.DEVNULL
    with contextlib.ExitStack() as parts:
        service = parts.enter_context(run_child("scaleglove", "serve", "--port", "0", "--log-level", "warning"))
        url = read_first_line(service, "service").rpartition(" ")[2]
        glove = parts.enter_context(run_child("scaleglove", "emulate", "--rate-hz", "100"))
        bridge = ("scaleglove", "bridge", "--port", read_first_line(glove, "glove"), "--url", url)
        parts.enter_context(run_child(*bridge, stdout=nowhere, stderr=nowhere))
        yield url


def page_at(commit: str) -> Files:
    """The page's files as they were, by their paths in an address."""
    listed = _git("ls-tree", "-r", "--name-only", commit, f"{_FOLDER}/").decode().split()
    return {name.removeprefix(_FOLDER): _git("show", f"{commit}:{name}") for name in listed}


def traces(
    browser: Browser, url: str, versions: Mapping[str, Files | None], seconds: float, rounds: int
) -> list[Traced]:
    """Of each version and size the trace with the median time busy; the versions are measured in turn."""
    found: dict[tuple[str, str], list[MainThread]] = {(size, name): [] for size in SIZES for name in versions}
    for _ in range(rounds):
        for (size, name), threads in found.items():
            threads.append(trace(browser, url, SIZES[size], versions[name], seconds))
    ranked = {place: sorted(threads, key=lambda thread: thread.busy) for place, threads in found.items()}
    return [Traced(name, size, threads[rounds // 2]) for (size, name), threads in ranked.items()]


def trace(browser: Browser, url: str, size: tuple[int, int], files: Files | None, seconds: float) -> MainThread:
    """Open the page, with these files in place of its own, and look at it for so long once its charts are full."""
    with opened(browser, url, size, files) as page:
        page.wait_for_timeout(_FILLS_MS)
        browser.start_tracing(page=page, categories=CATEGORIES)
        page.wait_for_timeout(1000 * seconds)
        return main_thread(json.loads(browser.stop_tracing())["traceEvents"])


def memory(browser: Browser, url: str, minutes: int) -> Iterator[Memory]:
    """How the page stands at first, and after each minute."""
    with opened(browser, url, DESKTOP, None) as page:
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.wait_for_timeout(_FILLS_MS)
        for minute in range(minutes + 1):
            if minute:
                page.wait_for_timeout(60_000)
            session.send("HeapProfiler.collectGarbage")
            metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
            heap_mib = metrics["JSHeapUsedSize"] / 2**20
            yield Memory(minute, heap_mib, int(metrics["Nodes"]), int(metrics["JSEventListeners"]))


@contextlib.contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int], files: Files | None) -> Iterator[Page]:
    """The page, once a letter is read."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, permissions=_PERMISSIONS)
    if files is not None:
        page.route(lambda address: _file_of(address) in files, lambda route: _answer(route, files))
    page.goto(url)
    page.locator("#letter[data-tone=sure]").wait_for()
    yield page
    page.close()


def _answer(route: Route, files: Files) -> None:
    name = _file_of(route.request.url)
    route.fulfill(body=files[name], content_type=mimetypes.guess_type(name)[0])


def _file_of(address: str) -> str:
    path = urlsplit(address).path
    return "/index.html" if path == "/" else path


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], check=True, stdout=subprocess.PIPE).stdout


def _thread_rows(traced: Sequence[Traced]) -> list[list[str]]:
    rows = [["size", "page", "busy", "CPU", "other threads", "frames/s", "p99 frame ms", "longest task ms"]]
    for each in traced:
        thread = each.thread
        shares = [f"{share:.0%}" for share in (thread.busy, thread.cpu, thread.others_cpu)]
        times = [f"{value:.1f}" for value in (thread.frames_hz, thread.frame_p99_ms, thread.longest_ms)]
        rows.append([each.size, each.page, *shares, *times])
    return rows


def _kind_rows(traced: Sequence[Traced]) -> list[list[str]]:
    kinds = [*KINDS, OTHER]
    rows = [["size", "page", *kinds]]
    return rows + [[each.size, each.page, *(f"{each.thread.kinds[kind]:.1%}" for kind in kinds)] for each in traced]


def _memory_rows(kept: Sequence[Memory]) -> list[list[str]]:
    rows = [["minutes", "heap MiB", "nodes", "listeners"]]
    return rows + [[str(at.minutes), f"{at.heap_mib:.1f}", str(at.nodes), str(at.listeners)] for at in kept]


def _page(tables: Mapping[str, Sequence[Sequence[str]]]) -> Iterator[str]:
    command = f"python -m benchmarks.page.page_trace {shlex.join(sys.argv[1:])}"
    yield from ("# The page in a browser, measured", "", f"Made by `{command}`; not edited by hand.", "", _HOW, "")
    yield f"{processor()}, {os.cpu_count()} cores, which the service, the glove and the bridge use too."
    for title, rows in tables.items():
        yield from ("", f"## {title}", "", *as_markdown(rows))


if __name__ == "__main__":
    typer.run(main)
