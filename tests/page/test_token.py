"""Tests of the page with a service that needs tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.live_service import live_service
from tests.page.conftest import DESKTOP, PHONE, Opened, OpenPage, Start, wait_until

VIEWER = "viewer+/~.-_0123456789=="
SENDER = "sender-0123456789"


@pytest.fixture(scope="module")
def guarded_service() -> Iterator[str]:
    """Yield the address of a service with tokens."""
    tokens = [{"name": "wall", "token": VIEWER, "role": "viewer"}, {"name": "glove", "token": SENDER, "role": "sender"}]
    with live_service(tokens=json.dumps(tokens)) as server:
        yield server.url


@pytest.fixture
def guarded(guarded_service: str, start: Start, tmp_path: Path) -> str:
    """Return the address of a service with tokens and with a glove that has one."""
    headers = {"Authorization": f"Bearer {VIEWER}"}
    wait_until(lambda: not httpx.get(f"{guarded_service}/v1/streams", headers=headers).json()["streams"])
    (tmp_path / "token").write_text(SENDER)
    glove = start("emulate", "--text", "안녕", "--hold-s", "1")
    start("bridge", "--port", glove.line(), "--url", guarded_service, "--token-file", str(tmp_path / "token"))
    return guarded_service


def faults(opened: Opened) -> list[str]:
    """Return the faults without the browser's own console messages about refused requests."""
    return [fault for fault in opened.faults if "401 (Unauthorized)" not in fault]


def test_the_page_asks_for_a_token_and_keeps_it_in_its_tab(guarded: str, open_page: OpenPage) -> None:
    opened = open_page(guarded)
    page = opened.page
    opened.wait_for_state("A token is needed")
    field = page.get_by_label("Token", exact=True)
    assert field.get_attribute("type") == "password"
    assert field.evaluate("field => field === document.activeElement")
    assert page.get_by_test_id("letter").is_hidden()
    assert page.locator("#token-wrong").inner_text() == ""

    for wrong in ("wrong-0123456789", "with a space", "토큰"):
        page.keyboard.type(wrong)
        page.keyboard.press("Enter")
        page.get_by_text("The service does not accept this token.").wait_for()
        opened.wait_for_state("A token is needed")
        assert field.input_value() == ""
        field.focus()

    page.keyboard.type(VIEWER)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the button
    opened.wait_for_state("Reading the glove")
    assert field.is_hidden()
    assert page.get_by_test_id("letter").is_visible()
    kept = page.evaluate("[Object.values(sessionStorage), localStorage.length, document.cookie]")
    assert kept == [[VIEWER], 0, ""]
    page.reload()
    opened.wait_for_state("Reading the glove")
    assert faults(opened) == []

    other_tab = open_page(guarded)
    other_tab.wait_for_state("A token is needed")


def test_a_token_in_the_address_is_removed_from_it(guarded: str, open_page: OpenPage) -> None:
    opened = open_page(f"{guarded}/?x=1#token={VIEWER}")
    opened.origin = guarded
    opened.wait_for_state("Reading the glove")
    assert opened.page.url == f"{guarded}/?x=1"
    opened.page.go_back()
    assert opened.page.url == "about:blank"
    assert [fault for fault in faults(opened) if "another host" not in fault] == []


def test_a_token_can_be_added_to_the_address_of_the_open_page(guarded: str, open_page: OpenPage) -> None:
    opened = open_page(guarded)
    opened.wait_for_state("A token is needed")
    opened.page.evaluate("location.hash = 'token=%77rong-0123456789'")
    opened.page.get_by_text("The service does not accept this token.").wait_for()
    opened.page.evaluate("token => { location.hash = 'token=' + encodeURIComponent(token); }", VIEWER)
    opened.wait_for_state("Reading the glove")
    assert opened.page.url == f"{guarded}/"
    assert faults(opened) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_form_fits_the_screen(guarded: str, open_page: OpenPage, size: tuple[int, int]) -> None:
    opened = open_page(guarded, size=size)
    opened.wait_for_state("A token is needed")
    assert opened.fits()
    box = opened.page.get_by_role("button", name="Open").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < size[1]
