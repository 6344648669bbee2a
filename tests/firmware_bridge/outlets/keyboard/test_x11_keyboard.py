"""A real X server, and a browser on it that is typed into."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest

from firmware_bridge.outlets.keyboard.x11_keyboard import X11Keyboard
from firmware_bridge.outlets.outlet import OutletCode, OutletError
from tests.deadlines import EVENT_S, wait_until
from tests.x_display import text_field, x_display


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with x_display() as name:
        yield name


@pytest.fixture
def keyboard(display: str) -> Iterator[X11Keyboard]:
    opened = X11Keyboard("F9", display)
    yield opened
    opened.close()


@pytest.fixture
def user(display: str) -> Iterator[User]:
    opened = User(display)
    yield opened
    opened.display.close()


class User:
    """The user's own keyboard."""

    def __init__(self, display: str) -> None:
        self.display = Display(display)

    def press(self, name: str) -> None:
        self._send(X.KeyPress, name)

    def release(self, name: str) -> None:
        self._send(X.KeyRelease, name)

    def _send(self, kind: int, name: str) -> None:
        xtest.fake_input(self.display, kind, self.display.keysym_to_keycode(XK.string_to_keysym(name)))
        self.display.sync()


def symbols(display: Display) -> list[list[int]]:
    first, last = display.display.info.min_keycode, display.display.info.max_keycode
    return [list(row) for row in display.get_keyboard_mapping(first, last - first + 1)]


@pytest.fixture(scope="module")
def page(display: str) -> Iterator[Page]:
    with text_field(display) as opened:
        yield opened


@pytest.fixture
def field(page: Page) -> Locator:
    """Return the text field, which is empty."""
    found = page.locator("#field")
    found.fill("")
    return found


LONG = "가나다라마바사아자차카타파하 The quick brown fox jumps over the lazy dog 0123456789 ñ 학교"


def test_a_field_has_what_is_typed(field: Locator, keyboard: X11Keyboard) -> None:
    keyboard.write("안녕하세요 Hello, wörld!\n")
    expect(field).to_have_value("안녕하세요 Hello, wörld!", timeout=1000 * EVENT_S)
    keyboard.erase(len(" Hello, wörld!"))
    keyboard.write("!")
    expect(field).to_have_value("안녕하세요!", timeout=1000 * EVENT_S)


def test_more_characters_than_there_are_spare_keys(field: Locator, keyboard: X11Keyboard) -> None:
    keyboard.write(LONG)
    expect(field).to_have_value(LONG, timeout=1000 * EVENT_S)


def test_the_stop_key_is_counted_and_not_passed_on(page: Page, keyboard: X11Keyboard, user: User) -> None:
    page.evaluate("addEventListener('keydown', event => (window.pressed = [...(window.pressed ?? []), event.key]))")

    def press(name: str) -> None:
        user.press(name)
        user.release(name)

    def presses() -> int:
        keyboard.poll()
        return keyboard.stop_presses

    press("F9")
    press("F9")  # as a key that is held repeats itself
    press("F8")
    wait_until(lambda: presses() == 1)
    page.wait_for_function("window.pressed?.includes('F8')")
    assert page.evaluate("window.pressed") == ["F8"]


def test_a_held_modifier_shows(keyboard: X11Keyboard, user: User) -> None:
    assert not keyboard.is_modified
    user.press("Control_L")
    assert keyboard.is_modified
    user.release("Control_L")
    assert not keyboard.is_modified


def test_the_keys_are_given_back(display: str, user: User) -> None:
    before = symbols(user.display)
    keyboard = X11Keyboard("F9", display)
    keyboard.write("한글")
    assert symbols(user.display) != before
    keyboard.close()
    assert symbols(user.display) == before


def test_another_layout_is_noticed(display: str, field: Locator, keyboard: X11Keyboard) -> None:
    keyboard.write("한")
    subprocess.run(["setxkbmap", "-display", display, "de"], check=True, timeout=EVENT_S)
    keyboard.poll()
    keyboard.write("한글 y")
    expect(field).to_have_value("한한글 y", timeout=1000 * EVENT_S)
    subprocess.run(["setxkbmap", "-display", display, "us"], check=True, timeout=EVENT_S)


@pytest.mark.parametrize(("key", "code"), [("F9", OutletCode.KEY_TAKEN), ("Nokey", OutletCode.UNKNOWN_KEY)])
def test_a_key_that_cannot_be_taken_says_why(display: str, keyboard: X11Keyboard, key: str, code: OutletCode) -> None:
    with pytest.raises(OutletError) as failed:
        X11Keyboard(key, display)
    assert failed.value.code is code


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_display_that_is_not_there_is_reported() -> None:
    with pytest.raises(OutletError) as failed:
        X11Keyboard("F9", ":9999")
    assert failed.value.code is OutletCode.NO_DISPLAY
    del failed
    gc.collect()  # python-xlib leaves a socket open that could not connect


def test_a_display_that_ends_is_reported() -> None:
    with x_display() as name:
        keyboard = X11Keyboard("F9", name)
    with pytest.raises(OutletError) as failed:
        keyboard.write("한글")
    assert failed.value.code is OutletCode.DISPLAY_LOST
    keyboard.close()
