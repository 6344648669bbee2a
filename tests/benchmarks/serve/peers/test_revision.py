from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.serve.peers.revision import Revision, RevisionError
from tests.conftest import ROOT


def test_a_checkout_is_named_by_its_commit() -> None:
    if not (ROOT / ".venv").is_dir():
        pytest.skip("this checkout has no environment of its own")
    revision = Revision.of(ROOT)
    assert revision.folder == ROOT
    assert revision.python == ROOT / ".venv" / "bin" / "python"
    assert revision.name


def test_a_folder_without_an_environment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match=r"no \.venv"):
        Revision.of(tmp_path)


def test_an_environment_with_the_package_of_another_folder_is_refused(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    with pytest.raises(RevisionError, match="has the package from"):
        Revision.of(tmp_path)


def test_an_environment_that_does_not_run_is_refused(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)
    with pytest.raises(RevisionError, match="failed"):
        Revision.of(tmp_path)
