"""Gloves that connect by themselves, on real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.events import FramesMissing
from firmware_bridge.codec.packets import DELIMITER
from firmware_bridge.link import dial_in
from firmware_bridge.link.dial_in import UdpServer, delimited
from firmware_bridge.link.errors import LinkCode, LinkError, PortNameError
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.state import LinkState
from tests.deadlines import EVENT_S
from tests.firmware_bridge.link.gloves import INTERVAL_MS, ReadLink, lines, packets, reading

SEARCHING, OPENING, WAITING, STREAMING, LOST = LinkState


async def address_of(read: ReadLink) -> tuple[str, int]:
    """Return the address that the link listens on, when it does."""
    await read.until(lambda: read.link.status.code is LinkCode.NO_PEER)
    host, _, number = read.link.status.detail.removeprefix("listening on ").partition(": ")[0].rpartition(":")
    return host, int(number)


async def test_a_glove_that_connects_over_tcp_streams_is_commanded_and_comes_back() -> None:
    async with reading("listen://127.0.0.1:0") as read:
        address = await address_of(read)
        glove, writer = await asyncio.open_connection(*address)
        writer.write(b"\n" + lines(0, 20))
        await read.has_frames(20)
        assert read.link.status.state is STREAMING
        assert await asyncio.wait_for(glove.readline(), EVENT_S) == b"header\n"
        await read.link.command("recal")
        assert await asyncio.wait_for(glove.readline(), EVENT_S) == b"recal\n"
        writer.close()
        lost = await read.reaches(LOST)
        assert lost.code is LinkCode.CLOSED
        _, writer = await asyncio.open_connection(*address)
        writer.write(b"\n" + lines(20, 20))
        await read.has_frames(40)
        writer.close()


async def test_a_second_glove_is_refused_in_words_while_the_first_sends() -> None:
    async with reading("listen://127.0.0.1:0") as read:
        address = await address_of(read)
        _, first = await asyncio.open_connection(*address)
        first.write(b"\n" + lines(0, 5))
        await read.has_frames(5)
        second, writer = await asyncio.open_connection(*address)
        refusal = await asyncio.wait_for(second.read(), EVENT_S)
        assert refusal.startswith(b"# refused: another glove is connected from 127.0.0.1:")
        writer.close()
        first.write(lines(5, 5))
        await read.has_frames(10)
        first.close()


async def test_another_glove_takes_the_place_of_a_silent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with reading("listen://127.0.0.1:0") as read:
        address = await address_of(read)
        _, first = await asyncio.open_connection(*address)
        first.write(b"\n" + lines(0, 5) + b"1,2")  # it vanishes in the middle of a line, without closing
        await read.has_frames(5)
        monkeypatch.setattr(dial_in, "SILENT_S", 0.0)
        _, second = await asyncio.open_connection(*address)
        second.write(b"\n" + lines(5, 5))
        await read.has_frames(10)
        assert any(status.code is LinkCode.REPLACED for status in read.told)
        assert not read.link.counts.damaged
        first.close()
        second.close()


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    """Make a glove's UDP socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(EVENT_S)
        yield made


async def test_a_glove_that_sends_datagrams_streams_and_is_commanded(sender: socket.socket) -> None:
    async with reading("udp://127.0.0.1:0") as read:
        address = await address_of(read)
        for number in range(20):
            sender.sendto(lines(number, 1).strip(), address)  # without the end of the line
        await read.has_frames(20)
        assert read.link.status.state is STREAMING
        assert await asyncio.to_thread(sender.recv, 100) == b"header\n"
        await read.link.command("yawzero")
        assert await asyncio.to_thread(sender.recv, 100) == b"yawzero\n"
        assert not read.link.counts.damaged
        assert read.link.counts.partial == 0


async def test_lost_datagrams_show_by_the_numbers_of_the_frames(sender: socket.socket) -> None:
    async with reading("udp://127.0.0.1:0") as read:
        address = await address_of(read)
        for first in (0, 10, 30):
            sender.sendto(packets(first, 10), address)
        await read.has_frames(30)
        assert read.others == [FramesMissing(30 * INTERVAL_MS, 10, "sequence")]


async def test_the_sender_is_pinned_until_it_is_silent(sender: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        async with reading("udp://127.0.0.1:0") as read:
            address = await address_of(read)
            sender.sendto(packets(0, 5), address)
            await read.has_frames(5)
            other.sendto(packets(1000, 5), address)
            sender.sendto(packets(5, 5), address)
            await read.has_frames(10)
            assert read.others == []
            monkeypatch.setattr(dial_in, "SILENT_S", 0.0)
            other.sendto(packets(1005, 5), address)
            await read.until(lambda: any(status.code is LinkCode.REPLACED for status in read.told))
            await read.has_frames(15)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 65_000)), max_size=60))
def test_what_waits_to_be_read_is_bounded(datagrams: list[tuple[int, int]]) -> None:
    async def run() -> None:
        server = UdpServer()
        for sender, size in datagrams:
            server.datagram_received(b"1" * size, ("127.0.0.1", sender))
        kept = sum(map(len, server._queue))
        assert server._queued_bytes == kept <= 1024 * 1024
        assert len(server._queue) <= 1024

    asyncio.run(run())


@pytest.mark.parametrize(
    ("datagram", "read"),
    [
        (b"1,2,3", b"1,2,3\n"),
        (b"1,2,3\r\n", b"1,2,3\r\n"),
        (packets(0, 1), packets(0, 1)),
        (packets(0, 1).rstrip(DELIMITER), packets(0, 1)),
    ],
)
def test_a_datagram_ends_a_message(datagram: bytes, read: bytes) -> None:
    assert delimited(datagram) == read


@pytest.mark.parametrize("scheme", ["listen", "udp"])
async def test_an_address_in_use_is_said(scheme: str) -> None:
    kind = socket.SOCK_STREAM if scheme == "listen" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if scheme == "listen":
            taken.listen()
        name = f"{scheme}://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(LinkError, match="another program listens there") as raised:
            await PortOpener().open(name)
        assert raised.value.code is LinkCode.PORT_BUSY


@pytest.mark.parametrize("scheme", ["listen", "udp"])
async def test_a_command_before_a_glove_has_connected_is_refused(scheme: str) -> None:
    async with reading(f"{scheme}://127.0.0.1:0") as read:
        await address_of(read)
        with pytest.raises(LinkError, match="no glove has connected") as raised:
            await read.link.command("recal")
        assert raised.value.code is LinkCode.LINK_LOST


@pytest.mark.parametrize("name", ["listen://", "listen://x", "udp://127.0.0.1", "udp://x:99999", "listen://x:y"])
def test_an_address_that_cannot_be_listened_on_is_refused_at_once(name: str) -> None:
    with pytest.raises(PortNameError, match="HOST:PORT"):
        GloveLink(name)
