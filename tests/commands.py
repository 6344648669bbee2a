"""The `scaleglove` command in the test's own process: a process of its own takes a second to import everything."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from scaleglove.cli import main


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


def runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function: `run("data", "check", folder)` is the command `scaleglove data check FOLDER`."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["scaleglove", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, *capsys.readouterr())

    return run
