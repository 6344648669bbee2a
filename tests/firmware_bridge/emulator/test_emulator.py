"""The emulator on a real pseudo-terminal and a real socket: pace, readers that come and go, commands."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.address import AddressError
from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.events import Event, FrameRead, HeaderRead, Remark
from firmware_bridge.emulator.device import Device
from firmware_bridge.emulator.emulator import Emulator, EmulatorError
from firmware_bridge.emulator.glove_model import GloveModel
from firmware_bridge.link.errors import LinkLostError
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.port import Port
from scaleglove.letter_templates import load_templates
from tests.deadlines import EVENT_S, until
from tests.firmware_bridge.background import background


def device(text: str = "가", **options: object) -> Device:
    return Device(GloveModel(text, load_templates(), **options))  # type: ignore[arg-type]


async def read_frames(port: Port, count: int, decoder: GloveDecoder) -> list[FrameRead]:
    frames: list[FrameRead] = []
    async with asyncio.timeout(EVENT_S):
        while len(frames) < count:
            frames += [event for event in decoder.feed(await port.read()) if isinstance(event, FrameRead)]
    return frames


async def wait_for(port: Port, decoder: GloveDecoder, kind: type[Event]) -> Event:
    async with asyncio.timeout(EVENT_S):
        while True:
            for event in decoder.feed(await port.read()):
                if isinstance(event, kind):
                    return event


async def read_from_the_next_connection(address: str) -> list[FrameRead]:
    """Read frames from a new connection; it is refused until the emulator notices that its last reader has left."""
    async with asyncio.timeout(EVENT_S):
        while True:
            port = await PortOpener().open(f"socket://{address}")
            try:
                return await read_frames(port, 3, GloveDecoder())
            except LinkLostError:
                await asyncio.sleep(0.02)
            finally:
                await port.close()


async def test_keeps_the_devices_pace_without_drifting() -> None:
    clock = asyncio.get_running_loop().time
    begun, late_ms = clock(), []
    async with Emulator(device()).opened() as emulator, background(emulator):
        port, decoder = await PortOpener().open(emulator.path), GloveDecoder()
        for _ in range(100):
            last = (await read_frames(port, 1, decoder))[-1]
            late_ms.append((clock() - begun) * 1000 - last.t_ms)
        await port.close()
    assert min(late_ms) > 0
    assert min(late_ms[50:]) < min(late_ms[:50]) + 500  # a busy machine may be late, but catches up


async def test_every_frame_of_one_pass_arrives_evenly_timed_and_the_emulator_ends() -> None:
    async with Emulator(device("ㄱ", once=True, hold_s=0.5)).opened() as emulator:
        port = await PortOpener().open(emulator.path)
        running = asyncio.create_task(emulator.run())
        frames = await read_frames(port, 60, GloveDecoder())
        await running
        await port.close()
        times = [frame.t_ms for frame in frames]
        assert set(np.diff(times)) == {20.0}
        assert times[-1] == 1180  # two movements of 350 ms and a hold of 500, the last frame before their end
        assert emulator.lost_messages == 0


async def test_a_reader_leaves_and_returns_and_the_device_clock_has_gone_on() -> None:
    async with Emulator(device(), speed=20.0).opened() as emulator, background(emulator):
        decoder = GloveDecoder()
        port = await PortOpener().open(emulator.path)
        before = (await read_frames(port, 10, decoder))[-1].t_ms
        await port.close()
        await until(lambda: emulator.lost_messages >= 50)
        port = await PortOpener().open(emulator.path)
        decoder.rejoin()
        frames = await read_frames(port, 100, decoder)
        await port.close()
        assert frames[-1].t_ms > before + 50 * 20
        assert (np.diff([frame.t_ms for frame in frames]) > 0).all()
        # Whole lines are lost, never parts of lines.
        assert decoder.counts.damaged.total() == 0


async def test_answers_commands_between_the_lines() -> None:
    async with Emulator(device()).opened() as emulator, background(emulator):
        decoder = GloveDecoder()
        port = await PortOpener().open(emulator.path)
        await read_frames(port, 1, decoder)
        await port.write(b"header\n")
        assert isinstance(await wait_for(port, decoder, HeaderRead), HeaderRead)
        await port.write(b"interval,40\n")
        assert await wait_for(port, decoder, Remark) == Remark("40 ms between frames", {"interval_ms": "40"})
        # The frame under way still comes at its old time, and one read may bring several.
        times = [frame.t_ms for frame in await read_frames(port, 5, decoder)]
        assert set(np.diff(times)[1:]) == {40.0}
        await port.close()


async def test_the_link_names_the_pseudo_terminal_and_goes_with_it(tmp_path: Path) -> None:
    name = tmp_path / "glove"
    name.symlink_to("left/by/an/emulator/that/was/killed")

    async with Emulator(device()).opened(link=name) as emulator, background(emulator):
        assert str(name.readlink()) == emulator.path
        port = await PortOpener().open(str(name))
        assert await read_frames(port, 1, GloveDecoder())
        await port.close()
    assert not name.is_symlink()


async def test_a_file_in_the_links_place_is_not_touched(tmp_path: Path) -> None:
    name = tmp_path / "glove"
    name.write_text("mine")
    with pytest.raises(EmulatorError, match="glove"):
        await Emulator(device()).opened(link=name).__aenter__()
    assert name.read_text() == "mine"


async def test_serves_the_same_bytes_on_tcp_to_one_reader_at_a_time() -> None:
    async with Emulator(device()).opened(listen="127.0.0.1:0") as emulator, background(emulator):
        port = await PortOpener().open(f"socket://{emulator.address}")
        decoder = GloveDecoder()
        assert await read_frames(port, 3, decoder)
        host, _, number = str(emulator.address).partition(":")
        second, writer = await asyncio.open_connection(host, int(number))
        assert await second.read() == b""
        writer.close()
        await port.write(b"header\n")
        assert isinstance(await wait_for(port, decoder, HeaderRead), HeaderRead)
        await port.close()
        assert await read_from_the_next_connection(str(emulator.address))


@pytest.mark.parametrize("listen", ["", "127.0.0.1", ":7000", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:-1"])
async def test_an_invalid_address_is_refused(listen: str) -> None:
    with pytest.raises(AddressError, match=f"'{listen}' is not HOST:PORT"):
        await Emulator(device()).opened(listen=listen).__aenter__()


@pytest.mark.parametrize("listen", ["no.such.host.invalid:1", "a..b:1"])
async def test_an_address_that_cannot_be_had_is_named(listen: str) -> None:
    with pytest.raises(EmulatorError, match=listen):
        await Emulator(device()).opened(listen=listen).__aenter__()


async def test_one_that_waits_begins_when_its_port_is_opened() -> None:
    async with Emulator(device(), wait=True).opened() as emulator, background(emulator):
        await asyncio.sleep(0.1)  # five frames' time
        port = await PortOpener().open(emulator.path)
        (first, *_) = await read_frames(port, 3, GloveDecoder())
        await port.close()
    assert first.t_ms == 0
    assert emulator.lost_messages == 0
