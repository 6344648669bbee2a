"""Firmware without a board: an STM32F405 in QEMU runs an image, its serial port on a pseudo-terminal.

QEMU behaves as a UART does where nobody reads: the bytes are lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from scaleglove.errors import ScaleGloveError

QEMU: Final = "qemu-system-arm"
BOARD: Final = "netduinoplus2"
"""QEMU's board with an STM32F405."""

UNPACED: Final = ["-icount", "shift=0,sleep=off"]

_PR_SET_PDEATHSIG: Final = 1
"""linux/prctl.h"""

_ELF: Final = b"\x7fELF"
_REDIRECTED: Final = re.compile(rb"char device redirected to (\S+) \(")
_START_S: Final = 20.0
_STOP_S: Final = 2.0
_CHUNK: Final = 4096


class QemuError(ScaleGloveError):
    """QEMU is not there, or does not run the image; the text says what to do or what QEMU said."""


class Machine:
    """A board that is switched off until `switch_on`; `path` is the pseudo-terminal that its serial port is on."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.path = ""

    def switch_on(self) -> None:
        """Boot: who has opened `path` before reads every byte from the first on."""
        self._say(b"c\n")

    async def wait(self) -> None:
        """Until the machine ends, which it does not by itself.

        Raises:
            QemuError: it has ended; the text is what QEMU said last.
        """
        said = b""
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(_CHUNK):
            said = (said + chunk)[-_CHUNK:]
        raise QemuError(f"{QEMU} ended: {_last_line(said)}")

    async def stop(self) -> None:
        """Switch off, and wait until QEMU has gone."""
        if self._process.returncode is None:
            with contextlib.suppress(ConnectionError):
                self._say(b"quit\n")
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_S)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def _say(self, command: bytes) -> None:
        """To QEMU's monitor."""
        assert self._process.stdin is not None
        self._process.stdin.write(command)


@contextlib.asynccontextmanager
async def machine(image: Path, *, paced: bool = True) -> AsyncIterator[Machine]:
    """A board with this image (ELF) in its flash, until the block ends.

    Its time goes as the computer's does. Not `paced`, an instruction takes 1 ns, sleep none, and a reader that is slow
    holds everything up: nothing is ever late, whatever else the computer does.

    Raises:
        QemuError: the file is no image, QEMU is missing or does not start.
    """
    _check(image)
    arguments = ["-M", BOARD, "-display", "none", "-S", "-monitor", "stdio", "-serial", "pty", "-kernel", str(image)]
    arguments += [] if paced else UNPACED
    try:
        # A session of its own: Ctrl-C reaches only this process, which then stops QEMU.
        process = await asyncio.create_subprocess_exec(
            QEMU, *arguments, stdin=PIPE, stdout=PIPE, stderr=STDOUT, start_new_session=True, preexec_fn=_ends_with_us()
        )
    except FileNotFoundError:
        raise QemuError(f"there is no {QEMU}: install it (Debian: apt install qemu-system-arm)") from None
    running = Machine(process)
    try:
        running.path = await _terminal(process)
        yield running
    finally:
        await running.stop()


def _ends_with_us() -> Callable[[], object] | None:
    """For the new process, before it becomes QEMU: that it dies when we are killed, and cannot stop it ourselves."""
    if sys.platform != "linux":
        return None
    return functools.partial(ctypes.CDLL(None).prctl, _PR_SET_PDEATHSIG, signal.SIGKILL)


def _check(image: Path) -> None:
    try:
        with image.open("rb") as file:
            begins = file.read(len(_ELF))
    except OSError as error:
        raise QemuError(f"{image}: {error.strerror}") from None
    if begins != _ELF:
        raise QemuError(f"{image} is no ELF image; make -C firmware_bridge/firmware stm32f405-qemu builds one")


async def _terminal(process: Process) -> str:
    """The pseudo-terminal, as QEMU says it first of all."""
    said = b""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_S):
            while chunk := await process.stdout.read(_CHUNK):
                said += chunk
                if found := _REDIRECTED.search(said):
                    return found[1].decode()
    except TimeoutError:
        raise QemuError(f"{QEMU} did not say within {_START_S:g} s which pseudo-terminal it uses") from None
    raise QemuError(f"{QEMU} did not start: {_last_line(said)}")


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
