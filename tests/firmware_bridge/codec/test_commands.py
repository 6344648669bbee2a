"""Commands as lines, and what is refused."""

from __future__ import annotations

import math

import pytest

from firmware_bridge.codec.commands import CommandError, command_line, interval, set_format


@pytest.mark.parametrize(
    ("ms", "line"), [(20, "interval,20"), (1, "interval,1"), (1000.0, "interval,1000"), (33.3333, "interval,33.333")]
)
def test_an_interval_is_written_shortest(ms: float, line: str) -> None:
    assert interval(ms) == command_line("interval", ms) == line


@pytest.mark.parametrize("ms", [0, 0.999, 1000.001, -20, math.nan, math.inf])
def test_an_interval_has_bounds(ms: float) -> None:
    with pytest.raises(CommandError, match="1 to 1000 milliseconds"):
        interval(ms)


def test_the_others_take_nothing() -> None:
    assert [command_line(name) for name in ("recal", "yawzero", "header")] == ["recal", "yawzero", "header"]
    assert set_format("binary") == "format,binary"
    with pytest.raises(CommandError, match="takes no milliseconds"):
        command_line("recal", 20)
    with pytest.raises(CommandError, match="unknown command"):
        command_line("reboot\n")
    with pytest.raises(CommandError, match="milliseconds, not nan"):
        command_line("interval")


LABELS = ("ㄱ", "hello", "ㅏ")


def test_a_letter_is_shown_by_its_place_among_the_labels_of_the_hand() -> None:
    lines = [command_line("show", letter=label, labels=LABELS) for label in (*LABELS, "rest", None)]
    assert lines == [*(f"show,{place}" for place in range(len(LABELS))), "show,rest", "show,off"]
    for letter in ("가", "off", "3", ""):
        with pytest.raises(CommandError, match="neither one of the labels"):
            command_line("show", letter=letter, labels=LABELS)
    with pytest.raises(CommandError, match="takes no letter"):
        command_line("recal", letter="ㄱ")
    with pytest.raises(CommandError, match="takes no milliseconds"):
        command_line("show", 20)
