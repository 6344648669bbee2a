"""The firmware on an STM32F405 in QEMU, its serial port on a pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from firmware_bridge.codec.events import Event, FrameRead, FramesMissing, HeaderRead, Remark
from firmware_bridge.codec.lines import NINE_FIELDS
from firmware_bridge.emulator.qemu import QemuError, machine
from scaleglove.channels import CHANNELS, FLEX
from tests.deadlines import EVENT_S
from tests.firmware.builds import FIRMWARE, needs_qemu
from tests.firmware.conftest import BuildImage
from tests.firmware.terminal import Terminal
from tests.processes import started

FLASH_BYTES = 48 * 1024
RAM_BYTES = 24 * 1024
"""With the stack's 8 KB. The chip has 1 MB and 128 KB: these are bounds for us, so that growth is noticed."""

UNKNOWN = "unknown command; known: interval,MS header recal yawzero format,text|binary letters,on|only|off"


@contextlib.asynccontextmanager
async def booted(image: Path) -> AsyncIterator[Terminal]:
    """Boot a machine with a reader at its port; its time is its own, so no test depends on the computer's."""
    needs_qemu()
    async with machine(image, paced=False) as board:
        with Terminal(board.path) as terminal:
            board.switch_on()
            yield terminal


def intervals_ms(frames: Sequence[FrameRead]) -> Iterator[float]:
    return (after.t_ms - before.t_ms for before, after in pairwise(frames))


def frames_of(events: Sequence[Event]) -> list[FrameRead]:
    return [event for event in events if isinstance(event, FrameRead)]


def check_nothing_lost(terminal: Terminal) -> None:
    counts = terminal.decoder.counts
    assert not counts.damaged
    assert counts.missing == 0
    assert counts.repeated == 0
    assert counts.restarts == 0


@pytest.mark.parametrize("target", ["stm32f405", "stm32f405-qemu"])
def test_it_builds_without_a_warning_and_stays_small(build_image: BuildImage, target: str) -> None:
    build = build_image(target)
    assert build.errors == ""
    sizes = subprocess.run(
        ["arm-none-eabi-size", str(build.path(f"{target}.elf"))], capture_output=True, text=True, check=True
    )
    text, data, bss, *_ = (int(figure) for figure in sizes.stdout.splitlines()[1].split()[:3])
    assert text + data <= FLASH_BYTES
    assert data + bss <= RAM_BYTES


def test_nothing_takes_memory_at_run_time(build_image: BuildImage) -> None:
    symbols = subprocess.run(
        ["arm-none-eabi-nm", str(build_image("stm32f405").path("stm32f405.elf"))],
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.split()[-1] for line in symbols.stdout.splitlines()}
    assert not names & {"malloc", "_malloc_r", "_sbrk", "printf", "_printf_r"}


async def test_it_greets_names_its_columns_and_sends_frames(image: Path) -> None:
    async with booted(image) as terminal:
        greeting, header, first, *_ = await terminal.until(
            lambda event: isinstance(event, FrameRead) and event.t_ms > 90
        )
        assert greeting == Remark("scaleglove firmware 0.2.0 on STM32F405, simulated sensors, 20 ms between frames")
        assert header == HeaderRead(NINE_FIELDS, dict.fromkeys(CHANNELS[FLEX], (0, 1023)))
        assert isinstance(first, FrameRead)
        assert first.t_ms < 5
        frames = [first, *await terminal.frames(500)]
        assert all(20 * 0.99 < interval < 20 * 1.01 for interval in intervals_ms(frames[5:]))
        check_nothing_lost(terminal)


async def test_each_command_is_obeyed_and_answered(image: Path) -> None:
    async with booted(image) as terminal:
        await terminal.frames(100)
        terminal.command("interval,10")
        await terminal.remark("10 ms between frames", interval_ms="10")
        assert all(9.9 < interval < 10.1 for interval in intervals_ms(await terminal.frames(200)))
        terminal.command("interval,2000")
        await terminal.remark("interval takes 1 to 1000 milliseconds", error="interval_out_of_range")
        terminal.command("yawzero")
        await terminal.remark("yaw is 0 here", done="yawzero")
        terminal.command("recal")
        await terminal.remark("recalibrated", done="recal")
        terminal.command("header")
        await terminal.until(lambda event: isinstance(event, HeaderRead))
        terminal.command("jump")
        await terminal.remark(UNKNOWN, error="unknown_command")
        check_nothing_lost(terminal)


