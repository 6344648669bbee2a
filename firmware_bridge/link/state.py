"""Where the link to a glove stands. Pure: time is an argument, the shell (`link.py`) reads, opens and waits.

searching ────────────┐
                      v
  ┌──> opening ──> waiting <──> streaming
  │       │           │             │
  └───────┴── lost <──┴─────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firmware_bridge.link.errors import LinkCode
from scaleglove.client.backoff import Backoff


class LinkState(StrEnum):
    SEARCHING = "searching"
    """`auto`: no glove found yet, or listening to the ports there are."""
    OPENING = "opening"
    WAITING = "waiting"
    """The port is open; no frame or letter has come yet, or none for a while."""
    STREAMING = "streaming"
    LOST = "lost"
    """The port has gone or cannot be opened, and will be tried again."""


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """The state in words: `detail` is one sentence or empty, `retry_s` when the next try is due, if one is. `code` says
    the same as `detail` to programs; None where that is empty."""

    state: LinkState
    port: str | None = None
    detail: str = ""
    retry_s: float | None = None
    code: LinkCode | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the link waits for what, in seconds."""

    silent_s: float = 2.0
    """No frame or letter for so long is said. The longest interval of a device is 1 s; one frame may be lost."""

    reopen_s: float = 10.0
    """Silence before a port is opened anew, since USB serial chips wedge."""

    longest_reopen_s: float = 60.0
    """That silence doubles up to here: opening restarts many boards, and some measure for long before they send."""

    first_retry_s: float = 0.5
    longest_retry_s: float = 8.0
    """The back-off of a port that is not there; `backoff.py` has the reasons."""

    search_s: float = 1.0
    """How often `auto` looks for ports: a list of them costs a few milliseconds."""

    listen_s: float = 3.0
    """How long `auto` listens to a port: an Arduino starts within 2 s of being opened."""

    longest_listen_s: float = 12.0
    """The listening doubles up to here, for boards that take longer to start."""

    leave_s: float = 30.0
    """How long ports that said nothing are left to others, unless one is plugged in."""

    header_s: float = 5.0
    """How often to ask a glove for a header that can be read: a line a device can bear."""


class LinkStates:
    """The five states and the times between them; `status` is the state now."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._retries = Backoff(timing.first_retry_s, timing.longest_retry_s)
        self._patience = Backoff(timing.reopen_s, timing.longest_reopen_s)
        self._patience_s = 0.0
        self._byte_s = 0.0
        self._frame_s = 0.0
        self._reopen_s = 0.0
        self._note = ""
        self._note_code: LinkCode | None = None
        self.status = LinkStatus(LinkState.SEARCHING)

    def searching(self, detail: str) -> None:
        """The ports there are are being listened to."""
        self.status = LinkStatus(LinkState.SEARCHING, None, detail, code=LinkCode.LISTENING)

    def not_found(self, why: str, code: LinkCode) -> float:
        """No glove is at any port; gives the seconds until the next look."""
        self.status = LinkStatus(LinkState.SEARCHING, None, why, self._timing.search_s, code)
        return self._timing.search_s

    def opening(self, port: str, detail: str = "", code: LinkCode | None = None) -> None:
        self.status = LinkStatus(LinkState.OPENING, port, detail, code=code)

    def opened(self, port: str, now_s: float, note: str = "", code: LinkCode | None = None) -> None:
        """The port is open, and frames are waited for; `note` is to be said of it as long as it is."""
        self._byte_s = self._frame_s = now_s
        self._note, self._note_code = note, code
        self._wait(port, now_s, note or "no frame yet", code or LinkCode.NO_FRAME)

    def arrived(self, now_s: float, readable: bool) -> None:
        """Bytes came, and with them a frame or a letter (`readable`) or neither."""
        self._byte_s = now_s
        self._reopen_s = now_s + self._patience_s
        if not readable:
            return
        self._frame_s = now_s
        if self.status.state is not LinkState.STREAMING:
            self._retries.reset()
            self._patience.reset()
            self.status = LinkStatus(LinkState.STREAMING, self.status.port, self._note, code=self._note_code)

    def due_s(self, now_s: float) -> float:
        """Seconds until `elapsed` has something to decide, while a port is open."""
        if self.status.state is LinkState.STREAMING:
            return self._frame_s + self._timing.silent_s - now_s
        return self._reopen_s - now_s

    def elapsed(self, now_s: float) -> bool:
        """Decide what the time has brought about; whether the port is to be opened anew."""
        if self.due_s(now_s) > 0:
            return False
        if self.status.state is LinkState.STREAMING:
            silent = now_s - self._byte_s >= self._timing.silent_s
            what = "nothing" if silent else "nothing that can be read as a frame"
            code = LinkCode.SILENT if silent else LinkCode.UNREADABLE
            self._wait(self.status.port, now_s, f"{what} has come for {self._timing.silent_s:g} s", code)
            return False
        return True

    def lost(self, port: str | None, reason: str, code: LinkCode) -> float:
        """The port has gone or does not open; gives the seconds until the next try."""
        retry_s = self._retries.next_s()
        self.status = LinkStatus(LinkState.LOST, port, reason, retry_s, code)
        return retry_s

    def _wait(self, port: str | None, now_s: float, detail: str, code: LinkCode) -> None:
        self._patience_s = self._patience.next_s()
        self._reopen_s = now_s + self._patience_s
        self.status = LinkStatus(LinkState.WAITING, port, detail, code=code)
