"""Programs of this house started as processes of their own, and stopped again whatever happens."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

from scaleglove.errors import ScaleGloveError

_STOP_S = 6.0
"""The service takes up to 5 s to say goodbye to its streams."""


class StartError(ScaleGloveError):
    """A part that did not start or did not stay; what it had to say stands on stderr."""


@contextlib.contextmanager
def part(
    *arguments: str, stdout: int | None = subprocess.PIPE, stderr: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`python -m ARGUMENTS`, until the end of the block."""
    # -P: a `models.py` or `service/` in the working directory must not hide the installed packages.
    # A session of its own: Ctrl-C reaches only the parent, which then stops its parts in order.
    command = [sys.executable, "-P", "-m", *arguments]
    process = subprocess.Popen(command, stdout=stdout, stderr=stderr, text=True, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def first_line(process: subprocess.Popen[str], name: str) -> str:
    """What the part says once it is ready.

    Raises:
        StartError: it ended without a word.
    """
    output: IO[str] | None = process.stdout
    assert output is not None
    line = output.readline().strip()
    if not line:
        raise StartError(f"the {name} did not start")
    return line
