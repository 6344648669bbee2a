"""Takes the README's picture: runs the real demo, opens the page in Chromium, waits for some letters, saves a PNG.

python docs/screenshot.py docs/page.png [--dark] [--width 1280] [--height 800] [--letters 5]
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main(
    picture: Path,
    dark: bool = False,
    width: int = 1280,
    height: int = 800,
    letters: Annotated[int, typer.Option(help="letters to wait for")] = 5,
) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "scaleglove", "demo", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert demo.stdout is not None
        url = next(line for line in demo.stdout if "The page: " in line).split()[-1]
        with sync_playwright() as playwright:
            path = os.environ.get("SCALEGLOVE_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            )
            page.goto(url)
            line = page.get_by_test_id("line")
            while len(line.inner_text()) < letters:  # the page's policy forbids a condition given as a string of script
                page.wait_for_timeout(100)
            page.screenshot(path=picture)
            browser.close()
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(15)


if __name__ == "__main__":
    typer.run(main)
