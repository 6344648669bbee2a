"""The browser in which the page is tested, measured and pictured."""

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
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
_SYSTEMS: Final = ("chromium", "chromium-browser", "google-chrome")


class NoChromiumError(Exception):
    """There is no browser to be found."""


def launch(playwright: Playwright) -> Browser:
    """Chromium without a window.

    Raises:
        NoChromiumError: none is installed.
    """
    return playwright.chromium.launch(executable_path=find(playwright), args=_ARGUMENTS)


def find(playwright: Playwright) -> str:
    """The browser named by SCALEGLOVE_CHROMIUM, or Playwright's own, or the system's.

    Raises:
        NoChromiumError: none is installed.
    """
    if named := os.environ.get("SCALEGLOVE_CHROMIUM"):
        return named
    if Path(own := playwright.chromium.executable_path).exists():
        return own
    found = next(filter(None, map(shutil.which, _SYSTEMS)), None)
    if found is None:
        raise NoChromiumError("no Chromium: install it (apt install chromium, or playwright install chromium)")
    return found
