"""The serial port, on real pseudo-terminals and sockets: opened, missing, lost."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest
import serial
from serial.tools import list_ports

from firmware_bridge.link.port import AUTO, GloveLink, LinkError, LinkLostError, PortNameError, resolve_port


@pytest.fixture
def pty() -> Iterator[tuple[IO[bytes], str]]:
    """The glove's end of a pseudo-terminal, and the path of the computer's end."""
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    os.close(slave)
    with os.fdopen(master, "r+b", buffering=0) as glove:
        yield glove, path


async def read_to_the_end(link: GloveLink) -> None:
    async with asyncio.timeout(10):
        while True:
            await link.read()


async def test_reads_what_has_arrived_and_nothing_when_nothing_has(pty: tuple[IO[bytes], str]) -> None:
    glove, path = pty

    link = await GloveLink.open(path)
    assert await link.read() == b""
    glove.write(b"1,2,3\n4")
    assert await link.read() == b"1,2,3\n4"
    await link.command("interval,20")
    assert glove.read(100) == b"interval,20\n"
    await link.close()


@pytest.mark.parametrize("port", ["/dev/no-such-glove", "socket://127.0.0.1:1", "nonsense://glove"])
def test_a_port_that_cannot_be_opened_is_one_sentence_that_names_it(port: str) -> None:
    with pytest.raises(LinkError, match=port.removeprefix("nonsense")) as raised:
        asyncio.run(GloveLink.open(port))
    assert "\n" not in str(raised.value)
    assert not isinstance(raised.value, LinkLostError)


@pytest.mark.parametrize(
    "port",
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
def test_what_is_no_name_of_a_port_is_said_as_such(port: str) -> None:
    with pytest.raises(PortNameError, match=r"HOST:PORT|protocol 'nonsense' not known"):
        asyncio.run(GloveLink.open(port))


@pytest.mark.parametrize("kind", ["file", "fifo", "folder", "null"])
def test_what_is_no_serial_port_is_said_as_such(tmp_path: Path, kind: str) -> None:
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
        asyncio.run(GloveLink.open(str(path)))
    assert str(raised.value) == f"{path} is not a serial port"


async def test_pyserials_word_for_a_pulled_cable_is_put_plainly() -> None:
    words = "device reports readiness to read but returned no data (device disconnected or multiple access on port?)"

    class Pulled(serial.SerialBase):  # type: ignore[misc]
        def read(self, size: int = 1) -> bytes:
            raise serial.SerialException(words)

    with pytest.raises(LinkLostError, match=r"^the serial port /dev/glove has gone: unplugged$"):
        await GloveLink("/dev/glove", Pulled()).read()


def test_a_missing_port_tells_which_ports_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", lambda: [SimpleNamespace(device="/dev/ttyACM7", vid=1)])
    with pytest.raises(LinkError, match=r"no serial port /dev/no-such-glove; ports here: /dev/ttyACM7"):
        asyncio.run(GloveLink.open("/dev/no-such-glove"))


async def test_a_port_in_use_is_said_as_such(pty: tuple[IO[bytes], str]) -> None:
    link = await GloveLink.open(pty[1])
    try:
        with pytest.raises(LinkError, match="in use by another program"):
            await GloveLink.open(pty[1])
    finally:
        await link.close()


async def test_a_port_that_vanishes_while_read_is_lost(pty: tuple[IO[bytes], str]) -> None:
    glove, path = pty

    link = await GloveLink.open(path)
    glove.write(b"1,2\n")
    assert await link.read() == b"1,2\n"
    glove.close()
    with pytest.raises(LinkLostError, match=f"{path} has gone: unplugged"):
        await read_to_the_end(link)
    with pytest.raises(LinkLostError, match=path):
        await link.command("header")
    await link.close()


async def test_a_socket_whose_far_end_leaves_is_lost() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = await GloveLink.open(f"socket://127.0.0.1:{port}")
    with pytest.raises(LinkLostError):
        await read_to_the_end(link)
    await link.close()
    server.close()
    await server.wait_closed()


async def test_closing_waits_for_a_read_that_was_cancelled(pty: tuple[IO[bytes], str]) -> None:
    link = await GloveLink.open(pty[1])
    reading = asyncio.create_task(link.read())
    await asyncio.sleep(0.005)
    reading.cancel()
    await link.close()


def ports(*names: str, usb: bool = True) -> list[SimpleNamespace]:
    return [SimpleNamespace(device=name, vid=0x2341 if usb else None) for name in names]


def test_auto_takes_the_only_usb_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", lambda: ports("/dev/ttyS0", usb=False) + ports("/dev/ttyACM0"))
    assert resolve_port(AUTO) == "/dev/ttyACM0"
    assert resolve_port("/dev/ttyS0") == "/dev/ttyS0"


def test_auto_refuses_to_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", lambda: ports("/dev/ttyS0", usb=False))
    with pytest.raises(LinkError, match="no USB serial port"):
        resolve_port(AUTO)
    monkeypatch.setattr(list_ports, "comports", lambda: ports("/dev/ttyACM1", "/dev/ttyACM0"))
    with pytest.raises(LinkError, match="/dev/ttyACM0, /dev/ttyACM1"):
        resolve_port(AUTO)
