"""Report of delays, losses and goals."""

from __future__ import annotations

from benchmarks.link.delay import Passage, Way
from benchmarks.link.link_report import Report, codec_rows, delay_rows, page, remarks

DIRECT = Passage(Way.DIRECT, 1000, 3, [1.0, 1.5, 2.0])
BINARY = Passage(Way.BINARY, 1000, 4, [5.0, 6.0, 7.0], 0.25)
CODEC = {Way.TEXT: 1.5e6, Way.BINARY: 3e6}


def test_a_way_is_compared_with_the_direct_one() -> None:
    rows = delay_rows([DIRECT, BINARY])
    assert rows[1] == ["1000", "direct", "3", "0", "1.50", "1.99", "–", "–"]
    assert rows[2] == ["1000", "binary", "4", "1", "6.00", "6.98", "4.50", "25.0%"]


def test_without_a_direct_way_nothing_is_compared() -> None:
    assert delay_rows([BINARY])[1][6] == "–"


def test_goals_are_met_or_missed() -> None:
    assert [row[3] for row in codec_rows(CODEC)[1:]] == ["missed by 25%", "met"]
    notes = remarks(Report("scaleglove bench link", 0.2, [DIRECT, BINARY], CODEC))
    assert notes[0] == "bridge at 1,000 Hz of binary frames: 25.0% of a core, goal 20%: missed by 25%"
    assert notes[1].startswith("other programs took 20% of the cores")


def test_the_page_names_its_command() -> None:
    text = "\n".join(page(Report("scaleglove bench link --seconds 1", 0.0, [DIRECT, BINARY], CODEC)))
    assert "Made by `scaleglove bench link --seconds 1`" in text
    assert "| 1000 | binary | 4 | 1 | 6.00 | 6.98 | 4.50 | 25.0% |" in text
    assert all(len(line) <= 120 for line in text.splitlines() if not line.startswith("Made by"))
