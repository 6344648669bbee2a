"""Report of `scaleglove evaluate --protocol stream`, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

import numpy as np

from benchmarks.report import NOTHING, as_markdown
from benchmarks.streams.cases import MIXED, Knowledge
from benchmarks.streams.experiment import DECODER, MAJORITY, WAYS, Measured
from benchmarks.streams.scoring import Score

Report = dict[str, Any]

ROWS: Final = {
    "known wearer, no examples": ("nothing", False, False),
    "known wearer, own profile": ("profile", False, False),
    "new wearer, no examples": ("nothing", True, False),
    "new wearer, 1 example per letter": ("one", True, False),
    "new wearer, 3 examples per letter": ("three", True, False),
    "new wearer, guided": ("guided", True, False),
    "new wearer, styles mixed, 1 per letter": ("one", True, True),
    "new wearer, styles mixed, 3 per letter": ("three", True, True),
    "new wearer, styles mixed, guided": ("guided", True, True),
}
"""Title: knowledge of the wearer, whether the wearer is new, whether their styles are mixed."""

COLUMNS: Final = {
    "letter_error_rate": "letter errors, %",
    "later_letter_error_rate": "after a minute, %",
    "false_per_minute": "false positives per minute",
    "delay_median_ms": "delay, median ms",
    "delay_p95_ms": "95 % ms",
    "calibration_error_begins": "calibration error of letters, %",
    "calibration_error_windows": "of windows, %",
    "character_error_rate": "character errors, %",
    "letters": "letters",
    "examples": "examples given",
}

GOALS: Final = (
    ("letter error rate, held-out styles, known wearer, %", "known wearer, own profile", "letter_error_rate", 8, 3),
    ("new wearer, 1 example per letter, %", "new wearer, 1 example per letter", "letter_error_rate", 18, 6),
    ("new wearer, 3 per letter, %", "new wearer, 3 examples per letter", "letter_error_rate", 9, 2),
    ("false positives per minute, known wearer", "known wearer, own profile", "false_per_minute", 1, 0.3),
    ("the same, new wearer, 3 per letter", "new wearer, 3 examples per letter", "false_per_minute", 1, 0.3),
    ("time to letter, median, ms", "known wearer, own profile", "delay_median_ms", 300, 200),
    ("time to letter, 95 %, ms", "known wearer, own profile", "delay_p95_ms", 600, 400),
    ("calibration error, known wearer, %", "known wearer, own profile", "calibration_error_begins", 4, 2),
    ("the same, new wearer, 3 per letter", "new wearer, 3 examples per letter", "calibration_error_begins", 4, 2),
)
"""Title, row and column of the figure at all rates together, required value and stretch goal."""


def make_report(measured: Sequence[Measured], command: str, revision: str) -> Report:
    """Return the report: `rows[title][way][rate or "all"]` are figures, `cases` the decoder's letter error rates.

    `used_up` lists the cases in which a guided session ended because all recordings of a letter were used up.
    """
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
    used_up = sorted({each.case.title for each in measured if each.used_up})
    return {"command": command, "revision": revision, "rows": rows, "cases": _by_case(measured), "used_up": used_up}


def page(report: Report) -> str:
    """Return the report as Markdown."""
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
    yield from (
        f"Made at revision {report['revision']}. All rates together; the decoder with its default settings.",
        "",
    )
    yield from ("## Against the goals", "", "| | measured | required | stretch goal | |", "|---|---|---|---|---|")
    for title, row, column, required, stretch in GOALS:
        if row in rows and (figure := rows[row][DECODER]["all"][column]) is not None:
            yield f"| {title} | {figure:g} | {required} | {stretch} | {_verdict(figure, required, stretch)} |"
    for way in WAYS:
        yield from ("", f"## By the {way}", "", *_table(rows, way, "all"))
    for rate in [name for name in next(iter(rows.values()))[DECODER] if name != "all"]:
        yield from ("", f"## By the decoder at {rate} Hz", "", *_table(rows, DECODER, rate))
    yield from ("", "## Letter errors by wearer and style, decoder, %", "")
    yield from ("| | no examples | profile | 1 per letter | 3 per letter | guided |", "|---|---|---|---|---|---|")
    for title, figures in report["cases"].items():
        cells = (_cell(figures.get(knowledge)) for knowledge in get_args(Knowledge))
        yield f"| {title} | {' | '.join(cells)} |"
    if report["used_up"]:
        yield from ("", f"Guided sessions that used up all recordings of a letter: {'; '.join(report['used_up'])}.")
    yield from ("", _METHOD)


def _table(rows: Report, way: str, rate: str) -> Iterator[str]:
    cells = [[title, *(_cell(ways[way][rate][column]) for column in COLUMNS)] for title, ways in rows.items()]
    yield from as_markdown([["", *COLUMNS.values()], *cells])


def _cell(figure: float | None) -> str:
    return NOTHING if figure is None else f"{figure:g}"


def _verdict(figure: float, required: float, stretch: float) -> str:
    if figure <= stretch:
        return "met, stretch goal met"
    missed = f"stretch goal missed by {figure - stretch:.3g}"
    return f"met, {missed}" if figure <= required else f"missed by {figure - required:.3g}, {missed}"


_INTRODUCTION: Final = """\
Words and sentences of common Korean, signed continuously. The letters are recorded; **everything between them is
simulated**: no recording of continuous signing exists for this glove. The network was never trained on what is signed.
The decoder's constants were chosen on streams made in the same way from the same recordings, since there are no others:
expect somewhat worse figures for a third collection."""

_METHOD: Final = f"""\
## How the streams are made

