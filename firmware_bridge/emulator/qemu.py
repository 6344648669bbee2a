"""An STM32F405 in QEMU that runs a firmware image, its serial port on a pseudo-terminal or a socket.

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
import tempfile
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
_ASK_STATUS: Final = b"info status\n"
_STATUS: Final = re.compile(rb"VM status: .*\n")
"""The reply of QEMU's monitor, which takes commands as soon as everything is set up, the serial port included."""

_START_S: Final = 20.0
_STOP_S: Final = 2.0
_CHUNK: Final = 4096


class QemuError(ScaleGloveError):
    """A missing QEMU, or an image that it does not run; the text says what to do or quotes QEMU."""


class Machine:
    """A board that is off until `switch_on`; `path` is the pseudo-terminal or the socket of its serial port."""

    def __init__(self, process: Process, path: str, output: bytes) -> None:
        self._process = process
        self._output = output  # what QEMU has printed behind the path
        self.path = path

    def switch_on(self) -> None:
        """Boot the board: a reader that has opened `path` before gets every byte."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"c\n")  # to QEMU's monitor

    async def wait(self) -> None:
        """Wait until the machine ends, which it never does by itself.

        Raises:
            QemuError: it has ended; the text quotes QEMU's last line.
        """
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(_CHUNK):
            self._output = (self._output + chunk)[-_CHUNK:]
        raise QemuError(f"{QEMU} ended: {_last_line(self._output)}")


@contextlib.asynccontextmanager
async def machine(image: Path, *, paced: bool = True) -> AsyncIterator[Machine]:
    """Run a board with this image (ELF) in its flash, until the block ends.

    Its time is the computer's. Without `paced`, an instruction takes 1 ns, sleep takes none, and a slow reader stops
    the board's time: nothing is ever late or lost, however busy the computer is. The serial port is a Unix socket then,
    since QEMU drops what a full pseudo-terminal does not take.

    Raises:
        QemuError: the file is no image, or QEMU is missing or does not start.
    """
    _check(image)
    arguments = ["-M", BOARD, "-display", "none", "-S", "-monitor", "stdio", "-kernel", str(image)]
    with tempfile.TemporaryDirectory() as folder:
        socket = None if paced else str(Path(folder, "serial"))
        arguments += ["-serial", "pty" if socket is None else f"unix:{socket},server=on,wait=off"]
        arguments += [] if paced else UNPACED
        try:
            # A session of its own: Ctrl-C reaches only this process, which then stops QEMU.
            process = await asyncio.create_subprocess_exec(
                QEMU, *arguments, stdin=PIPE, stdout=PIPE, stderr=STDOUT, start_new_session=True,
                preexec_fn=_ends_with_us(),
            )  # fmt: skip
        except FileNotFoundError:
            raise QemuError(f"{QEMU} is missing: install it (Debian: apt install qemu-system-arm)") from None
        try:
            terminal, output = await _ready(process)
            yield Machine(process, socket or terminal, output)
        finally:
            await _stop(process)


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


async def _stop(process: Process) -> None:
    """Switch the board off, and wait until QEMU has ended."""
    if process.returncode is not None:
        return
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(b"quit\n")
    try:
        await asyncio.wait_for(process.wait(), _STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _ready(process: Process) -> tuple[str, bytes]:
    """Return the path of the pseudo-terminal, empty without one, when QEMU is ready, and what it has printed since."""
    output = b""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(_ASK_STATUS)
    try:
        async with asyncio.timeout(_START_S):
            while chunk := await process.stdout.read(_CHUNK):
                output += chunk
                if ready := _STATUS.search(output):
                    terminal = _REDIRECTED.search(output)
                    return terminal[1].decode() if terminal else "", output[ready.end() :]
    except TimeoutError:
        raise QemuError(f"{QEMU} was not ready within {_START_S:g} s") from None
    raise QemuError(f"{QEMU} did not start: {_last_line(output)}")


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it printed nothing"
