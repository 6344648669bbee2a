"""The outlet that types, with a keyboard that remembers."""

from __future__ import annotations

import pytest

from firmware_bridge.outlets.keyboard.typist import Typist
from firmware_bridge.outlets.outlet import OutletCode
from scaleglove.protocol import Gesture, Started, Text, Word
from tests.firmware_bridge.outlets.said import Said


class Remembered:
    """A keyboard, and the fields of the windows that it types into."""

    def __init__(self) -> None:
        self.stop_presses = 0
        self.is_modified = False
        self.focus = 1
        self.fields = {1: "", 2: ""}
        self.is_open = True

    def write(self, text: str) -> None:
        self.fields[self.focus] += text

    def erase(self, count: int) -> None:
        if count:
            self.fields[self.focus] = self.fields[self.focus][:-count]

    def poll(self) -> None:
        """Read nothing: nothing arrives."""

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def keyboard() -> Remembered:
    return Remembered()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def typist(keyboard: Remembered, said: Said, monkeypatch: pytest.MonkeyPatch) -> Typist:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    outlet = Typist("F9", lambda key: keyboard)
    outlet.start(said)
    outlet.message(Started("s", "M", 80, 10, 50.0, ("ㄱ",)), 0.0)
    return outlet


def write(typist: Typist, committed: str, composing: str = "") -> None:
    typist.message(Text(0.0, committed, composing, ""), 0.0)


def test_text_is_typed_and_letters_alone_are_not(typist: Typist, keyboard: Remembered, said: Said) -> None:
    typist.message(Gesture("begin", "ㅎ", 0.0, 0.9), 0.0)
    write(typist, "", "하")
    write(typist, "", "학ㄱ")
    write(typist, "", "학교")
    write(typist, "학교")
    typist.stop()
    assert keyboard.fields[1] == "학교"
    assert said.codes == [OutletCode.READY]
    assert not keyboard.is_open


def test_a_word_that_its_language_changes_follows_in_the_field(typist: Typist, keyboard: Remembered) -> None:
    write(typist, "", "helko")
    write(typist, "hello")
    typist.message(Word(0.0, "helko", "helko", "hello", "language", True, 3.5), 0.0)
    assert keyboard.fields[1] == "hello"
    write(typist, "helko")
    typist.message(Word(0.0, "helko", "helko", "helko", "wearer", False, 0.0), 0.0)
    assert keyboard.fields[1] == "helko"


def test_the_stop_key_pauses_and_what_is_spelled_meanwhile_is_never_typed(
    typist: Typist, keyboard: Remembered, said: Said
) -> None:
    write(typist, "", "ab")
    keyboard.stop_presses = 1
    write(typist, "", "abc")
    keyboard.stop_presses = 2
    write(typist, "", "abcd")
    assert keyboard.fields[1] == "abd"
    assert said.codes == [OutletCode.READY, OutletCode.PAUSED, OutletCode.RESUMED]
    write(typist, "", "")
    assert keyboard.fields[1] == "abd"


def test_text_waits_while_a_modifier_is_held(typist: Typist, keyboard: Remembered) -> None:
    keyboard.is_modified = True
    write(typist, "", "ab")
    write(typist, "", "a")
    write(typist, "", "ac")
    assert keyboard.fields[1] == ""
    keyboard.is_modified = False
    typist.poll()
    assert keyboard.fields[1] == "ac"


def test_text_that_waits_is_not_typed_after_the_stop_key(typist: Typist, keyboard: Remembered) -> None:
    keyboard.is_modified = True
    write(typist, "", "ab")
    keyboard.stop_presses, keyboard.is_modified = 1, False
    typist.poll()
    assert keyboard.fields[1] == ""


def test_nothing_is_erased_in_another_window(typist: Typist, keyboard: Remembered) -> None:
    keyboard.fields[2] = "own words"
    write(typist, "", "helo")
    keyboard.focus = 2
    write(typist, "hello")
    assert keyboard.fields == {1: "helo", 2: "own wordslo"}


def test_a_wayland_session_is_named(keyboard: Remembered, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    Typist("F9", lambda key: keyboard).start(said)
    assert said.codes == [OutletCode.READY, OutletCode.WAYLAND]