async def test_the_format_changes_back_and_forth_without_losing_a_frame(image: Path) -> None:
    async with booted(image) as terminal:
        before = await terminal.frames(50)
        for name in ("binary", "text", "binary"):
            terminal.command(f"format,{name}")
            before += frames_of(await terminal.remark(f"format {name}", format=name))
            before += await terminal.frames(50)
            assert terminal.decoder.format == name
        assert all(19.9 < interval < 20.1 for interval in intervals_ms(before))
        assert terminal.decoder.counts.partial <= 1
        check_nothing_lost(terminal)


async def test_a_thousand_frames_a_second(build_image: BuildImage) -> None:
    build = build_image(SG_INTERVAL_US="1000u", SG_FORMAT="SG_FORMAT_BINARY", SG_ACCELERATION="true")
    async with booted(build.path("stm32f405-qemu.elf")) as terminal:
        frames = await terminal.frames(2000)
        assert frames[-1].t_ms - frames[0].t_ms == pytest.approx(1999, rel=0.001)
        assert all(frame.acceleration is not None for frame in frames)
        assert [frame.seq for frame in frames] == list(range(2000))
        check_nothing_lost(terminal)


async def test_no_byte_of_a_flood_of_commands_is_lost(image: Path) -> None:
    """Send four times the size of its ring at once; each command is answered, and the frames continue."""
    count = 100
    async with booted(image) as terminal:
        await terminal.frames(1)
        terminal.command("\n".join(["yawzero"] * count))
        for _ in range(count):
            await terminal.remark("yaw is 0 here", done="yawzero")
        await terminal.frames(10)
        assert not terminal.decoder.counts.damaged


async def test_the_timer_wraps_and_the_frames_go_on(build_image: BuildImage) -> None:
    build = build_image(SG_TIMER_BEGIN_US=f"{2**32 - 2_000_000}u")
    async with booted(build.path("stm32f405-qemu.elf")) as terminal:
        frames = await terminal.frames(200)
        assert frames[0].t_ms < 2**32 / 1000 < frames[-1].t_ms
        assert all(19.9 < interval < 20.1 for interval in intervals_ms(frames))
        terminal.command("format,binary")
        await terminal.remark("format binary", format="binary")
        await terminal.frames(50)
        check_nothing_lost(terminal)


async def test_the_silicon_build_says_in_qemu_that_it_has_no_sensors(build_image: BuildImage) -> None:
    async with booted(build_image("stm32f405").path("stm32f405.elf")) as terminal:
        await terminal.remark("the motion sensor cannot be read", fault="motion_sensor")


async def test_a_reader_may_come_and_go(image: Path) -> None:
    needs_qemu()
    async with machine(image) as board:
        board.switch_on()
        for _ in range(2):
            with Terminal(board.path) as terminal:
                frames = await terminal.frames(10)
                assert not [event for event in frames if isinstance(event, FramesMissing)]


def test_qemu_ends_with_the_command_even_when_that_is_killed(image: Path) -> None:
    needs_qemu()
    command = [sys.executable, "-m", "scaleglove", "emulate", "--firmware", str(image)]
    with started(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        port = os.open(process.stdout.readline().strip(), os.O_RDONLY | os.O_NOCTTY)
        process.kill()
    hung_up = select.poll()
    hung_up.register(port, 0)  # no event but the hang-up, when QEMU's end of the pseudo-terminal closes
    try:
        assert hung_up.poll(1000 * EVENT_S), "QEMU is still running"
    finally:
        os.close(port)


async def test_what_is_no_image_is_refused_in_words() -> None:
    with pytest.raises(QemuError, match="Makefile is no ELF image; make -C"):
        async with machine(FIRMWARE / "Makefile"):
            pass


async def test_a_machine_without_qemu_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = tmp_path / "image.elf"
    image.write_bytes(b"\x7fELF")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(QemuError, match="apt install qemu-system-arm"):
        async with machine(image):
            pass


async def test_what_qemu_says_against_an_image_is_passed_on(tmp_path: Path) -> None:
    needs_qemu()
    image = tmp_path / "image.elf"
    image.write_bytes(b"\x7fELF" + bytes(2**21))  # more than the flash holds
    with pytest.raises(QemuError, match=r"image\.elf"):
        async with machine(image) as board:
            await board.wait()
