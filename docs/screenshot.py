"""Pictures of the page for the README, a still and an animation, taken from a running demo in Chromium.

python -m docs.screenshot docs/images/page.png docs/images/page.webp [--dark] [--letters 7]
"""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.page.chromium import DESKTOP, launch

MOVING_S: Final = 8.0
FRAME_MS: Final = 125
MOVING_WIDTH: Final = 800
QUALITY: Final = 80


def main(
    still: Path,
    moving: Path,
    dark: bool = False,
    letters: Annotated[int, typer.Option(help="letters to wait for before the still")] = 7,
) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "scaleglove", "demo", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert demo.stdout is not None
        url = next(line for line in demo.stdout if "The page: " in line).split()[-1]
        with sync_playwright() as playwright:
            browser = launch(playwright)
            scheme = "dark" if dark else "light"
            width, height = DESKTOP
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(url)
            line = page.get_by_test_id("line")
            while len(line.inner_text()) < letters:  # the page's content policy forbids wait_for_function
                page.wait_for_timeout(100)
            page.screenshot(path=still)
            save_moving(frames(page), moving)
            browser.close()
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(15)


def frames(page: Page) -> list[Image.Image]:
    """Return a picture of the page every FRAME_MS, scaled to MOVING_WIDTH."""
    taken = []
    begin_s = time.monotonic()
    for number in range(round(1000 * MOVING_S / FRAME_MS)):
        due_s = begin_s + number * FRAME_MS / 1000
        page.wait_for_timeout(max(0.0, 1000 * (due_s - time.monotonic())))
        picture = Image.open(io.BytesIO(page.screenshot()))
        height = round(picture.height * MOVING_WIDTH / picture.width)
        taken.append(picture.convert("RGB").resize((MOVING_WIDTH, height), Image.Resampling.LANCZOS))
    return taken


def save_moving(taken: Sequence[Image.Image], path: Path) -> None:
    """Save the pictures as an endlessly repeating animated WebP."""
    taken[0].save(path, save_all=True, append_images=taken[1:], duration=FRAME_MS, loop=0, quality=QUALITY, method=4)


if __name__ == "__main__":
    typer.run(main)
