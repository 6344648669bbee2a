"""Pseudo-terminals as a glove's port."""

from __future__ import annotations

import os
import tty
from collections.abc import Iterator
from typing import IO

import pytest


@pytest.fixture
def pty() -> Iterator[tuple[IO[bytes], str]]:
    """Open a pseudo-terminal: the glove's end of a pseudo-terminal, and the path of the computer's end."""
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    os.close(slave)
    with os.fdopen(master, "r+b", buffering=0) as glove:
        yield glove, path
