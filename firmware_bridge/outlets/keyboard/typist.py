"""The outlet that types: the line of the stream goes into whatever program has the focus."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final, Protocol

from firmware_bridge.outlets.keyboard.typed_line import Keystrokes, TypedLine
from firmware_bridge.outlets.keyboard.x11_keyboard import X11Keyboard
from firmware_bridge.outlets.outlet import Outlet, OutletCode, Say
from scaleglove.protocol import ServerMessage, Started, Text

_MOST_PENDING: Final = 64
"""Changes of the line that wait while Ctrl or another modifier is held: minutes of fingerspelling."""


class Keyboard(Protocol):
    """A keyboard that is played; docs/guide/outlets.md says which systems have one."""

    stop_presses: int
    """How often the stop key was pressed, as of the last `poll`."""

    def write(self, text: str) -> None:
        """Type a text."""
        ...

    def erase(self, count: int) -> None:
        """Press Backspace `count` times."""
        ...

    @property
    def is_modified(self) -> bool:
        """Whether the user holds Shift, Ctrl, Alt or Super."""
        ...

    @property
    def focus(self) -> int:
        """The window that has the focus, as a number."""
        ...

    def poll(self) -> None:
        """Read what the system reports."""
        ...

    def close(self) -> None:
        """Let go of the keyboard."""
        ...


class Typist(Outlet):
    """Types the line of the stream, until the stop key is pressed, and again after the next press.

    What is spelled while it is paused is never typed. Backspace is only pressed in the window that was typed into.
    """

    poll_s = 0.05
    """A press of the stop key takes effect within this time."""

    def __init__(self, stop_key: str, open_keyboard: Callable[[str], Keyboard]) -> None:
        self._stop_key = stop_key
        self._open_keyboard = open_keyboard
        self._keyboard: Keyboard | None = None
        self._line = TypedLine()
        self._pending: list[Keystrokes] = []
        self._focus: int | None = None
        self._seen_presses = 0
        self._is_paused = False

    def start(self, say: Say) -> None:
        self._say = say
        self._keyboard = self._open_keyboard(self._stop_key)
        key = self._stop_key
        say(OutletCode.READY, f"types into the program that has the focus; {key} pauses it", key=key)
        if os.environ.get("WAYLAND_DISPLAY"):
            say(OutletCode.WAYLAND, "this is a Wayland session: only programs that use X11 receive what is typed")

    def message(self, message: ServerMessage, time_s: float) -> None:
        if isinstance(message, Started):
            self._line.begin()
        elif isinstance(message, Text):
            self._take(message)

    def poll(self) -> None:
        keyboard = self._open
        keyboard.poll()
        while self._seen_presses < keyboard.stop_presses:
            self._seen_presses += 1
            self._toggle()
        while self._pending and not keyboard.is_modified:
            self._type(keyboard, self._pending.pop(0))

    def stop(self) -> None:
        if self._keyboard is not None:
            self._keyboard.close()

    @property
    def _open(self) -> Keyboard:
        assert self._keyboard is not None
        return self._keyboard

    def _take(self, text: Text) -> None:
        self.poll()  # the stop key comes first
        if not self._pending and (focus := self._open.focus) != self._focus:
            self._focus = focus
            self._line.abandon()
        keystrokes = self._line.update(text)
        if self._is_paused or len(self._pending) >= _MOST_PENDING:
            self._line.abandon()
        elif keystrokes:
            self._pending.append(keystrokes)
            self.poll()

    def _type(self, keyboard: Keyboard, keystrokes: Keystrokes) -> None:
        if keyboard.focus == self._focus:
            keyboard.erase(keystrokes.erase)
        keyboard.write(keystrokes.write)

    def _toggle(self) -> None:
        self._is_paused = not self._is_paused
        self._pending.clear()
        self._line.abandon()
        if self._is_paused:
            self._say(OutletCode.PAUSED, f"typing is paused; {self._stop_key} goes on with it")
        else:
            self._say(OutletCode.RESUMED, f"typing goes on; {self._stop_key} pauses it")


def make(stop_key: str, glove: str) -> Typist:
    """Make the outlet; `stop_key` is the name of the key that pauses it."""
    return Typist(stop_key, X11Keyboard)
