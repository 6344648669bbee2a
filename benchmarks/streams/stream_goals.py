"""Goals of the stream benchmark: the figure that must be reached, of which row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of a row, with everything on, and what it must be at most; `of_off`: in percent of the same figure with
    words off."""

    title: str
    row: str
    column: str
    required: float
    stretch: float
    of_off: bool = False


NOBODY, KNOWN, THREE = "nothing known", "known wearer, own profile", "3 examples of each letter"
GOALS: Final = (
    Goal("nothing known, as written, words 1 to 10, %", NOBODY, "written_first", 30, 15),
    Goal("the same, words 41 to 60", NOBODY, "written_after_50", 12, 5),
    Goal("the same, words 81 to 100", NOBODY, "written_after_100", 6, 2),
    Goal(
        "flex offsets, nothing known, words 81 to 100",
        "nothing known, flex offsets of 30 to 50 counts",
        "written_after_100",
        10,
        4,
    ),
    Goal("12 bits, nothing known, words 81 to 100", "nothing known, 12 bits", "written_after_100", 10, 4),
    Goal("after a sitting of one minute", "a sitting of one minute", "written_all", 8, 3),
    Goal("known wearer", KNOWN, "written_all", 4, 2),
    Goal("3 examples of each letter", THREE, "written_all", 3, 1.5),
    Goal("known wearer, syllables wrong", KNOWN, "syllables_wrong", 8, 4),
    Goal("nothing known, words in no list, % of the errors with words off", NOBODY, "written_unlisted", 100, 80, True),
    Goal("3 examples, the same", THREE, "written_unlisted", 100, 80, True),
    Goal("known wearer, time to letter, median, ms", KNOWN, "delay_median_ms", 284, 200),
    Goal("the same, 95 %, ms", KNOWN, "delay_p95_ms", 371, 350),
    Goal("known wearer, false positives per minute", KNOWN, "false_per_minute", 1, 0.3),
    Goal("3 examples, the same", THREE, "false_per_minute", 1, 0.3),
    Goal("known wearer, calibration error, %", KNOWN, "calibration_error_begins", 4, 2),
    Goal("3 examples, the same", THREE, "calibration_error_begins", 4, 2),
)
