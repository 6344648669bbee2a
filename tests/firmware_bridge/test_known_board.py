"""A bridge whose glove is known at the service by the serial number of its board."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest

from firmware_bridge.bridge import Bridge
from firmware_bridge.link.ports import UsbPort
from scaleglove.client import Prediction, Started, StreamConnection, find_stream
from scaleglove.client.gloves import Glove
from service.server import Server
from tests.deadlines import EVENT_S, until
from tests.firmware_bridge.background import background
from tests.firmware_bridge.link.gloves import Pty, lines
from tests.firmware_bridge.witness import Witness
from tests.live_service import live_service
from tests.models.adaptation.test_glove_check import session


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run a service that knows the glove "blue", which is tied to the Arduino with the serial number B."""
    with live_service(database_url=f"sqlite:///{tmp_path}/gloves.db") as server:
        blue = Glove(server.url, "blue")
        blue.create()
        blue.calibrate(session())
        blue.tie("2341:0043:b")
        yield server


class Cable:
    """The ports that are listed, and the bridge's messages."""

    def __init__(self) -> None:
        self.ports: list[UsbPort] = []
        self.witness = Witness()

    @asynccontextmanager
    async def bridge(self, server: Server, port: str, glove: str | None = None) -> AsyncIterator[Bridge]:
        bridge = Bridge(
            port, lambda: StreamConnection(server.url, glove=glove), self.witness, lister=lambda: self.ports
        )
        async with background(bridge):
            yield bridge

    async def started(self, streams: int) -> Started:
        await until(lambda: len(self.witness.streams) >= streams)
        return self.witness.streams[streams - 1]


@asynccontextmanager
async def sending(glove: Pty) -> AsyncIterator[None]:
    """Write frames until the block ends."""

    async def send() -> None:
        for first in count(0, 5):
            await glove.write(lines(first, 5))
            await asyncio.sleep(0.02)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def chosen(started: Started) -> tuple[str | None, int | None, str | None]:
    return started.glove, started.glove_profile, started.glove_by


async def test_the_bridge_uses_the_glove_of_the_serial_number(server: Server) -> None:
    cable = Cable()
    with Pty() as glove:
        cable.ports = [glove.usb("B")]
        async with cable.bridge(server, glove.path):
            started = await cable.started(1)
            assert chosen(started) == ("blue", 1, "usb")
            found = find_stream(server.url, None, "blue")
            assert (found.stream, found.usb) == (started.stream, "2341:0043:B")
            async with sending(glove):
                await until(lambda: any(isinstance(each, Prediction) for each in cable.witness.messages))
    assert len(cable.witness.streams) == 1


@pytest.mark.parametrize("serial_number", ["OTHER", None])
async def test_an_unknown_board_streams_without_a_name(server: Server, serial_number: str | None) -> None:
    cable = Cable()
    with Pty() as glove:
        cable.ports = [glove.usb(serial_number)]
        async with cable.bridge(server, glove.path):
            assert chosen(await cable.started(1)) == (None, None, None)
            async with sending(glove):
                await until(lambda: any(isinstance(each, Prediction) for each in cable.witness.messages))


async def test_a_name_on_the_command_line_goes_first(server: Server) -> None:
    green = Glove(server.url, "green")
    green.create()
    green.calibrate(session())
    cable = Cable()
    with Pty() as glove:
        cable.ports = [glove.usb("B")]
        async with cable.bridge(server, glove.path, "green"):
            assert chosen(await cable.started(1)) == ("green", 1, "name")


@pytest.mark.parametrize("port", ["named", "auto"])
async def test_another_glove_at_the_cable_is_another_glove_at_the_service(
    server: Server, tmp_path: Path, port: str
) -> None:
    cable, name = Cable(), tmp_path / "glove"

    def newest() -> Started:
        return cable.witness.streams[-1]

    with Pty(name) as first, Pty(tmp_path / "beside") as other:
        cable.ports = [first.usb("OTHER"), other.usb("BESIDE")]
        async with cable.bridge(server, str(name) if port == "named" else "auto"):
            async with sending(first):
                await until(lambda: any(isinstance(each, Prediction) for each in cable.witness.messages))
            before = newest()
            assert chosen(before) == (None, None, None)
            cable.ports = [other.usb("BESIDE")]
            first.unplug()
            with Pty(name) as second:
                cable.ports = [second.usb("B"), other.usb("BESIDE")]
                async with sending(second):
                    await until(lambda: newest() is not before)
                    assert chosen(newest()) == ("blue", 1, "usb")
                    await until(lambda: streams(server) == {newest().stream: "2341:0043:B"})


def streams(server: Server) -> dict[str, str | None]:
    listed = httpx.get(f"{server.url}/v1/streams", timeout=EVENT_S).json()["streams"]
    return {stream["stream"]: stream["usb"] for stream in listed}