`benchmarks/streams/` makes them, with random numbers that are the same every time.

- **Wearers.** A *known wearer* is a collection whose letters in one style (bend type) were left out of training; this
  style is signed. The *own profile* has three episodes of each letter in the other styles. A *new wearer* is a
  collection that was left out; one of its styles is signed, or a random one for each letter (*styles mixed*). Examples
  are drawn from all of its styles and one half of its episodes; streams are cut from the other half. *Guided* examples
  are those that `models/adaptation/example_selection.py` asks for until it has enough, each in another style.
- **Letters** are cuts of one episode each, 0.4 to 1.5 s long, drawn at random each time. A slow sway is added (1.5
  counts, 0.6 degrees), since people keep stiller when they record.
- **Movements** of 0.2 to 0.6 s between the shapes have a minimum-jerk profile (Flash and Hogan, 1985); angles take the
  shorter direction. Between two equal letters the hand opens to another shape for 0.1 to 0.25 s.
- **Rests** of 1.5 to 3 s between words and 1.5 to 5 s between phrases: relaxed, at the median of all letters (40 %),
  with the arm hanging down (20 %), still in a shape halfway between two letters (15 %), moving from one such shape to
  the next without a halt (25 %). A profile or examples include two windows of rest, relaxed and with the arm down; the
  other rests are never shown.
- **Sensors**: frames at 30, 50 and 100 Hz with 10 % jitter; three times a minute a flex sensor reads 0 for 20 to 200
  ms; 0.5 % of the frames are lost; noise as recorded.

## How they are scored

- *Letter errors*: Levenshtein distance between the letters recognised and those signed, over those signed. It includes
  the time before self-calibration has learned anything; *after a minute* does not.
- *False positives*: letters that begin during rest or movement, per minute of these, except those up to 250 ms before
  their own hold or up to 200 ms after it.
- *Delay*: from the begin of a hold to that of its letter, for letters recognised correctly, in device time. There is a
  prediction every 100 ms.
- *Calibration error*: of the confidence of each letter, and of each window within a hold, in 15 bins.
- *Character errors*: Levenshtein distance between the text composed and that signed, without spaces, over the latter.
- *{MAJORITY}*: a letter begins when most of the newest five predictions name it with a confidence of 0.6 or more.
  Without examples these are the network's own predictions; with examples they are those that the decoder gets.
"""
