"""Time of a sitting in the browser: by keyboard alone, with an emulated hand that shows what the page asks for.

    python -m benchmarks.page.sitting

The real service, emulated glove and bridge, and the page in Chromium, in Korean with a hand that spells Korean and in
English with one that spells English. A row has the seconds from the key that starts the sitting to the profile: ten of
movement, three of rest, and the words. The hand moves within 0.35 s and holds each letter until the page has understood
it; doubtful shapes at the end are left open by the key that finishes.
"""

from __future__ import annotations

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.machine import processor
from benchmarks.page.chromium import DESKTOP, launch
from benchmarks.pipeline import running_pipeline
from scaleglove.client.proxies import open_url
from scaleglove.demo import OBEYED

GOAL_S: Final = 75.0

_WEARER: Final = "benchmark-sitting"
"""In the user's own database, and deleted again."""

_EVENT_MS: Final = 180_000.0


@dataclass(frozen=True, slots=True)
class Case:
    """A language of the page, and the model that is signed to."""

    locale: str
    vocabulary: str
    model: str


CASES: Final = (
    Case("ko-KR", "korean", "MSCSGRU_ScaleAware_Encoded"),
    Case("en-GB", "american", "American_INT8"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A sitting: its seconds, and its examples, and how many labels of the model have some."""

    case: Case
    seconds: float
    examples: int
    known: int
    labels: int


def measure() -> Iterator[Row]:
    """Yield a row for each case."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for case in CASES:
            with running_pipeline(
                "--vocabulary", case.vocabulary, bridge=("--model", case.model, "--commands", OBEYED)
            ) as url:
                _forget(url)
                yield _sit(browser, url, case)
                _forget(url)
        browser.close()


def _sit(browser: Browser, url: str, case: Case) -> Row:
    page = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale=case.locale)
    page.set_default_timeout(_EVENT_MS)
    page.goto(url)
    page.locator("#letter[data-tone=sure]").wait_for()
    page.locator('nav a[href="#calibrate"]').press("Enter")
    page.locator("#wearer-name").fill(_WEARER)
    page.keyboard.press("Enter")
    page.locator("#sitting-primary:focus").wait_for()
    start_s = time.perf_counter()
    page.keyboard.press("Enter")
    _finish(page)
    seconds = time.perf_counter() - start_s
    page.close()
    examples = _read(f"{url}/v1/wearers/{_WEARER}")["examples"]
    examples.pop("rest", None)
    labels = _read(f"{url}/v1/models/{case.model}")["labels"]
    return Row(case, seconds, sum(examples.values()), len(examples), len(labels))


def _finish(page: Page) -> None:
    """Wait for the end of the words, and leave doubtful shapes open."""
    page.locator('.sitting[data-step="spelling"]').wait_for()
    page.locator('.sitting:is([data-step="doubts"], [data-step="none"])').wait_for()
    if page.locator('.sitting[data-step="doubts"] #sitting-primary[aria-disabled="false"]').count():
        page.keyboard.press("Enter")
    page.locator('[data-testid="calibrate-improvement"]').wait_for()


def _forget(url: str) -> None:
    """Delete the wearer, if there is one."""
    request = urllib.request.Request(f"{url}/v1/wearers/{_WEARER}", method="DELETE")
    with contextlib.suppress(urllib.error.HTTPError):
        open_url(request, _EVENT_MS / 1000).close()


def _read(url: str) -> dict[str, dict[str, int]]:
    with open_url(url, _EVENT_MS / 1000) as answer:
        content: dict[str, dict[str, int]] = json.load(answer)
    return content


def main() -> None:
    """Measure and print."""
    print(f"{processor()}. The goal is less than {GOAL_S:g} s.\n")
    print("| page | model | s | examples | letters known |")
    print("|---|---|---|---|---|")
    for row in measure():
        known = f"{row.known} of {row.labels}"
        print(f"| {row.case.locale} | {row.case.model} | {row.seconds:.0f} | {row.examples} | {known} |", flush=True)


if __name__ == "__main__":
    main()
