"""What was measured, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

import numpy as np

from benchmarks.streams.cases import MIXED, Knowledge
from benchmarks.streams.scoring import Score
from benchmarks.streams.experiment import (
    DECODER,
    MAJORITY,
    WAYS,
    Measured,
)

Report = dict[str, Any]

ROWS: Final = {
    "known wearer, nothing told": ("nothing", False, False),
    "known wearer, her profile": ("profile", False, False),
    "new wearer, nothing told": ("nothing", True, False),
    "new wearer, 1 example a letter": ("one", True, False),
    "new wearer, 3 examples a letter": ("three", True, False),
    "new wearer, guided": ("guided", True, False),
    "new wearer, ways mixed, 1 a letter": ("one", True, True),
    "new wearer, ways mixed, 3 a letter": ("three", True, True),
    "new wearer, ways mixed, guided": ("guided", True, True),
}
"""Title: what is known, whether she is new, whether she mixes her ways of holding the letters."""

COLUMNS: Final = {
    "letter_error_rate": "letter errors, %",
    "later_letter_error_rate": "after a minute, %",
    "false_per_minute": "false letters a minute",
    "delay_median_ms": "delay, median ms",
    "delay_p95_ms": "95 % ms",
    "calibration_error_begins": "calibration error of letters, %",
    "calibration_error_windows": "of windows, %",
    "character_error_rate": "character errors, %",
    "letters": "letters",
    "examples": "examples given",
}

GOALS: Final = (
    ("letter error rate, held-out bends, known wearer, %", "known wearer, her profile", "letter_error_rate", 8, 3),
    ("new wearer, 1 example a letter, %", "new wearer, 1 example a letter", "letter_error_rate", 18, 6),
    ("new wearer, 3 a letter, %", "new wearer, 3 examples a letter", "letter_error_rate", 9, 2),
    ("false letters a minute, known wearer", "known wearer, her profile", "false_per_minute", 1, 0.3),
    ("the same, new wearer, 3 a letter", "new wearer, 3 examples a letter", "false_per_minute", 1, 0.3),
    ("time to letter, median, ms", "known wearer, her profile", "delay_median_ms", 300, 200),
    ("time to letter, 95 %, ms", "known wearer, her profile", "delay_p95_ms", 600, 400),
    ("calibration error, known wearer, %", "known wearer, her profile", "calibration_error_begins", 4, 2),
    ("the same, new wearer, 3 a letter", "new wearer, 3 examples a letter", "calibration_error_begins", 4, 2),
)
"""What it is, the row and the column where it is found, must and moonshot; at all rates together."""


def make_report(measured: Sequence[Measured], command: str, revision: str) -> Report:
    """`rows[title][way][rate or "all"]` are figures; `cases` has the letter error rate of each by the decoder."""
    rates = sorted({each.rate_hz for each in measured})
    rows: Report = {}
    for title, found in ROWS.items():
        of_row = [each for each in measured if _row(each) == found]
        if not of_row:
            continue
        rows[title] = {
            way: {
                name: _figures([each for each in of_row if each.way == way and each.rate_hz in taken])
                for name, taken in {"all": set(rates), **{f"{rate:g}": {rate} for rate in rates}}.items()
            }
            for way in WAYS
        }
    return {"command": command, "revision": revision, "rows": rows, "cases": _by_case(measured)}


def page(report: Report) -> str:
    """The report as Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _row(each: Measured) -> tuple[str, bool, bool]:
    return each.knowledge, each.case.is_new_wearer, each.case.bend == MIXED


def _figures(alike: Sequence[Measured]) -> dict[str, float | None]:
    examples = float(np.mean([each.examples for each in alike]))
    return Score.total(each.score for each in alike).figures() | {"examples": round(examples, 1)}


def _by_case(measured: Sequence[Measured]) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for each in measured:
        alike = [
            other.score
            for other in measured
            if (other.case, other.knowledge, other.way) == (each.case, each.knowledge, DECODER)
        ]
        found.setdefault(each.case.title, {})[each.knowledge] = Score.total(alike).figures()["letter_error_rate"]
    return found


