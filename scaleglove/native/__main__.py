"""Compile all C of this project in place: `python -m scaleglove.native`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from scaleglove.native.compiler import BuildError
from scaleglove.native.library import NativeLibrary

# As strings: this package is below those that it compiles.
_LIBRARIES: Final = ("models.adaptation.native", "service.streams.native.build", "service.streams.words.native.build")
"""Modules whose LIBRARY is compiled."""
_KERNEL: Final = "models.runtime.kernel.build"
"""The kernel has a library for each instruction set."""


def build_all() -> list[Path]:
    """Compile all libraries; return their paths.

    Raises:
        BuildError: there is no compiler, or it failed.
    """
    libraries: list[NativeLibrary] = [import_module(name).LIBRARY for name in _LIBRARIES]
    return [*import_module(_KERNEL).build(), *(library.build() for library in libraries)]


def main() -> int:
    """Compile all libraries and print their names."""
    try:
        for path in build_all():
            sys.stdout.write(f"{path.name}\n")
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
