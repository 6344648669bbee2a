"""Child processes of tests, which end with the test that starts them, however that ends."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from inspect import signature
from os import PathLike
from pathlib import Path
from typing import Any, Final

from tests.command_server import MOST_BYTES
from tests.deadlines import RUN_S

_ROOT: Final = Path(__file__).resolve().parent.parent
_PR_SET_CHILD_SUBREAPER: Final = 36
_PIPE_ENDS: Final = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")


@contextmanager
def started(command: Sequence[str | PathLike[str]], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a process, wait for its end at the end of the block, and kill it where the test fails before."""
    with subprocess.Popen(command, text=True, **options) as process, _killed_on_failure(process):
        yield process


@contextmanager
def started_command(*arguments: str | PathLike[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Do the same for `scaleglove` with these arguments; `options` are those of Popen."""
    with Command(*arguments, **options) as process, _killed_on_failure(process):
        yield process


def run_command(*arguments: str | PathLike[str], input: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `scaleglove` with these arguments to its end, and return its status and what it wrote."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with started_command(*arguments, **pipes, **options) as process:
        written = process.communicate(input, timeout=RUN_S)
    return subprocess.CompletedProcess(process.args, process.returncode, *written)


@contextmanager
def _killed_on_failure(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        process.kill()
        raise


class Command(subprocess.Popen[str]):
    """A `scaleglove` command, forked by the command server (tests/command_server.py) where that is possible."""

    def __init__(self, *arguments: str | PathLike[str], **options: Any) -> None:
        self._arguments = [*map(str, arguments)]
        super().__init__([sys.executable, "-m", "scaleglove", *self._arguments], text=True, **options)

    if sys.platform == "linux":

        def _execute_child(self, *given: Any) -> None:
            """Have it forked, in place of what starts a process; the rest, from pipes to exit status, is Popen's. What
            is given is found by its names in CPython, so that another order changes nothing."""
            named = signature(subprocess.Popen._execute_child).bind(self, *given).arguments  # type: ignore[attr-defined]
            folder, environment = named["cwd"], named["env"]
            to_child, from_child, errors = named["p2cread"], named["c2pwrite"], named["errwrite"]
            order = {
                "arguments": self._arguments,
                "environment": dict(os.environ if environment is None else environment),
                "folder": os.fspath(folder or Path.cwd()),
                "start_new_session": bool(named["start_new_session"]),
            }
            streams = [
                own if of_child == -1 else of_child for own, of_child in enumerate((to_child, from_child, errors))
            ]
            try:
                self.pid = _command_server().fork(order, streams)
            finally:
                self._close_pipe_fds(*map(named.get, _PIPE_ENDS))  # type: ignore[attr-defined]
            self._child_created = True


class _CommandServer:
    """The tests' end of the command server."""

    def __init__(self) -> None:
        # A command whose parent ends becomes a child of this process, and not of the system's first one.
        if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.command_server", str(theirs.fileno())]
            self._process = subprocess.Popen(command, cwd=_ROOT, pass_fds=[theirs.fileno()])
        self.pid = self._process.pid
        self._turn = threading.Lock()

    def fork(self, order: Mapping[str, Any], streams: Sequence[int]) -> int:
        """Return the process id of a command, a child of this process."""
        written = json.dumps(order).encode()
        assert len(written) <= MOST_BYTES
        with self._turn:
            socket.send_fds(self._orders, [written], streams)
            return int(self._orders.recv(32))

    def stop(self) -> None:
        self._orders.close()
        self._process.wait()


@cache
def _command_server() -> _CommandServer:
    return _CommandServer()


def command_server_pid() -> int | None:
    """Return the process id of the command server, which stays until the tests are done; None before the first one."""
    return _command_server().pid if _command_server.cache_info().currsize else None


def stop_command_server() -> None:
    """End the command server, if there is one."""
    if _command_server.cache_info().currsize:
        _command_server().stop()
        _command_server.cache_clear()