def _lines(report: Report) -> Iterator[str]:
    rows = report["rows"]
    yield from ("# Letters from continuous signing", "", _INTRODUCTION, "", f"    {report['command']}", "")
    yield from (f"Made at revision {report['revision']}. All rates together; the decoder with all its defaults.", "")
    yield from ("## Against the goals", "", "| | measured | must | moonshot | |", "|---|---|---|---|---|")
    for title, row, column, must, moonshot in GOALS:
        if row in rows and (figure := rows[row][DECODER]["all"][column]) is not None:
            yield f"| {title} | {figure:g} | {must} | {moonshot} | {_verdict(figure, must, moonshot)} |"
    for way in WAYS:
        yield from ("", f"## By the {way}", "", *_table(rows, way, "all"))
    for rate in [name for name in next(iter(rows.values()))[DECODER] if name != "all"]:
        yield from ("", f"## By the decoder at {rate} Hz", "", *_table(rows, DECODER, rate))
    yield from ("", "## Letter errors by wearer and way of holding, decoder, %", "")
    yield from ("| | nothing told | profile | 1 a letter | 3 a letter | guided |", "|---|---|---|---|---|---|")
    for title, figures in report["cases"].items():
        cells = (_cell(figures.get(knowledge)) for knowledge in get_args(Knowledge))
        yield f"| {title} | {' | '.join(cells)} |"
    yield from ("", _MAKING)


def _table(rows: Report, way: str, rate: str) -> Iterator[str]:
    yield f"| | {' | '.join(COLUMNS.values())} |"
    yield f"|{'---|' * (len(COLUMNS) + 1)}"
    for title, ways in rows.items():
        yield f"| {title} | {' | '.join(_cell(ways[way][rate][column]) for column in COLUMNS)} |"


def _cell(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:g}"


def _verdict(figure: float, must: float, moonshot: float) -> str:
    if figure <= moonshot:
        return "met, moonshot met"
    missed = f"moonshot missed by {figure - moonshot:.3g}"
    return f"met, {missed}" if figure <= must else f"missed by {figure - must:.3g}, {missed}"


_INTRODUCTION: Final = """\
Words and sentences of common Korean, signed in one go. The letters are recorded; **all that lies between them is made
up**: no recording of continuous signing exists for this glove. What is signed was never heard by the network that
listens. The decoder's constants were chosen on streams made in the same way from the same recordings, since there are
no others: expect a third collection to be somewhat worse."""

_MAKING: Final = f"""\
## How the streams are made

`benchmarks/streams/` makes them, from chance that is the same every time.

- **Who signs.** A *known wearer* is a collection; what she signs is of one way of holding the letters (bend type) that
  was left out of training altogether. *Her profile* has three episodes of each letter from her other ways. A *new
  wearer* is a collection that was left out; she signs in one of her ways, or mixes them, another one for each letter.
  Her examples are drawn from all of her ways, from one half of her episodes; streams are cut from the other half.
  *Guided*, she gives those that `models/adaptation/example_selection.py` asks for until it has enough
  (docs/calibration.md), each time in
  another way.
- **Letters** are cuts of one episode each, 0.4 to 1.5 s long, drawn anew each time. A slow sway is added (1.5 counts,
  0.6 degrees), since people hold stiller when they record.
- **Movements** of 0.2 to 0.6 s between the shapes, with the speed of a minimum-jerk movement (Flash and Hogan, 1985),
  angles along the short way. Between two equal letters the hand opens to another shape for 0.1 to 0.25 s.
- **Rests** of 1.5 to 3 s between words and 1.5 to 5 s between phrases: relaxed in the midst of all letters (40 %), the
  arm hanging down (20 %), still in a shape halfway between two letters (15 %), wandering from one such shape to the
  next without a halt (25 %). With a profile or examples go two windows of rest, relaxed and hanging down; the others
  are never shown.
- **Sensors**: frames at 30, 50 and 100 Hz with 10 % jitter; three times a minute a flex sensor reads 0 for 20 to 200
  ms; 0.5 % of the frames are lost; noise as recorded.

## How they are judged

- *Letter errors*: Levenshtein distance between the letters begun and those signed, over those signed. The time before
  self-calibration has learned anything is in it; *after a minute* it is not.
- *False letters*: begun during rest or movement, by minute of these; not counted are letters begun up to 250 ms before
  their own hold or up to 200 ms after it.
- *Delay*: from the begin of a hold to that of its letter, of letters that were heard right, in device time. Predictions
  come every 100 ms.
- *Calibration error*: of the confidence of each letter begun, and of each window in the midst of a hold, in 15 bins.
- *Character errors*: Levenshtein distance between the text composed and that signed, without spaces, over the latter.
- *{MAJORITY}*: a letter begins when most of the newest five predictions name it with a confidence of 0.6 or more. With
  nothing told these are the network's own; with examples they are those that the decoder gets.
"""
