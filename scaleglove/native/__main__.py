"""Compile all C of this project in place: `python -m scaleglove.native`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from scaleglove.native.compiler import BuildError

# As strings: this package is below those that it compiles.
_BUILDS: Final = (
    "models.adaptation.native",
    "models.runtime.kernel.build",
    "service.streams.native.build",
    "service.streams.words.native.build",
)
"""Modules with a `build` that returns the paths of what it compiled."""


def build_all() -> list[Path]:
    """Compile all libraries; return their paths.

    Raises:
        BuildError: there is no compiler, or it failed.
    """
    return [path for name in _BUILDS for path in import_module(name).build()]


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
