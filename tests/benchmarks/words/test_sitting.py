"""The table of sittings, and what is refused."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.words.sitting import Row, main, table
from benchmarks.words.streams import Row as Errors


def test_a_sitting_is_a_row() -> None:
    row = Row(9, 41, 72.4, 38, 35, 23, Errors("c", 1, True, (12.5, 10.0, 8.25), (7.0, 5.5, 4.0)))
    assert "| c | 9 | 41 | 72 | 38 | 35 | 23 | on | 12.5 | 10.0 | 8.25 | 7.0 | 5.5 | 4.0 |" in table([row])
    assert len({line.count("|") for line in table([row]).splitlines()}) == 1


def test_a_stream_that_is_too_short_to_compare_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["folder", "--networks", "networks", "--words", "10"])
    assert "--words: at least 100, got 10" in capsys.readouterr().err
