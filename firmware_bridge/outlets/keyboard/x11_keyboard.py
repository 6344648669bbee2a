"""The keyboard of an X11 display, played by its XTEST extension.

A program reads which symbol a key has from the server. A character that no key has, such as any Hangul syllable, is
written by giving its symbol to a spare key, which has none, and pressing that.
"""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import BadAccess, CatchError, ConnectionClosedError, DisplayError
from Xlib.ext import xtest

from firmware_bridge.outlets.outlet import OutletCode, OutletError

_MODIFIERS: Final = X.ShiftMask | X.ControlMask | X.Mod1Mask | X.Mod4Mask
"""Shift, Ctrl, Alt and Super: with one of them held, a key is a shortcut."""

_UNICODE: Final = 0x1000000
"""Keysyms from here on are the characters of Unicode, except those of Latin-1, which are their own."""

_LATIN_1: Final = (range(0x20, 0x7F), range(0xA0, 0x100))

_REUSE_S: Final = 1.0
"""A program that has not yet read a key press would see the next symbol of the key: a spare key rests this long."""

_SETTLE_S: Final = 0.1
"""Time for a program to read which symbols the keys have now, before they are pressed."""

_STROKE_S: Final = 0.005
"""Time between two strokes: some programs lose what arrives at once."""

_REPEAT_MS: Final = 700
"""Presses of the stop key that follow each other faster are one, which the keyboard repeats."""


