"""Commands as their user types them: exit status, output, and one line when something is wrong."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from scaleglove.cli import main
from scaleglove.letters import LETTERS


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("data", "check", folder)` is the command `scaleglove data check FOLDER`, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def scaleglove(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["scaleglove", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, *capsys.readouterr())

    return scaleglove


@pytest.fixture
def few(recordings_root: Path, tmp_path: Path) -> Path:
    """Three letters, two bends, two collections, two episodes of each."""
    folder = tmp_path / "few"
    for collection in ("collection_a", "collection_b"):
        for letter in LETTERS[:3]:
            for bend in ("1", "2"):
                target = folder / collection / letter / bend
                target.mkdir(parents=True)
                for source in sorted((recordings_root / collection / letter / bend).glob("*.csv"))[:2]:
                    shutil.copy(source, target)
    return folder
