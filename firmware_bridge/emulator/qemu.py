"""An STM32F405 in QEMU that runs a firmware image, its serial port on a pseudo-terminal.

Without a reader the bytes are lost, as on a real UART.
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
    """A missing QEMU, or an image that it does not run; the text says what to do or quotes QEMU."""


class Machine:
    """A board that is off until `switch_on`; `path` is the pseudo-terminal of its serial port."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.path = ""

    def switch_on(self) -> None:
        """Boot the board: a reader that has opened `path` before gets every byte."""
        self._write(b"c\n")

    async def wait(self) -> None:
        """Wait until the machine ends, which it never does by itself.

        Raises:
            QemuError: it has ended; the text quotes QEMU's last line.
        """
        output = b""
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(_CHUNK):
            output = (output + chunk)[-_CHUNK:]
        raise QemuError(f"{QEMU} ended: {_last_line(output)}")

    async def stop(self) -> None:
        """Switch the board off, and wait until QEMU has ended."""
        if self._process.returncode is None:
            with contextlib.suppress(ConnectionError):
                self._write(b"quit\n")
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_S)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def _write(self, command: bytes) -> None:
        """Write a command to QEMU's monitor."""
        assert self._process.stdin is not None
        self._process.stdin.write(command)


@contextlib.asynccontextmanager
async def machine(image: Path, *, paced: bool = True) -> AsyncIterator[Machine]:
    """Run a board with this image (ELF) in its flash, until the block ends.

    Its time is the computer's. Without `paced`, an instruction takes 1 ns, sleep takes none, and a slow reader stops
    the board's time: nothing is ever late, however busy the computer is.

    Raises:
        QemuError: the file is no image, or QEMU is missing or does not start.
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
        raise QemuError(f"{QEMU} is missing: install it (Debian: apt install qemu-system-arm)") from None
    running = Machine(process)
    try:
        running.path = await _terminal(process)
        yield running
    finally:
        await running.stop()


def _ends_with_us() -> Callable[[], object] | None:
    """Return the set-up of the new process before it becomes QEMU: it ends when this process is killed."""
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
    """Return the path of the pseudo-terminal, which QEMU prints first."""
    output = b""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_S):
            while chunk := await process.stdout.read(_CHUNK):
                output += chunk
                if found := _REDIRECTED.search(output):
                    return found[1].decode()
    except TimeoutError:
        raise QemuError(f"{QEMU} did not name its pseudo-terminal within {_START_S:g} s") from None
    raise QemuError(f"{QEMU} did not start: {_last_line(output)}")


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it printed nothing"
