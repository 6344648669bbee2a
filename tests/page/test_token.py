"""The page before a service that asks for tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Part
from tests.page.conftest import DESKTOP, PHONE, Opened

Start = Callable[..., Part]
OpenPage = Callable[..., Opened]

VIEWER = "viewer+/~.-_0123456789=="
SENDER = "sender-0123456789"


@pytest.fixture
def guarded(start: Start, tmp_path: Path) -> str:
    """A service with tokens, and a glove that has one."""
    tokens = [{"name": "wall", "token": VIEWER, "role": "viewer"}, {"name": "glove", "token": SENDER, "role": "sender"}]
    (tmp_path / "tokens.json").write_text(json.dumps(tokens))
    (tmp_path / "token").write_text(SENDER)
    url = start("serve", "--port", "0", "--tokens-file", str(tmp_path / "tokens.json")).line().rpartition(" ")[2]
    glove = start("emulate", "--text", "안녕", "--hold-s", "1")
    start("bridge", "--port", glove.line(), "--url", url, "--token-file", str(tmp_path / "token"))
    return url


def faults(opened: Opened) -> list[str]:
    """The browser itself writes each refused request to the console; nothing else may stand there."""
    return [fault for fault in opened.faults if "401 (Unauthorized)" not in fault]


def test_the_page_asks_for_the_token_and_keeps_it_in_its_tab(guarded: str, open_page: OpenPage) -> None:
    opened = open_page(guarded)
    page = opened.page
    opened.waits_for_state("A token is needed")
    field = page.get_by_label("Token", exact=True)
    assert field.get_attribute("type") == "password"
    assert field.evaluate("field => field === document.activeElement")
    assert page.get_by_test_id("letter").is_hidden()
    assert page.locator("#token-wrong").inner_text() == ""

    for wrong in ("wrong-0123456789", "with a space", "토큰"):
        page.keyboard.type(wrong)
        page.keyboard.press("Enter")
        page.get_by_text("This token is not known here.").wait_for()
        opened.waits_for_state("A token is needed")
        assert field.input_value() == ""
        field.focus()

    page.keyboard.type(VIEWER)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the button
    opened.waits_for_state("Reading the glove")
    assert field.is_hidden()
    assert page.get_by_test_id("letter").is_visible()
    kept = page.evaluate("[Object.values(sessionStorage), localStorage.length, document.cookie]")
    assert kept == [[VIEWER], 0, ""]
    page.reload()
    opened.waits_for_state("Reading the glove")
    assert faults(opened) == []

    other_tab = open_page(guarded)
    other_tab.waits_for_state("A token is needed")


def test_the_token_of_the_address_is_taken_out_of_it(guarded: str, open_page: OpenPage) -> None:
    opened = open_page(f"{guarded}/?x=1#token={VIEWER}")
    opened.origin = guarded
    opened.waits_for_state("Reading the glove")
    assert opened.page.url == f"{guarded}/?x=1"
    opened.page.go_back()
    assert opened.page.url == "about:blank"
    assert [fault for fault in faults(opened) if "another host" not in fault] == []


def test_a_token_in_the_address_of_the_open_page(guarded: str, open_page: OpenPage) -> None:
    opened = open_page(guarded)
    opened.waits_for_state("A token is needed")
    opened.page.evaluate("location.hash = 'token=%77rong-0123456789'")
    opened.page.get_by_text("This token is not known here.").wait_for()
    opened.page.evaluate("token => { location.hash = 'token=' + encodeURIComponent(token); }", VIEWER)
    opened.waits_for_state("Reading the glove")
    assert opened.page.url == f"{guarded}/"
    assert faults(opened) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_question_fits_the_screen(guarded: str, open_page: OpenPage, size: tuple[int, int]) -> None:
    opened = open_page(guarded, size=size)
    opened.waits_for_state("A token is needed")
    assert not opened.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    box = opened.page.get_by_role("button", name="Open").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < size[1]
