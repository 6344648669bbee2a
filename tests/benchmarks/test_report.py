from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.report import (
    NOTHING,
    Figure,
    as_list,
    as_markdown,
    number,
    remark_on_others,
    reserve_page,
    write_page,
)

MORE = Figure("post", "POST 1 window, JSON", "requests/s", 500.0, 1200.0, 1400.0)
LESS = Figure("lone", "lone glove, p50", "ms", 1.2, 0.6, 0.8, higher_is_better=False)
NONE = Figure("workers", "two workers", "times", None, None, 1.9, note="there is no such setting")


def test_a_figure_knows_whether_its_goal_was_met() -> None:
    assert (MORE.met, MORE.verdict, MORE.ratio) == (False, "missed by 14%", pytest.approx(2.4))
    assert (LESS.met, LESS.verdict, LESS.ratio) == (True, "met", pytest.approx(2.0))
    assert (NONE.met, NONE.verdict, NONE.ratio) == (None, "not measured", None)


def test_numbers_have_about_three_digits() -> None:
    assert [number(value) for value in (None, 1234.5, 7.0, 0.12345)] == [NOTHING, "1,234", "7", "0.123"]


def test_a_table_and_remarks_are_markdown() -> None:
    assert list(as_markdown([["", "ms"], ["one", "2"]])) == ["|  | ms |", "|---|---|", "| one | 2 |"]
    assert as_list(["slow"]) == ["", "- slow"]
    assert as_list([]) == []


def test_a_busy_machine_is_remarked() -> None:
    assert remark_on_others(0.05) == []
    assert remark_on_others(0.2)[0].startswith("other programs took 20% of the cores")


def test_a_page_that_cannot_be_written_is_reported_before_the_measurement(tmp_path: Path) -> None:
    reserve_page(None)
    page = tmp_path / "folder" / "page.md"
    reserve_page(page)
    assert page.exists()
    write_page(page, ["# Title", "", "text"])
    assert page.read_text(encoding="utf-8") == "# Title\n\ntext\n"
    with pytest.raises(OSError, match="page"):
        reserve_page(page / "below.md")
