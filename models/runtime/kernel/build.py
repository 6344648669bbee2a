"""Build of the kernel, one library for each instruction set: `python -m models.runtime.kernel.build`."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
SOURCES: Final = ("bounds", "frames", "kernel", "processor", "product", "recurrence", "towers")

_FLAGS: Final = (
    *("-std=gnu11", "-O3", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra"),
    # errno and floating-point traps are not used, and would prevent vectorisation.
    *("-fno-math-errno", "-fno-trapping-math"),
)
_UNFUSED: Final = {"frames": ("-ffp-contract=off",)}
"""Extra flags by source; see frames.c."""

_X86_64: Final = {
    "avx512": ("-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mfma", "-mprefer-vector-width=512"),
    "avx2": ("-mavx2", "-mfma"),
}
BASELINE: Final = "baseline"
_TIMEOUT_S: Final = 120


class BuildError(Exception):
    """Raised if the kernel cannot be compiled; the text says why."""


def library(variant: str, folder: Path = FOLDER) -> Path:
    """Return the path of the library of a variant."""
    return folder / f"_kernel_{variant}.so"


def variants() -> tuple[str, ...]:
    """Return the variants for this architecture, the fastest first; the processor may not run all of them."""
    x86_64 = platform.machine().lower() in {"x86_64", "amd64"}
    return (*(_X86_64 if x86_64 else ()), BASELINE)


def find_compiler() -> str | None:
    """Return the compiler that `CC` names, or the first installed one of cc, gcc and clang."""
    names = (os.environ["CC"],) if os.environ.get("CC") else ("cc", "gcc", "clang")
    return next((path for path in map(shutil.which, names) if path), None)


def build(folder: Path = FOLDER, only: Sequence[str] | None = None, extra: tuple[str, ...] = ()) -> list[Path]:
    """Compile every variant, or `only` some, into `folder`, with `extra` flags, and replace each library atomically.

    Raises:
        BuildError: there is no compiler, or it failed.
    """
    compiler = find_compiler()
    if compiler is None:
        raise BuildError("no C compiler (cc, gcc or clang; CC may name another)")
    return [_build_variant(compiler, variant, folder, extra) for variant in only or variants()]


def _build_variant(compiler: str, variant: str, folder: Path, extra: tuple[str, ...]) -> Path:
    flags = (*_FLAGS, *_X86_64.get(variant, ()), *extra)
    target = library(variant, folder)
    # In the same folder, so that the library is replaced atomically.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as draft:
        objects = []
        for name in SOURCES:
            objects.append(str(Path(draft) / f"{name}.o"))
            source = str(FOLDER / f"{name}.c")
            _run(compiler, *flags, *_UNFUSED.get(name, ()), "-c", source, "-o", objects[-1])
        made = Path(draft) / target.name
        _run(compiler, *extra, "-shared", *objects, "-lm", "-o", str(made))
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


def main() -> int:
    """Build all variants and print their names."""
    try:
        for path in build():
            sys.stdout.write(f"{path.name}\n")
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
