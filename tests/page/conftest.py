"""A browser, and pages in it that keep account of everything that should not happen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebSocket, sync_playwright

from benchmarks.page.chromium import (  # noqa: F401 - PHONE is for the tests
    DESKTOP,
    PHONE,
    NoChromiumError,
    launch,
)
from tests.end_to_end.conftest import start  # noqa: F401 - a fixture


@dataclass
class Opened:
    """A page, what it received by WebSocket, and its faults."""

    page: Page
    origin: str
    received: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("websocket", self._on_websocket)

    def text(self, name: str) -> str:
        return self.page.get_by_test_id(name).inner_text()

    def waits_for_state(self, words: str, timeout_s: float = 30) -> None:
        self.page.wait_for_function(
            "words => document.getElementById('state').innerText.includes(words)", arg=words, timeout=timeout_s * 1000
        )

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(self.origin):
            self.faults.append(f"request to another host: {request.url}")

    def _on_websocket(self, socket: WebSocket) -> None:
        if not socket.url.startswith(self.origin.replace("http", "ws", 1)):
            self.faults.append(f"WebSocket to another host: {socket.url}")
        socket.on("framereceived", lambda payload: self.received.append(json.loads(payload)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except NoChromiumError as error:
            pytest.skip(str(error))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """`open_page(url)`, `open_page(url, size=PHONE, color_scheme="dark")`"""
    pages: list[Page] = []

    def open_at(url: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Opened:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **options)
        pages.append(page)
        opened = Opened(page, url)
        opened.listen()
        page.goto(url)
        return opened

    yield open_at
    for page in pages:
        page.close()
