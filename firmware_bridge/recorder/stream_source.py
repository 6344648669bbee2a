"""Frames of a glove whose port a bridge has open: from its stream at the service, as a viewer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self, cast

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FramesMissing, HeaderRead
from firmware_bridge.link.state import LinkState, LinkStatus
from scaleglove.channels import CHANNELS, FLEX
from scaleglove.client import LinkReport, ServerMessage, StreamEntry, StreamError, ViewedFrames, watch
from scaleglove.resampling import MAX_LATE_MS


class WatchedFrames:
    """Turns the `frames` messages of a stream into the events that the link would have given. Pure."""

    def __init__(self) -> None:
        self._next_seq: int | None = None
        self._last_ms: float | None = None

    def events(self, message: ViewedFrames) -> list[Event]:
        """Return the frames of a message, and what is missing before them by their numbers."""
        found: list[Event] = []
        if self._next_seq is not None and message.seq > self._next_seq and message.t_ms:
            found.append(FramesMissing(message.t_ms[0], message.seq - self._next_seq, "sequence"))
        self._next_seq = message.seq + len(message.t_ms)
        for t_ms, values in zip(message.t_ms, message.values, strict=True):
            before, self._last_ms = self._last_ms, t_ms
            if before is not None and t_ms < before - MAX_LATE_MS:
                found.append(DeviceRestarted(before, t_ms))
            found.append(FrameRead(t_ms, cast("tuple[float, ...]", tuple(values))))
        return found


def header_of(report: LinkReport) -> HeaderRead | None:
    """Return the header that states the converter of the glove's flex sensors as the bridge reports it."""
    if report.flex_most is None:
        return None
    return HeaderRead(CHANNELS, dict.fromkeys(CHANNELS[FLEX], (0.0, report.flex_most)))


class StreamSource:
    """Source of a recording session, in place of a link: it watches a stream of the service at `url`.

    Raises:
        StreamError: on entering and in `read`, where the service cannot be reached or the stream has ended.
    """

    def __init__(self, url: str, stream: StreamEntry, token: str | None) -> None:
        self._watching: AbstractAsyncContextManager[AsyncIterator[ServerMessage]] = watch(
            url, stream.stream, token=token
        )
        self._messages: AsyncIterator[ServerMessage]
        self._frames = WatchedFrames()
        self._stream = stream

    @property
    def status(self) -> LinkStatus:
        """The state that a link would have: the bridge's own is on its display."""
        return LinkStatus(LinkState.STREAMING, str(self._stream))

    @property
    def board(self) -> str | None:
        """Identity of the glove's board on USB, as its bridge has told the service."""
        return self._stream.usb

    async def __aenter__(self) -> Self:
        self._messages = await self._watching.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._watching.__aexit__(kind, error, trace)

    async def read(self) -> list[Event]:
        """Wait for the next frames, and return their events."""
        async for message in self._messages:
            if isinstance(message, ViewedFrames):
                return self._frames.events(message)
            if isinstance(message, LinkReport) and (header := header_of(message)) is not None:
                return [header]
        raise StreamError("stopped", f"the stream {self._stream} has ended: start the bridge again")
