"""An X11 display without a screen, and a browser window on it: a real program with a text field."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

from benchmarks.page.chromium import NoChromiumError, find
from tests.deadlines import EVENT_S
from tests.processes import started


@contextmanager
def x_display() -> Iterator[str]:
    """Run an X server until the block ends, and yield its display's name; skip the test without one."""
    if shutil.which("Xvfb") is None:
        pytest.skip("no X server: apt install xvfb")
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset"]
    with started(command, pass_fds=[write_end], stderr=subprocess.DEVNULL) as server, os.fdopen(read_end) as chosen:
        os.close(write_end)
        yield f":{chosen.readline().strip()}"
        server.terminate()


@contextmanager
def text_field(display: str) -> Iterator[Page]:
    """Open a browser window with a text field, `#field`, that has the focus."""
    with sync_playwright() as playwright:
        try:
            path = find(playwright, with_window=True)
        except NoChromiumError as error:
            pytest.skip(str(error))
        environment = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        browser = playwright.chromium.launch(
            executable_path=path,
            headless=False,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
            env={**environment, "DISPLAY": display},
        )
        page = browser.new_page()
        page.set_default_timeout(1000 * EVENT_S)
        page.set_content('<textarea id="field" rows="9" cols="60"></textarea>')
        page.bring_to_front()
        page.locator("#field").focus()
        page.wait_for_function("document.hasFocus()")
        yield page
        browser.close()
