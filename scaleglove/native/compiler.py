"""The C compiler of this machine, and shared libraries made with it. Standard library alone: an install uses it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

FLAGS: Final = (
    *("-std=gnu11", "-O3", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra"),
    # errno and floating-point traps are not used, and would prevent vectorisation.
    *("-fno-math-errno", "-fno-trapping-math"),
)

_TIMEOUT_S: Final = 120


class BuildError(Exception):
    """Raised if C sources cannot be compiled; the text says why."""


def find_compiler() -> str | None:
    """Return the compiler that `CC` names, or the first installed one of cc, gcc and clang."""
    names = (os.environ["CC"],) if os.environ.get("CC") else ("cc", "gcc", "clang")
    return next((path for path in map(shutil.which, names) if path), None)


def compile_library(
    target: Path, sources: Sequence[Path], flags: Sequence[str] = (), unlike: Mapping[str, Sequence[str]] | None = None
) -> Path:
    """Compile sources into the shared library `target`, which is replaced atomically; return it.

    Args:
        target: to write.
        sources: in C.
        flags: beside FLAGS, of compiler and linker.
        unlike: further flags of single sources, by their stem.

    Raises:
        BuildError: there is no compiler, or it failed.
    """
    compiler = find_compiler()
    if compiler is None:
        raise BuildError("no C compiler (cc, gcc or clang; CC may name another)")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as draft:  # the same file system
        objects = []
        for source in sources:
            objects.append(str(Path(draft) / f"{source.stem}.o"))
            own = (unlike or {}).get(source.stem, ())
            _run(compiler, *FLAGS, *flags, *own, "-c", str(source), "-o", objects[-1])
        made = Path(draft) / target.name
        _run(compiler, *flags, "-shared", *objects, "-lm", "-o", str(made))
        made.replace(target)
    return target


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"{command[0]} does not run: {error}") from None
    if done.returncode:
        errors = done.stderr.strip().splitlines()
        raise BuildError(f"{' '.join(command)}: {errors[0] if errors else f'exit status {done.returncode}'}")