class X11Keyboard:
    """Types into the program that has the focus. `stop_key` is the name of a key (its keysym), which is taken from all
    other programs: `stop_presses` counts how often it was pressed.

    Raises:
        OutletError: there is no such display, it has no XTEST, or the key does not exist or is taken.
    """

    def __init__(self, stop_key: str, display: str | None = None) -> None:
        self.stop_presses = 0
        self._pressed_ms = -_REPEAT_MS
        self._display = _opened(display)
        try:
            if not self._display.has_extension("XTEST"):
                raise OutletError(OutletCode.NO_XTEST, "the X server has no XTEST extension, which typing needs")
            self._stop_symbol = XK.string_to_keysym(stop_key)
            self._load()
        except BaseException:
            self._display.close()
            raise

    def write(self, text: str) -> None:
        """Type a text. Characters that are not printable, among them the end of a line, are left out."""
        with _connected():
            for part in self._parts([character for character in text if character.isprintable()]):
                self._provide(part)
                for character in part:
                    self._stroke(self._key_of(character))

    def erase(self, count: int) -> None:
        """Press Backspace `count` times."""
        with _connected():
            for _ in range(count):
                self._stroke(self._display.keysym_to_keycode(XK.XK_BackSpace))

    @property
    def is_modified(self) -> bool:
        """Whether Shift, Ctrl, Alt or Super is held."""
        with _connected():
            return bool(self._display.screen().root.query_pointer().mask & _MODIFIERS)

    @property
    def focus(self) -> int:
        """The window that has the focus, as a number."""
        with _connected():
            focus = self._display.get_input_focus().focus
            return int(focus.id if hasattr(focus, "id") else focus)

    def poll(self) -> None:
        """Read what the server reports: presses of the stop key, and another layout of the keyboard."""
        is_changed = False
        with _connected():
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == X.KeyPress:
                    self.stop_presses += event.time - self._pressed_ms >= _REPEAT_MS
                    self._pressed_ms = event.time
                elif event.type == X.MappingNotify and event.request == X.MappingKeyboard:
                    self._display.refresh_keyboard_mapping(event)
                    is_changed = True
            if is_changed and not self._has_own_symbols():
                self._load()

    def close(self) -> None:
        """Give the spare keys back, and close the display."""
        with contextlib.suppress(OutletError), _connected():
            for key, _ in self._symbols.values():
                self._assign(key, X.NoSymbol)
            self._display.sync()
            self._display.close()

    def _load(self) -> None:
        """Take the stop key, and find the spare keys of the present layout."""
        self._take_stop_key()
        info = self._display.display.info
        mapping = self._display.get_keyboard_mapping(info.min_keycode, info.max_keycode - info.min_keycode + 1)
        self._columns = len(mapping[0])
        self._spare: list[int] = [
            info.min_keycode + place for place, symbols in enumerate(mapping) if _is_spare(symbols)
        ]
        self._symbols: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """Characters that spare keys have, with the key and when it was pressed; the one pressed last is the last."""
        if not self._spare:
            raise OutletError(OutletCode.NO_SPARE_KEY, "every key of this keyboard layout has a symbol: none is spare")

    def _take_stop_key(self) -> None:
        key = self._display.keysym_to_keycode(self._stop_symbol) if self._stop_symbol else 0
        if not key:
            raise OutletError(OutletCode.UNKNOWN_KEY, "the keyboard has no such key: --type-key takes F9, Pause, ...")
        root, refused = self._display.screen().root, CatchError(BadAccess)
        root.ungrab_key(X.AnyKey, X.AnyModifier)  # of another layout
        root.grab_key(key, X.AnyModifier, False, X.GrabModeAsync, X.GrabModeAsync, onerror=refused)
        self._display.sync()
        if refused.get_error():
            raise OutletError(
                OutletCode.KEY_TAKEN, "another program has taken the key that pauses typing: choose one with --type-key"
            )

    def _has_own_symbols(self) -> bool:
        """Return whether the spare keys still have what they were given, which another layout would take from them."""
        first = self._display.display.info.min_keycode
        mapping = self._display.get_keyboard_mapping(first, self._display.display.info.max_keycode - first + 1)
        return all(mapping[key - first][0] == _keysym(one) for one, (key, _) in self._symbols.items())

    def _parts(self, characters: list[str]) -> Iterator[list[str]]:
        """Yield a text in parts for which there are enough keys."""
        part: list[str] = []
        most = len(self._spare) + len(self._symbols)
        for character in characters:
            if len({*part, character}) > most:
                yield part
                part = []
            part.append(character)
        yield part

    def _provide(self, characters: list[str]) -> None:
        """Give the characters that no key has to spare keys: all of them before the first stroke, because a program
        that hears of one change after the other may miss some."""
        for character in characters:
            if character in self._symbols:
                self._symbols.move_to_end(character)
        missing = [one for one in dict.fromkeys(characters) if one != " " and one not in self._symbols]
        for character, key in [(one, self._next_spare()) for one in missing]:
            self._assign(key, _keysym(character))
            self._symbols[character] = (key, 0.0)
        if missing:
            self._display.sync()
            time.sleep(_SETTLE_S)

    def _next_spare(self) -> int:
        if self._spare:
            return self._spare.pop()
        _, (key, pressed_s) = self._symbols.popitem(last=False)
        time.sleep(max(0.0, pressed_s + _REUSE_S - time.monotonic()))
        return key

    def _assign(self, key: int, symbol: int) -> None:
        # In every column, so that neither Shift nor Caps Lock nor another layout changes it.
        self._display.change_keyboard_mapping(key, [[symbol] * self._columns])

    def _key_of(self, character: str) -> int:
        if character == " ":
            return int(self._display.keysym_to_keycode(XK.XK_space))
        key, _ = self._symbols[character]
        self._symbols[character] = (key, time.monotonic())
        self._symbols.move_to_end(character)
        return key

    def _stroke(self, key: int) -> None:
        for kind in (X.KeyPress, X.KeyRelease):
            xtest.fake_input(self._display, kind, key)
        self._display.sync()
        time.sleep(_STROKE_S)


def _opened(display: str | None) -> Any:
    try:
        return Display(display)
    except (DisplayError, ConnectionClosedError, OSError) as error:
        raise OutletError(
            OutletCode.NO_DISPLAY, f"typing needs an X11 display, such as that of a Linux desktop: {error}"
        ) from None


@contextlib.contextmanager
def _connected() -> Iterator[None]:
    try:
        yield
    except (ConnectionClosedError, OSError) as error:
        raise OutletError(OutletCode.DISPLAY_LOST, f"the display is gone: {error}") from None


def _is_spare(symbols: Sequence[int]) -> bool:
    """Return whether a key has no symbol, or one that a bridge which was killed has left there."""
    return not any(symbols) or (len(set(symbols)) == 1 and symbols[0] > _UNICODE)


def _keysym(character: str) -> int:
    point = ord(character)
    return point if any(point in points for points in _LATIN_1) else _UNICODE + point
