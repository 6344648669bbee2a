"""Programs of the project run as child processes, and stopped whatever happens."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from scaleglove.errors import ScaleGloveError

_STOP_S = 6.0
"""The service takes up to 5 s to close its streams."""


class StartError(ScaleGloveError):
    """A child process did not start or ended by itself; its own error is on stderr."""


@contextlib.contextmanager
def run_child(
    *arguments: str,
    stdout: int | None = subprocess.PIPE,
    stderr: int | None = None,
    python: str | Path = sys.executable,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m ARGUMENTS` until the end of the block.

    Args:
        arguments: of Python, a module first.
        stdout: as of `subprocess.Popen`; by default it can be read.
        stderr: as of `subprocess.Popen`; by default it is this process's.
        python: the interpreter, by default this one.
        environment: variables beside those of this process.
    """
    # -P: a `models.py` or `service/` in the working directory must not hide the installed packages.
    # A new session: Ctrl-C reaches only the parent, which then stops its children in order.
    command = [str(python), "-P", "-m", *arguments]
    variables = os.environ | (environment or {})
    process = subprocess.Popen(command, stdout=stdout, stderr=stderr, text=True, start_new_session=True, env=variables)
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


def read_first_line(process: subprocess.Popen[str], name: str) -> str:
    """Return the first line that the child prints, which it does once it is ready.

    Raises:
        StartError: it ended without printing one; the text has its `name`.
    """
    output: IO[str] | None = process.stdout
    assert output is not None
    line = output.readline().strip()
    if not line:
        raise StartError(f"the {name} did not start")
    return line
