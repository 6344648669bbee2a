"""A library of C functions beside the Python package that it computes the same as."""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from scaleglove.native.compiler import compile_library

Prototype = tuple[Any, tuple[Any, ...]]
"""What a function returns, and its arguments, as types of ctypes."""

SWITCH: Final = "SCALEGLOVE_NATIVE"
OFF: Final = "off"
"""With the environment variable SWITCH set to this, no library is loaded and the Python forms run, as where there is no
compiler: for measurements and tests. The kernel has a setting of its own, SCALEGLOVE_ACCELERATOR."""

_BUILD: Final = "python -m scaleglove.native"

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NativeLibrary:
    """The C sources in a package's folder, compiled in place.

    They are compiled without fused products and for any processor of the machine's kind, so that a figure does not
    depend on where it was computed.
    """

    folder: Path
    functions: Mapping[str, Prototype]
    keeps_lock: bool = False
    """Whether its functions keep the interpreter's lock: they take microseconds, and a thread that is handed the lock
    may keep it for milliseconds."""

    @property
    def sources(self) -> Sequence[Path]:
        return sorted(self.folder.glob("*.c"))

    @property
    def path(self) -> Path:
        """Return where the library is, whether or not it is compiled. Its name tells of which sources it is: one of
        other sources is never loaded."""
        texts = b"\0".join(path.read_bytes() for path in sorted(self.folder.glob("*.[ch]")))
        return self.folder / f"_native_{sha256(texts).hexdigest()[:12]}.so"

    def build(self, flags: Sequence[str] = (), into: Path | None = None) -> Path:
        """Compile it, by default beside its sources, in place of earlier ones.

        Raises:
            BuildError: there is no compiler, or it failed.
        """
        target = (into or self.folder) / self.path.name
        made = compile_library(target, self.sources, ("-ffp-contract=off", *flags))
        for other in target.parent.glob("_native_*.so"):
            if other != made:
                other.unlink(missing_ok=True)  # another build may be at it
        return made

    def load(self, folder: Path | None = None) -> ctypes.CDLL | None:
        """Load it; None: it is not compiled here, cannot be loaded, or SWITCH is OFF, and its reference has to run."""
        if os.environ.get(SWITCH) == OFF:
            return None
        path = (folder or self.folder) / self.path.name
        if not path.is_file():
            if any(path.parent.glob("_native_*.so")):
                _LOG.warning("the C sources in %s have changed since they were compiled: %s", self.folder, _BUILD)
            return None
        try:
            library = (ctypes.PyDLL if self.keeps_lock else ctypes.CDLL)(str(path))
            for name, (returned, arguments) in self.functions.items():
                function = getattr(library, name)
                function.restype, function.argtypes = returned, arguments
        except (OSError, AttributeError) as error:
            _LOG.warning("%s cannot be loaded, build it again with %s: %s", path.name, _BUILD, error)
            return None
        return library
