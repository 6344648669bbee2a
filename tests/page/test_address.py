"""Tests of the address at which the page is opened: foreign names, names at home, and proxies in between."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Self
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from benchmarks.page.chromium import NoChromiumError, launch
from tests.live_service import live_service
from tests.page.conftest import TIMEOUT_S

NAMES = ("evil.example", "raspberrypi.local")

_ATTACK = """async () => {
  const data = await fetch("/v1/wearers/ada/export").then(async answer => [answer.status, (await answer.json()).code]);
  const stream = await new Promise(done => {
    const socket = new WebSocket(`ws://${location.host}/v1/stream`, "scaleglove.v1");
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
  });
  return [...data, stream];
}"""


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Yield a browser for which these names are this machine's, as if somebody let them point here."""
    rules = ", ".join(f"MAP {name} 127.0.0.1" for name in NAMES)
    try:
        browser = launch(playwright, f"--host-resolver-rules={rules}")
    except NoChromiumError as error:
        pytest.skip(str(error))
    with browser:
        yield browser


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    pages: list[Page] = []

    def make() -> Page:
        pages.append(browser.new_page(reduced_motion="reduce"))
        pages[-1].set_default_timeout(TIMEOUT_S * 1000)
        return pages[-1]

    yield make
    for page in pages:
        page.close()


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    return new_page()


@pytest.fixture(scope="module")
def undecided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a service that says nothing about access, with a wearer."""
    with live_service(database_url=f"sqlite:///{tmp_path_factory.mktemp('state')}/state.db") as server:
        httpx.post(f"{server.url}/v1/wearers", json={"wearer": "ada"}).raise_for_status()
        yield server.url


def renamed(url: str, name: str) -> str:
    return f"http://{name}:{urlsplit(url).port}"


class Attacker(BaseHTTPRequestHandler):
    """A page of another name, before that name points to the service."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"<p>Hello")

    def log_message(self, *_: object) -> None:
        pass


def test_a_page_whose_name_points_here_reads_nothing(page: Page) -> None:
    with HTTPServer(("127.0.0.1", 0), Attacker) as attacker:
        port = attacker.server_port
        thread = threading.Thread(target=attacker.serve_forever)
        thread.start()
        page.goto(f"http://evil.example:{port}")
        attacker.shutdown()
        thread.join()
    with live_service(port=port):  # the name points here now
        assert page.evaluate(_ATTACK) == [403, "foreign_host", "refused"]


@pytest.mark.parametrize("path", ["/", "/v1/wearers/ada/export", "/docs", "/main.js"])
def test_nothing_is_opened_under_a_foreign_name_and_the_browser_says_why(undecided: str, page: Page, path: str) -> None:
    answer = page.goto(renamed(undecided, "evil.example") + path)
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", name="Not opened under this name")).to_be_visible()
    expect(page.get_by_role("heading", name="이 이름으로는 열 수 없어요")).to_be_visible()
    setting = f"SCALEGLOVE_ALLOWED_ORIGINS={renamed(undecided, 'evil.example')}"
    expect(page.get_by_text(setting).first).to_be_visible()


def test_a_name_at_home_is_opened_and_streams_where_anyone_may_do_anything(page: Page) -> None:
    with live_service(tokens="none") as server:
        page.goto(renamed(server.url, "raspberrypi.local"))
        page.get_by_role("button", name="Start a demo glove").click()
        expect(page.locator("#state")).to_contain_text("Reading the glove")


class Proxy(ThreadingTCPServer):
    """A proxy on a port of its own that rewrites what browsers send."""

    def __init__(self, url: str, rewrite: Callable[[bytes], bytes], *, passes_sockets_on: bool = True) -> None:
        self.upstream = (urlsplit(url).hostname, urlsplit(url).port)
        self.rewrite = rewrite
        self.passes_sockets_on = passes_sockets_on
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), Relay)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        for each in set(self.open):
            hang_up(each)
        self.server_close()  # waits for the relays


class Relay(BaseRequestHandler):
    """One connection through the proxy."""

    server: Proxy

    def handle(self) -> None:
        data = self.request.recv(65536)
        if not data or (b"websocket" in data and not self.server.passes_sockets_on):
            return
        with socket.create_connection(self.server.upstream) as there:
            self.server.open |= {self.request, there}
            back = threading.Thread(target=pump, args=(there, self.request, bytes))
            back.start()
            there.sendall(self.server.rewrite(data))
            pump(self.request, there, self.server.rewrite)
            back.join()
            self.server.open -= {self.request, there}


def pump(source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes]) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(change(data))
    hang_up(source)
    hang_up(target)


def hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def host_of(data: bytes, host: bytes) -> bytes:
    """Return a request with another Host header."""
    before, separator, after = data.partition(b"\r\nHost: ")
    return before + separator + host + after[after.index(b"\r\n") :] if separator else data


def without_host(data: bytes) -> bytes:
    before, separator, after = data.partition(b"\r\nHost: ")
    return before.replace(b"HTTP/1.1", b"HTTP/1.0") + after[after.index(b"\r\n") :] if separator else data


def test_behind_a_proxy_on_another_port_the_page_says_what_is_refused(undecided: str, page: Page) -> None:
    with Proxy(undecided, lambda data: host_of(data, b"127.0.0.1")) as proxy:
        page.goto(proxy.url)
        expect(page.locator("#state")).to_contain_text("SCALEGLOVE_ALLOWED_ORIGINS")


def test_behind_a_proxy_that_drops_the_host_the_browser_says_why(undecided: str, page: Page) -> None:
    with Proxy(undecided, without_host) as proxy:
        page.goto(proxy.url)
        expect(page.get_by_text("the request has no Host header")).to_be_visible()


def test_behind_a_proxy_that_passes_no_websocket_on_the_page_says_so(
    undecided: str, new_page: Callable[[], Page]
) -> None:
    direct, page = new_page(), new_page()
    direct.goto(undecided)
    direct.get_by_role("button", name="Start a demo glove").click()
    expect(direct.locator("#state")).to_contain_text("Reading the glove")
    with Proxy(undecided, bytes, passes_sockets_on=False) as proxy:
        page.goto(proxy.url)
        expect(page.locator("#state")).to_contain_text("may not pass WebSockets on")
