"""Trial of a model in a process of its own, with bounds on time and memory.

A graph that is not one of this project's may take any time and memory, or find a fault of ONNX Runtime: it then ends
the trial and not the service.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from models.runtime.artefact import Artefact, ArtefactError

if sys.platform != "win32":
    import resource

_MAX_S: Final = 60
"""A shipped artefact takes 0.1 s, and the imports a second; on a machine that is busy or slow ten times as much."""

_MAX_BYTES: Final = 4 * 1024**3
"""Of addresses, of which ONNX Runtime takes a good part without using them."""

_REFUSED: Final = 3
"""Exit status of a trial that has found a fault, which it has printed."""


def try_out(data: bytes, path: Path) -> None:
    """Load the bytes of the file at `path` as an artefact, in a process of its own.

    Raises:
        ArtefactError: they are none, or took the process with them.
    """
    # -P: a `models.py` in the working directory must not hide the installed package.
    command = [sys.executable, "-P", "-m", __name__, str(path)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_MAX_S, check=False)
    except subprocess.TimeoutExpired:
        raise ArtefactError(f"{path}: takes more than {_MAX_S} s to load and to run once") from None
    except OSError as error:
        raise ArtefactError(f"{path}: cannot be tried: {error.strerror}") from None
    if done.returncode == _REFUSED:
        raise ArtefactError(done.stdout.decode(errors="replace").strip())
    if done.returncode:
        raise ArtefactError(f"{path}: ended the process that tried it ({_cause(done.returncode)})")


def _cause(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _limit_memory() -> None:
    if sys.platform != "win32":
        with suppress(OSError, ValueError):  # a lower limit is set already
            resource.setrlimit(resource.RLIMIT_AS, (_MAX_BYTES, _MAX_BYTES))


def main() -> int:
    """Load the artefact on standard input; print what is wrong with it."""
    _limit_memory()
    try:
        Artefact.of(sys.stdin.buffer.read(), Path(sys.argv[1]))
    except ArtefactError as error:
        sys.stdout.buffer.write(str(error).encode(errors="replace"))
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
