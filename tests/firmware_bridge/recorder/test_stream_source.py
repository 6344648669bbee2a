"""Frames of a watched stream become the events that the link would have given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from firmware_bridge.codec.events import DeviceRestarted, FrameRead, FramesMissing, HeaderRead
from firmware_bridge.recorder.stream_source import StreamSource, WatchedFrames
from scaleglove.client import LinkReport, StreamConnection, StreamEntry, StreamError, ViewedFrames
from tests.live_service import live_service

HAND = [786.0, 778.0, 861.0, 860.0, 882.0, -17.5, -64.25, 12.0]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


def frames(seq: int, *t_ms: float) -> ViewedFrames:
    return ViewedFrames(seq, list(t_ms), [HAND] * len(t_ms))


def test_frames_keep_their_times_and_values() -> None:
    events = WatchedFrames().events(frames(7, 100, 120))
    assert events == [FrameRead(100, tuple(HAND)), FrameRead(120, tuple(HAND))]


def test_numbers_that_are_skipped_are_missing_frames() -> None:
    watched = WatchedFrames()
    watched.events(frames(0, 0, 20))
    assert watched.events(frames(5, 100))[0] == FramesMissing(100, 3, "sequence")
    assert watched.events(frames(6, 120)) == [FrameRead(120, tuple(HAND))]


def test_a_clock_that_starts_again_is_a_restart() -> None:
    watched = WatchedFrames()
    watched.events(frames(0, 5000))
    assert watched.events(frames(1, 0))[0] == DeviceRestarted(5000, 0)


async def test_a_running_stream_is_read_until_it_ends(url: str) -> None:
    stream = StreamConnection(url)
    async with stream, StreamSource(url, StreamEntry(stream=stream.started.stream), None) as source:
        await stream.send([0, 20], [HAND, HAND])
        assert await source.read() == [FrameRead(0, tuple(HAND)), FrameRead(20, tuple(HAND))]
        await stream.stop()
        with pytest.raises(StreamError, match="has ended"):
            await source.read()


async def test_the_converter_that_the_bridge_reports_is_a_header(url: str) -> None:
    report = LinkReport("streaming", None, "", None, None, None, 0, 0, 0, 0, 0, 0, flex_most=4095.0)
    stream = StreamConnection(url)
    async with stream, StreamSource(url, StreamEntry(stream=stream.started.stream), None) as source:
        await stream.tell(replace(report, flex_most=None))
        await stream.tell(report)
        (header,) = await source.read()
        assert isinstance(header, HeaderRead)
        assert header.flex_most == 4095


async def test_a_stream_that_does_not_exist_is_refused(url: str) -> None:
    with pytest.raises(StreamError) as refusal:
        async with StreamSource(url, StreamEntry(stream="nothing"), None) as source:
            await source.read()
    assert refusal.value.code == "unknown_stream"
