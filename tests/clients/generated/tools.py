"""Tools that `make generators` installs into the environment of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deadlines import RUN_S

MODULES = Path(sys.prefix) / "node" / "node_modules"
"""Folder of the npm packages."""

PYTHON = Path(sys.prefix) / "openapi-python-client" / "bin"
"""Folder of the programs of the generator of Python clients."""


def require(tool: Path) -> str:
    """Return the path of a tool; skip the test where `make generators` has not installed it."""
    if not tool.exists():
        pytest.skip(f"no {tool.name}: run make generators, which needs npm and its registry")
    return str(tool)


def npm_tool(name: str) -> list[str]:
    """Return the command of a program of an npm package."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node: install it (apt install nodejs)")
    return [node, require(MODULES / ".bin" / name)]


def run(command: list[str], folder: Path) -> str:
    """Run a command in a folder and return its output; fail with the output where the command fails."""
    paths = f"{PYTHON}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": paths},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
