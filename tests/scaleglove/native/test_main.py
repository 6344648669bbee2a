"""The command that compiles all C in place."""

from __future__ import annotations

import pytest

from scaleglove.native.__main__ import main


def test_no_compiler_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    assert main() == 1
    assert "no C compiler" in capsys.readouterr().err
