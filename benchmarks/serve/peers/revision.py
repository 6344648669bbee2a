"""Another revision of this project: a checkout with its own environment, whose service is measured beside this one."""

from __future__ import annotations

import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from benchmarks.serve.server import SERVE, Server, running
from scaleglove.errors import ScaleGloveError

_TIMEOUT_S: Final = 60.0


class RevisionError(ScaleGloveError):
    """Raised if a folder is no checkout that can be run; the text says why."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A folder, what it is a checkout of, and its interpreter."""

    folder: Path
    name: str
    python: Path

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return the revision in a folder, of whose environment the package is installed from the folder itself.

        Raises:
            RevisionError: there is no such environment, or it has the package from elsewhere.
        """
        folder = folder.resolve()
        python = folder / ".venv" / "bin" / "python"
        if not python.is_file():
            raise RevisionError(f"{folder} has no .venv/bin/python: run `make check` there first")
        installed = _output(str(python), "-P", "-c", "import scaleglove; print(scaleglove.__path__[0])")
        if Path(installed).parent != folder:
            raise RevisionError(f"{python} has the package from {installed}, not from {folder}")
        return cls(folder, _output("git", "-C", str(folder), "describe", "--always", "--dirty"), python)

    def service(self, name: str, model: str, cores: frozenset[int]) -> AbstractContextManager[Server]:
        """Run its service with its own models."""
        return running(name, cores, *SERVE, "--model", model, python=self.python)


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise RevisionError(f"{command[0]} failed: {error}") from None
    return done.stdout.strip()
