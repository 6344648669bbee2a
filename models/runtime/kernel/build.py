"""Build of the kernel, one library for each instruction set."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scaleglove.native.compiler import compile_library

FOLDER: Final = Path(__file__).parent
SOURCES: Final = ("bounds", "frames", "kernel", "processor", "product", "recurrence", "towers")

_UNFUSED: Final = {"frames": ("-ffp-contract=off",)}
"""Extra flags by source; see frames.c."""

_X86_64: Final = {
    "avx512": ("-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw", "-mfma", "-mprefer-vector-width=512"),
    "avx2": ("-mavx2", "-mfma"),
}
BASELINE: Final = "baseline"


def library(variant: str, folder: Path = FOLDER) -> Path:
    """Return the path of the library of a variant."""
    return folder / f"_kernel_{variant}.so"


def variants() -> tuple[str, ...]:
    """Return the variants for this architecture, the fastest first; the processor may not run all of them."""
    x86_64 = platform.machine().lower() in {"x86_64", "amd64"}
    return (*(_X86_64 if x86_64 else ()), BASELINE)


def build(folder: Path = FOLDER, only: Sequence[str] | None = None, extra: tuple[str, ...] = ()) -> list[Path]:
    """Compile every variant, or `only` some, into `folder`, with `extra` flags, and replace each library atomically.

    Raises:
        BuildError: there is no compiler, or it failed.
    """
    sources = [FOLDER / f"{name}.c" for name in SOURCES]
    return [
        compile_library(library(variant, folder), sources, (*_X86_64.get(variant, ()), *extra), _UNFUSED)
        for variant in only or variants()
    ]
