"""Board that repeats a raw recording: the same bytes at the same times. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from firmware_bridge.recorder.raw import RawPort


class RawReplay:
    """Player of what one port gave, once or repeatedly with pauses of `pause_s` seconds. It answers no command."""

    def __init__(self, port: RawPort, *, pause_s: float = 1.0, once: bool = False) -> None:
        self._messages = _play(port, 1000.0 * pause_s, once)

    def greeting(self) -> bytes:
        """Return no bytes: the recording has the board's own greeting."""
        return b""

    def next_message(self) -> tuple[float, bytes] | None:
        """Return the time (ms) of the next bytes and the bytes; None after the last."""
        return next(self._messages, None)

    def receive(self, data: bytes) -> bytes:
        """Ignore a command."""
        del data
        return b""


def _play(port: RawPort, pause_ms: float, once: bool) -> Iterator[tuple[float, bytes]]:
    begin_ms = 0.0
    while port.reads:
        first_s = port.reads[0].t_s
        for read in port.reads:
            yield begin_ms + 1000.0 * (read.t_s - first_s), read.data
        begin_ms += 1000.0 * (port.reads[-1].t_s - first_s) + pause_ms
        if once:
            return
