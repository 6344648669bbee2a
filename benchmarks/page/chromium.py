"""Browser in which the page is tested, measured and photographed for the documentation."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Playwright

DESKTOP: Final = (1280, 800)
PHONE: Final = (390, 844)

_ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
_HEADLESS: Final = "chromium-headless-shell"
"""Chromium without the parts of its window: a page opens in two thirds of the time."""
_WITH_WINDOW: Final = ("chromium", "chromium-browser", "google-chrome")


class NoChromiumError(Exception):
    """No browser was found."""


def launch(playwright: Playwright, *arguments: str) -> Browser:
    """Start headless Chromium, with more arguments if need be.

    Raises:
        NoChromiumError: none is installed.
    """
    return playwright.chromium.launch(executable_path=find(playwright), args=[*_ARGUMENTS, *arguments])


def find(playwright: Playwright, *, with_window: bool = False) -> str:
    """Return the path of the browser: SCALEGLOVE_CHROMIUM, or Playwright's own, or the system's, which must be able to
    show a window where that is asked for.

    Raises:
        NoChromiumError: none is installed.
    """
    if named := os.environ.get("SCALEGLOVE_CHROMIUM"):
        return named
    if Path(own := playwright.chromium.executable_path).exists():
        return own
    systems = _WITH_WINDOW if with_window else (_HEADLESS, *_WITH_WINDOW)
    found = next(filter(None, map(shutil.which, systems)), None)
    if found is None:
        raise NoChromiumError("no Chromium: install it (apt install chromium, or playwright install chromium)")
    return found
