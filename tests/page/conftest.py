"""Fixtures of the page's tests: a browser, a service for each module, and pages that record what must not happen."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, WebSocket, expect, sync_playwright

from benchmarks.page.chromium import DESKTOP, PHONE, NoChromiumError, launch  # noqa: F401 - PHONE is for the tests
from service.settings import shipped_models
from tests.end_to_end.conftest import Part, start
from tests.live_service import live_service

TIMEOUT_S = 120.0
"""Deadline of every wait for an event: no test waits this long unless it fails, however busy the machine is."""

_POLL_S = 0.05

_ = start  # a fixture
Start = Callable[..., Part]
OpenPage = Callable[..., "Opened"]

expect.set_options(timeout=TIMEOUT_S * 1000)


@dataclass
class Opened:
    """An open page, the messages that it received by WebSocket, and its faults."""

    page: Page
    origin: str
    cable: str | None = None
    """The address of the stand-in for a serial port (tests/page/serial_cable.py), if there is one."""
    received: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Record console messages, errors, requests and received messages."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("websocket", self._on_websocket)

    def text(self, name: str) -> str:
        """Return the text of the element with this test id."""
        return self.page.get_by_test_id(name).inner_text()

    def wait_for_state(self, text: str | re.Pattern[str]) -> None:
        """Wait until the status in the header contains a text."""
        expect(self.page.locator("#state")).to_contain_text(text)

    def wait_for_text(self, name: str, text: str) -> None:
        """Wait until the element with this test id contains a text."""
        expect(self.page.get_by_test_id(name)).to_contain_text(text)

    def count(self, *types: str) -> int:
        """Return how many messages of these types were received."""
        return sum(message["type"] in types for message in self.received)

    def wait_for_messages(self, number: int, *types: str) -> None:
        """Wait until `number` more messages of these types are received."""
        wanted = self.count(*types) + number
        wait_until(lambda: self.count(*types) >= wanted, wait_s=lambda s: self.page.wait_for_timeout(1000 * s))

    def wait_for_rendering(self) -> None:
        """Wait until the current state is rendered: for two animation frames."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def fits(self) -> bool:
        """Return whether the page needs no horizontal scrolling."""
        fits: bool = self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        return fits

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text} [{message.location['url']}]")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(self.origin):
            self.faults.append(f"request to another host: {request.url}")

    def _on_websocket(self, socket: WebSocket) -> None:
        if self.cable is not None and socket.url.startswith(self.cable):
            return
        if not socket.url.startswith(self.origin.replace("http", "ws", 1)):
            self.faults.append(f"WebSocket to another host: {socket.url}")
        socket.on("framereceived", lambda payload: self.received.append(json.loads(payload)))


def wait_until(condition: Callable[[], object], wait_s: Callable[[float], object] = time.sleep) -> None:
    """Wait until the condition holds, for what no event announces; `wait_s` waits between two looks."""
    end_s = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end_s, f"the condition did not hold within {TIMEOUT_S:g} s"
        wait_s(_POLL_S)


def streams(url: str) -> list[dict[str, Any]]:
    """Return the streams of a service."""
    listed: list[dict[str, Any]] = httpx.get(f"{url}/v1/streams", timeout=TIMEOUT_S).json()["streams"]
    return listed


class _Browsers:
    """Playwright and its browser, which stay while modules of this folder follow each other: a second for each."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    @property
    def playwright(self) -> Playwright:
        if self._playwright is None:
            self._playwright = self._open.enter_context(sync_playwright())
        return self._playwright

    @property
    def browser(self) -> Browser:
        """Raises:
        NoChromiumError: none is installed.
        """
        if self._browser is None:
            self._browser = self._open.enter_context(launch(self.playwright))
        return self._browser

    def close(self) -> None:
        """End both: other tests could not run an event loop beside Playwright's."""
        self._open.close()
        self._playwright = self._browser = None


_BROWSERS = _Browsers()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Start it before the module notes which processes were there before it."""
    with suppress(NoChromiumError):
        _ = _BROWSERS.browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """End it with the last test of this folder, or before one of another."""
    try:
        yield
    finally:
        if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
            _BROWSERS.close()


@pytest.fixture(scope="session")
def playwright() -> Playwright:
    """Return what starts browsers."""
    return _BROWSERS.playwright


@pytest.fixture
def browser() -> Browser:
    """Return the browser."""
    try:
        return _BROWSERS.browser
    except NoChromiumError as error:
        pytest.skip(str(error))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Yield a function that opens a page: `open_page(url)`, `open_page(url, size=PHONE, color_scheme="dark")`; `script`
    runs before the page's own."""
    pages: list[Page] = []

    def open_at(
        url: str, size: tuple[int, int] = DESKTOP, script: str = "", cable: str | None = None, **options: Any
    ) -> Opened:
        options.setdefault("reduced_motion", "reduce")  # drawing the charts rarely leaves the cores to the tests
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **options)
        page.set_default_timeout(TIMEOUT_S * 1000)
        pages.append(page)
        page.add_init_script(script)
        opened = Opened(page, url, cable)
        opened.listen()
        page.goto(url)
        return opened

    yield open_at
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def shared_service() -> Iterator[str]:
    """Yield the address of the service that the tests of a module share."""
    with live_service(models_dir=shipped_models(), stale_after_ms=1000) as server:
        yield server.url


@pytest.fixture
def service(shared_service: str) -> str:
    """Return the address of the shared service once the streams of earlier tests have ended."""
    wait_until(lambda: not streams(shared_service))
    return shared_service


@pytest.fixture
def wear(start: Start, service: str) -> Callable[..., Part]:
    """Return a function that starts an emulated glove with these options and its bridge, and returns the glove."""

    def put_on(*options: str) -> Part:
        glove = start("emulate", *(options or ("--text", "안녕", "--hold-s", "1")))
        start("bridge", "--port", glove.line(), "--url", service)
        return glove

    return put_on


@pytest.fixture
def signing(wear: Callable[..., Part], service: str) -> str:
    """Return the address of a service with a glove that signs."""
    wear()
    return service


@pytest.fixture(scope="module")
def stateful_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a service whose wearers and gloves are those of this module."""
    with live_service(database_url=f"sqlite:///{tmp_path_factory.mktemp('state')}/state.db") as server:
        yield server.url


@pytest.fixture
def url(stateful_service: str) -> str:
    """Return the address of a service for gloves, without the streams and gloves of earlier tests."""
    wait_until(lambda: not streams(stateful_service))
    for each in httpx.get(f"{stateful_service}/v1/gloves").json()["gloves"]:
        httpx.delete(f"{stateful_service}/v1/gloves/{each['glove']}").raise_for_status()
    return stateful_service
