"""State machine of the link to a glove. Pure: time is an argument; `link.py` reads, opens and waits.

searching ────────────┐
                      v
  ┌──> opening ──> waiting <──> streaming
  │       │           │             │
  └───────┴── lost <──┴─────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from firmware_bridge.link.errors import LinkCode
from firmware_bridge.link.note import NO_NOTE, Note
from scaleglove.backoff import Backoff


class LinkState(StrEnum):
    SEARCHING = "searching"
    """`auto`: no glove found yet, or listening on the existing ports."""
    OPENING = "opening"
    WAITING = "waiting"
    """The port is open; no frame or letter has arrived yet, or none for a while."""
    STREAMING = "streaming"
    LOST = "lost"
    """The port is lost or cannot be opened, and will be tried again."""


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """State with its reason: `detail` is one sentence or empty, and `code` the same for programs, None if `detail` is
    empty. The next attempt is in `retry_s` seconds, if there is one."""

    state: LinkState
    port: str | None = None
    detail: str = ""
    retry_s: float | None = None
    code: LinkCode | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Timeouts and intervals of the link, in seconds."""

    silent_s: float = 2.0
    """Silence after which the link is reported as waiting. The longest interval is 1 s; one frame may be lost."""

    reopen_s: float = 10.0
    """Silence of a glove that has streamed after which its port is reopened, because USB serial chips can hang."""

    start_s: float = 30.0
    """Silence after opening, before the first frame, after which a port is reopened. Opening restarts many boards, and
    some calibrate for 15 s: reopened sooner, they would never get further."""

    max_start_s: float = 120.0
    """Upper bound of that silence, which doubles."""

    first_retry_s: float = 0.5
    max_retry_s: float = 8.0
    """Back-off for a port that does not exist; see `scaleglove/backoff.py`."""

    search_s: float = 1.0
    """Interval at which `auto` lists the ports, which takes a few milliseconds."""

    probe_s: float = 20.0
    """Time that `auto` listens on ports without a glove: opening restarts many boards, and some calibrate for 15 s."""

    max_probe_s: float = 60.0
    """Upper bound of that time, which doubles, for boards that take longer to start."""

    baud_s: float = 0.6
    """Time of bytes without a frame or text after which the next baud rate is tried: a glove sends several frames, and
    all rates have their turn within 7 s."""

    skip_silent_s: float = 30.0
    """Time that ports without a glove are left to other programs, unless a port is plugged in."""

    header_s: float = 5.0
    """Interval at which a glove is asked for a readable header: rare enough not to load the device."""


class LinkStates:
    """Link state with its timers; `status` is the current state."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._retries = Backoff(timing.first_retry_s, timing.max_retry_s)
        self._start_backoff = Backoff(timing.start_s, timing.max_start_s)
        self._reopen_after_s = 0.0
        self._byte_s = 0.0
        self._frame_s = 0.0
        self._reopen_s = 0.0
        self._choice = self._note = NO_NOTE
        self.status = LinkStatus(LinkState.SEARCHING)

    def searching(self, detail: str) -> None:
        """Enter SEARCHING while the existing ports are listened on."""
        self.status = LinkStatus(LinkState.SEARCHING, None, detail, code=LinkCode.LISTENING)

    def not_found(self, why: str, code: LinkCode) -> float:
        """Enter SEARCHING because no port has a glove, and return the seconds until the next search."""
        self.status = LinkStatus(LinkState.SEARCHING, None, why, self._timing.search_s, code)
        return self._timing.search_s

    def opening(self, port: str, detail: str = "", code: LinkCode | None = None) -> None:
        """Enter OPENING."""
        self.status = LinkStatus(LinkState.OPENING, port, detail, code=code)

    def opened(self, port: str, now_s: float, note: Note = NO_NOTE) -> None:
        """Enter WAITING for the first frame of an open port; `note` about its choice stays in the status while the port
        is open."""
        self._byte_s = self._frame_s = now_s
        self._choice = self._note = note
        self._wait(port, now_s, self._start_backoff.next_s(), note.or_else("no frame received yet", LinkCode.NO_FRAME))

    def noted(self, note: Note) -> None:
        """Add a note about the open port to the status; it replaces the previous one."""
        self._note = self._choice.joined(note)
        if self.status.state is LinkState.STREAMING:
            self._stream()
        elif self.status.state is LinkState.WAITING and note.text:
            self.status = replace(self.status, detail=self._note.text, code=self._note.code)

    def arrived(self, now_s: float, readable: bool) -> None:
        """Record the arrival of bytes; `readable`: they contained a frame or a letter."""
        self._byte_s = now_s
        self._reopen_s = now_s + self._reopen_after_s
        if not readable:
            return
        self._frame_s = now_s
        if self.status.state is not LinkState.STREAMING:
            self._retries.reset()
            self._start_backoff.reset()
            self._stream()

    def due_s(self, now_s: float) -> float:
        """Return the seconds until `elapsed` has to be called, while a port is open."""
        if self.status.state is LinkState.STREAMING:
            return self._frame_s + self._timing.silent_s - now_s
        return self._reopen_s - now_s

    def elapsed(self, now_s: float) -> bool:
        """Apply the timeouts, and return whether the port has to be reopened."""
        if self.due_s(now_s) > 0:
            return False
        if self.status.state is LinkState.STREAMING:
            silent = now_s - self._byte_s >= self._timing.silent_s
            what = "no data" if silent else "no readable frame"
            code = LinkCode.SILENT if silent else LinkCode.UNREADABLE
            detail = f"{what} for {self._timing.silent_s:g} s"
            self._wait(self.status.port, now_s, self._timing.reopen_s, Note(detail, code))
            return False
        return True

    def lost(self, port: str | None, reason: str, code: LinkCode) -> float:
        """Enter LOST, and return the seconds until the next attempt."""
        retry_s = self._retries.next_s()
        self.status = LinkStatus(LinkState.LOST, port, reason, retry_s, code)
        return retry_s

    def _stream(self) -> None:
        self.status = LinkStatus(LinkState.STREAMING, self.status.port, self._note.text, code=self._note.code)

    def _wait(self, port: str | None, now_s: float, reopen_after_s: float, note: Note) -> None:
        self._reopen_after_s = reopen_after_s
        self._reopen_s = now_s + reopen_after_s
        self.status = LinkStatus(LinkState.WAITING, port, note.text, code=note.code)
