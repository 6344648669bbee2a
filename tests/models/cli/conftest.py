"""Commands as their user types them: exit status, output, and one line when something is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scaleglove.letters import LETTERS
from tests.commands import Run, runner


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function: `run("data", "check", folder)` runs `scaleglove data check FOLDER` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capsys)


@pytest.fixture
def few(recordings_root: Path, tmp_path: Path) -> Path:
    """Copy three letters, two bends, two collections, two episodes of each."""
    folder = tmp_path / "few"
    for collection in ("collection_a", "collection_b"):
        for letter in LETTERS[:3]:
            for bend in ("1", "2"):
                target = folder / collection / letter / bend
                target.mkdir(parents=True)
                for source in sorted((recordings_root / collection / letter / bend).glob("*.csv"))[:2]:
                    shutil.copy(source, target)
    return folder
