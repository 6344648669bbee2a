"""What happens to gloves and cables, on real pseudo-terminals and sockets, and what the link makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_bridge.codec.events import DeviceRestarted, Fault, FrameRepeated, FramesMissing
from firmware_bridge.codec.packets import DELIMITER
from firmware_bridge.link.errors import LinkCode
from firmware_bridge.link.state import LinkState
from tests.deadlines import EVENT_S
from tests.firmware_bridge.link.gloves import IMPATIENT, INTERVAL_MS, QUICK, VALUES, Pty, lines, packets, reading

SEARCHING, OPENING, WAITING, STREAMING, LOST = LinkState
NOBODY = 65534


async def test_a_replugged_glove_streams_again_and_missed_frames_are_counted(tmp_path: Path) -> None:
    name = tmp_path / "ttyGLOVE"
    with Pty(name) as glove:
        async with reading(str(name)) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + packets(0, 50))
            await read.has_frames(50)
            glove.unplug()
            lost = await read.reaches(LOST)
            assert lost.detail == f"the serial port {name} is lost: it was unplugged"
            assert lost.code is LinkCode.UNPLUGGED
            assert lost.retry_s == QUICK.first_retry_s
            await read.until(lambda: "no serial port" in read.link.status.detail)
            assert read.link.status.code is LinkCode.PORT_MISSING
            with Pty(name) as again:
                await read.reaches(WAITING)
                await again.write(packets(80, 50))  # a hand-held glove has its own battery: it counted on
                await read.has_frames(99)
        # Of the first packet after joining nobody knows that it is whole, unless it is.
        assert read.others == [FramesMissing(80 * INTERVAL_MS, 30, "sequence")]
        assert read.link.counts.frames == 100
        assert read.states == [OPENING, WAITING, STREAMING, LOST, OPENING, WAITING, STREAMING]


async def test_half_a_frame_before_the_cable_is_pulled_and_half_a_one_after_are_no_frames_and_no_damage(
    tmp_path: Path,
) -> None:
    name = tmp_path / "ttyGLOVE"
    with Pty(name) as glove:
        async with reading(str(name)) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + packets(0, 10) + packets(10, 1)[:20])
            await read.has_frames(10)
            await read.until(lambda: bool(read.link._decoder._pending))  # the half frame is read too
            glove.unplug()
            await read.reaches(LOST)
            with Pty(name) as again:
                await read.reaches(WAITING)
                await again.write(packets(12, 1)[20:] + packets(13, 10))
                await read.has_frames(20)
        assert read.others == [FramesMissing(13 * INTERVAL_MS, 3, "sequence")]
        assert read.link.counts.partial == 1
        assert not read.link.counts.damaged


async def test_half_a_frame_in_the_stream_is_damage_and_a_frame_missing() -> None:
    with Pty() as glove:
        async with reading(glove.path) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + packets(0, 10) + packets(10, 1)[:20] + DELIMITER + packets(11, 9))
            await read.has_frames(19)
        assert read.link.counts.damaged.total() == 1
        assert read.link.counts.missing == 1


async def test_a_megabyte_of_noise_gives_no_frame_and_costs_at_most_the_one_it_runs_into() -> None:
    noise = random.Random(5).randbytes(1_000_000)
    with Pty() as glove:
        async with reading(glove.path) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + packets(0, 10))
            await glove.write(noise)
            await glove.write(packets(10, 10))
            await read.until(lambda: bool(read.frames) and read.frames[-1].seq == 19)
        counts = read.link.counts
        assert counts.frames + counts.missing == 20
        assert counts.missing <= 1
        assert all(frame.values == VALUES for frame in read.frames)
        assert counts.damaged.total() > 1000


async def test_a_stall_is_reported_until_the_next_frame_and_the_port_stays_open() -> None:
    """The stall of 5 s, with the times of the link made short in the same measure."""
    with Pty() as glove:
        async with reading(glove.path, timing=replace(IMPATIENT, reopen_s=EVENT_S)) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + packets(0, 10))
            await read.has_frames(10)
            await read.reaches(WAITING)
            assert read.link.status.detail == "no data for 0.3 s"
            await glove.write(packets(10, 10))
            await read.has_frames(20)
        assert read.states == [OPENING, WAITING, STREAMING, WAITING, STREAMING]
        assert read.others == []


async def test_a_silent_port_is_reopened_after_waits_that_double() -> None:
    with Pty() as glove:
        async with reading(glove.path, timing=replace(IMPATIENT, reopen_s=0.1, max_reopen_s=0.2)) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + packets(0, 10))
            await read.has_frames(10)
            await read.until(lambda: read.states.count(OPENING) == 3)
            await read.reaches(WAITING)
            await glove.write(packets(15, 10))
            await read.has_frames(20)
        assert read.states == [*[OPENING, WAITING, STREAMING], *[WAITING, OPENING] * 2, WAITING, STREAMING]
        assert read.link.counts.missing == 5


async def test_unreadable_data_is_reported() -> None:
    with Pty() as glove:
        async with reading(glove.path, timing=replace(IMPATIENT, reopen_s=EVENT_S)) as read:
            await read.reaches(WAITING)
            await glove.write(b"\n" + lines(0, 10))
            await read.has_frames(10)
            written = 0
            while read.link.status.state is not WAITING:
                await glove.write(b"1,2,3\n")
                written += 1
                await read.until(lambda: read.link.counts.damaged.total() == written)  # noqa: B023 - waited for here
        assert read.link.status.detail == "no readable frame for 0.3 s"
        assert read.states == [OPENING, WAITING, STREAMING, WAITING]
        assert read.link.counts.damaged == {Fault.FIELDS: written}


async def test_a_reboot_is_detected_and_clock_and_rate_start_over() -> None:
    with Pty() as glove:
        async with reading(glove.path) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + packets(5000, 100))
            await read.has_frames(100)
            before = read.link.clock
            await glove.write(DELIMITER + packets(0, 50, interval_ms=10.0))
            await read.has_frames(150)
            assert read.others == [DeviceRestarted(5099 * INTERVAL_MS, 0.0)]
            assert read.link.counts.restarts == 1
            assert before is not None
            assert read.link.clock is not None
            assert read.link.clock.offset_ms - before.offset_ms == pytest.approx(5099 * INTERVAL_MS - 490, abs=1000)
            assert read.link.clock.uncertainty_ms < 1000
            await glove.write(packets(50, 10, interval_ms=10.0))
            await read.has_frames(160)
            assert read.link.rate_hz == pytest.approx(100)


async def test_frames_that_come_twice_are_given_once() -> None:
    with Pty() as glove:
        async with reading(glove.path) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + b"".join(2 * packets(number, 1) for number in range(50)))
            await read.has_frames(50)
            await read.until(lambda: read.link.counts.repeated == 50)
        assert [frame.seq for frame in read.frames] == list(range(50))
        assert read.others == [FrameRepeated(number * INTERVAL_MS) for number in range(50)]


@pytest.mark.parametrize("form", [lines, packets])
async def test_a_faster_rate_is_followed_and_nothing_is_called_missing(form: object) -> None:
    assert callable(form)
    with Pty() as glove:
        async with reading(glove.path) as read:
            await read.reaches(WAITING)
            await glove.write((b"\n" if form is lines else DELIMITER) + form(0, 40, interval_ms=50.0))
            await read.has_frames(40)
            assert read.link.rate_hz == pytest.approx(20)
            for first in range(40, 640, 10):
                await glove.write(form(first, 10, interval_ms=10.0, begin_ms=1950 + 10 * (first - 39)))
            await read.has_frames(640)
            assert read.link.rate_hz == pytest.approx(100, rel=0.01)
        assert read.others == []


async def test_a_change_from_text_to_binary_loses_nothing() -> None:
    with Pty() as glove:
        async with reading(glove.path) as read:
            await read.reaches(WAITING)
            await glove.write(b"\n" + lines(0, 20) + b"# format binary\n" + DELIMITER + packets(20, 20))
            await read.has_frames(40)
        assert [frame.t_ms for frame in read.frames] == [number * INTERVAL_MS for number in range(40)]
        assert read.link.counts.remarks == 1
        assert not read.link.counts.damaged
        assert not read.link.counts.missing


async def test_the_devices_clock_wraps_around_and_time_runs_on() -> None:
    near_the_end_ms = 2**32 / 1000 - 20 * INTERVAL_MS
    with Pty() as glove:
        async with reading(glove.path) as read:
            await read.reaches(WAITING)
            await glove.write(DELIMITER + packets(7, 40, begin_ms=near_the_end_ms))
            await read.has_frames(40)
        steps = [b.t_ms - a.t_ms for a, b in itertools.pairwise(read.frames)]
        assert steps == pytest.approx([INTERVAL_MS] * 39)
        assert read.others == []
        assert read.link.rate_hz == pytest.approx(50)


@contextlib.contextmanager
def without_permission(path: str) -> Iterator[None]:
    """Nobody may open `path`; root, who always may, becomes somebody else meanwhile."""
    device = Path(path)
    mode = device.stat().st_mode
    device.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        device.chmod(mode)


async def test_a_port_without_permission_is_reported_and_opened_once_permitted() -> None:
    with Pty() as glove:
        async with reading(glove.path) as read:
            with without_permission(glove.path):
                lost = await read.reaches(LOST)
                assert lost.detail == (
                    f"no permission to open the serial port {glove.path}: "
                    "on Linux, join the group that owns it (often dialout)"
                )
                assert lost.code is LinkCode.PERMISSION_DENIED
            await read.reaches(WAITING)


async def test_a_tcp_glove_that_returns_streams_again() -> None:
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with reading(f"socket://127.0.0.1:{port}") as read:
        await read.until(lambda: len(writers) == 1)
        await read.reaches(WAITING)  # pyserial throws away what comes while it opens
        writers[0].write(DELIMITER + packets(0, 20))
        await read.has_frames(20)
        server.close()
        writers[0].close()
        lost = await read.reaches(LOST)
        assert lost.detail.endswith("is lost: the other side closed the connection")
        assert lost.code is LinkCode.CLOSED
        await read.until(lambda: "refused" in read.link.status.detail)
        server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", port)
        await read.until(lambda: len(writers) == 2)
        await read.reaches(WAITING)  # pyserial throws away what comes while it opens
        writers[1].write(DELIMITER + packets(23, 20))
        await read.has_frames(40)
        assert read.others == [FramesMissing(23 * INTERVAL_MS, 3, "sequence")]
        assert read.states == [OPENING, WAITING, STREAMING, LOST, OPENING, WAITING, STREAMING]
    server.close()
    writers[1].close()
    await server.wait_closed()


async def test_a_tcp_glove_that_vanishes_without_closing_is_reconnected() -> None:
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    address = f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with reading(address, timing=IMPATIENT) as read:
        await read.until(lambda: len(writers) == 1)
        await read.reaches(WAITING)  # pyserial throws away what comes while it opens
        writers[0].write(DELIMITER + packets(0, 20))
        await read.has_frames(20)
        await read.until(lambda: len(writers) == 2)
        await read.reaches(WAITING)  # pyserial throws away what comes while it opens
        writers[1].write(DELIMITER + packets(20, 20))
        await read.has_frames(40)
        assert read.states == [OPENING, WAITING, STREAMING, WAITING, OPENING, WAITING, STREAMING]
        assert read.others == []
    for writer in writers:
        writer.close()
    server.close()
    await server.wait_closed()


async def test_the_header_is_asked_for_again_as_long_as_it_cannot_be_used() -> None:
    with Pty() as glove:
        async with reading(glove.path) as read:
            await read.reaches(WAITING)
            await glove.write(b"\ntimestamp,pitch,roll,yaw,thumb\n")
            asked = b""
            while asked.count(b"header\n") < 2:
                await glove.write(lines(0, 1))
                asked += await glove.read()
            await glove.write(b"timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5\n" + lines(0, 5))
            await read.has_frames(5)
        assert read.link.counts.damaged[Fault.HEADER] == 1
        assert set(read.link.counts.damaged) <= {Fault.HEADER, Fault.ORDER}
