"""Ports on pseudo-terminals and sockets, read by the event loop or in a thread: opened, missing, lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest
import serial
from serial.tools import list_ports

from firmware_bridge.link.descriptor_port import DescriptorPort
from firmware_bridge.link.errors import LinkCode, LinkError, LinkLostError, PortNameError
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.port import Port
from firmware_bridge.link.rate_port import RatePort
from firmware_bridge.link.threaded_port import ThreadedPort
from tests.deadlines import EVENT_S

Opener = Callable[[str], Awaitable[Port]]


async def open_with_descriptor(name: str) -> Port:
    """Open a port without the search for its rate, which returns lines rather than single bytes."""
    port = await PortOpener().open(name)
    return port._port if isinstance(port, RatePort) else port


async def open_in_a_thread(name: str) -> Port:
    return ThreadedPort(name, serial.serial_for_url(name, timeout=0.02, write_timeout=0.1))


@pytest.fixture(params=[open_with_descriptor, open_in_a_thread], ids=["descriptor", "threaded"])
def opener(request: pytest.FixtureRequest) -> Opener:
    return request.param  # type: ignore[no-any-return]


async def read_to_the_end(port: Port) -> None:
    async with asyncio.timeout(EVENT_S):
        while True:
            await port.read()


async def test_a_port_with_a_descriptor_is_read_by_the_loop_and_one_without_in_a_thread(
    pty: tuple[IO[bytes], str],
) -> None:
    for name, kind in ((pty[1], DescriptorPort), ("loop://", ThreadedPort)):
        port = await open_with_descriptor(name)
        assert isinstance(port, kind)
        await port.close()


async def test_it_reads_available_bytes_and_writes_lines(pty: tuple[IO[bytes], str], opener: Opener) -> None:
    glove, path = pty
    port = await opener(path)
    glove.write(b"1,2,3\n4")
    assert await port.read() == b"1,2,3\n4"
    await port.write(b"interval,20\n")
    assert await asyncio.to_thread(glove.read, 100) == b"interval,20\n"
    await port.close()


async def test_a_read_that_is_cancelled_takes_nothing_away(pty: tuple[IO[bytes], str], opener: Opener) -> None:
    glove, path = pty
    port = await opener(path)
    got = b""
    for number in range(40):
        reading = asyncio.create_task(port.read())
        await asyncio.sleep(0.001 * (number % 4))  # cancels reads that have lasted differently long
        glove.write(b"%02d" % number)
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait({reading})
        if not reading.cancelled():
            got += reading.result()
    async with asyncio.timeout(EVENT_S):
        while len(got) < 80:
            got += await port.read()
    assert got == b"".join(b"%02d" % number for number in range(40))
    await port.close()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("/dev/no-such-glove", LinkCode.PORT_MISSING),
        ("socket://127.0.0.1:1", LinkCode.CANNOT_OPEN),
        ("nonsense://glove", LinkCode.INVALID_PORT),
    ],
)
def test_a_port_that_cannot_be_opened_is_one_sentence_that_names_it(name: str, code: LinkCode) -> None:
    with pytest.raises(LinkError, match=name) as raised:
        asyncio.run(PortOpener().open(name))
    assert "\n" not in str(raised.value)
    assert raised.value.code is code
    assert not isinstance(raised.value, LinkLostError)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "socket://127.0.0.1",
        "socket://127.0.0.1:0",
        "socket://127.0.0.1:99999",
        "socket://x:y",
        "socket://[::1",
        "rfc2217://:1",
        "nonsense://glove",
    ],
)
def test_an_invalid_port_name_is_reported(name: str) -> None:
    with pytest.raises(PortNameError, match=r"HOST:PORT|protocol 'nonsense' not known"):
        asyncio.run(PortOpener().open(name))


@pytest.mark.parametrize("kind", ["file", "fifo", "folder", "null"])
def test_a_path_that_is_not_a_serial_port_is_reported(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "glove"
    if kind == "file":
        path.touch()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path(os.devnull)
    with pytest.raises(LinkError) as raised:
        asyncio.run(PortOpener().open(str(path)))
    assert str(raised.value) == f"{path} is not a serial port"
    assert raised.value.code is LinkCode.NOT_A_PORT


async def test_pyserials_error_for_a_pulled_cable_is_plain() -> None:
    words = "device reports readiness to read but returned no data (device disconnected or multiple access on port?)"

    class Pulled(serial.SerialBase):  # type: ignore[misc]
        def read(self, size: int = 1) -> bytes:
            raise serial.SerialException(words)

    with pytest.raises(LinkLostError, match=r"^the serial port /dev/glove is lost: it was unplugged$") as raised:
        await ThreadedPort("/dev/glove", Pulled()).read()
    assert raised.value.code is LinkCode.UNPLUGGED


def test_the_error_of_a_missing_port_names_the_available_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", lambda: [SimpleNamespace(device="/dev/ttyACM7", vid=1)])
    with pytest.raises(LinkError, match=r"no serial port /dev/no-such-glove; available ports: /dev/ttyACM7"):
        asyncio.run(PortOpener().open("/dev/no-such-glove"))


async def test_a_port_in_use_is_reported(pty: tuple[IO[bytes], str]) -> None:
    port = await PortOpener().open(pty[1])
    try:
        with pytest.raises(LinkError, match="in use by another program: close it there") as raised:
            await PortOpener().open(pty[1])
        assert raised.value.code is LinkCode.PORT_BUSY
    finally:
        await port.close()


async def test_a_port_that_vanishes_while_read_is_lost(pty: tuple[IO[bytes], str], opener: Opener) -> None:
    glove, path = pty
    port = await opener(path)
    glove.write(b"1,2\n")
    assert await port.read() == b"1,2\n"
    glove.close()
    with pytest.raises(LinkLostError, match=f"{path} is lost: it was unplugged") as raised:
        await read_to_the_end(port)
    assert raised.value.code is LinkCode.UNPLUGGED
    with pytest.raises(LinkLostError, match=path):
        await port.write(b"header\n")
    await port.close()


async def test_a_command_that_the_device_does_not_read_is_refused_without_waiting(
    pty: tuple[IO[bytes], str], opener: Opener
) -> None:
    glove, path = pty
    port = await opener(path)

    async def write_on() -> None:
        while True:
            await port.write(b"x" * 255 + b"\n")

    with pytest.raises(LinkError, match="takes no commands") as raised:
        await write_on()
    assert raised.value.code is LinkCode.NOT_READING
    assert not isinstance(raised.value, LinkLostError)
    glove.write(b"1,2\n")
    assert await port.read() == b"1,2\n"
    glove.close()
    await port.close()


async def test_a_socket_closed_by_the_other_side_is_lost() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    number = server.sockets[0].getsockname()[1]
    port = await PortOpener().open(f"socket://127.0.0.1:{number}")
    with pytest.raises(LinkLostError, match=f"{number} is lost: the other side closed the connection") as raised:
        await read_to_the_end(port)
    assert raised.value.code is LinkCode.CLOSED
    await port.close()
    server.close()
    await server.wait_closed()


async def test_closing_waits_for_a_read_that_was_cancelled(pty: tuple[IO[bytes], str]) -> None:
    port = await open_in_a_thread(pty[1])
    reading = asyncio.create_task(port.read())
    await asyncio.sleep(0.005)  # the thread may be reading by now, or not: closing waits for it in both cases
    reading.cancel()
    await port.close()
