"""Report of the benchmark of signs that move: figures as JSON, and as a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.report import NOTHING, as_markdown
from benchmarks.streams.sign_cases import TUNED_ON
from benchmarks.streams.sign_scoring import SignScore

Report = dict[str, Any]

REQUIRED, STRETCH = 12.0, 5.0
"""Sign error rate in percent: a person never seen, 3 examples of each sign."""

COLUMNS: Final = {
    "sign_error_rate": "sign errors, %",
    "static_missed": "static signs missed or wrong, %",
    "moving_missed": "moving signs missed or wrong, %",
    "false_per_minute": "false positives per minute",
    "static_delay_median_ms": "delay of static signs, median ms",
    "static_delay_p95_ms": "95 % ms",
    "moving_delay_median_ms": "of moving signs, median ms",
    "moving_delay_p95_ms": "95 % ms",
    "signs": "signs",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Score of one stream."""

    person: str
    shots: int
    rate_hz: float
    score: SignScore


def make_report(measured: Sequence[Measured], command: str, revision: str) -> Report:
    """Return the figures of the people who are judged, by row, and of each person with three examples."""
    judged = [each for each in measured if each.person not in TUNED_ON]
    rows: dict[str, dict[str, float | None]] = {}
    for shots in sorted({each.shots for each in judged}):
        rows[_title(shots)] = _figures([each for each in judged if each.shots == shots])
    for rate_hz in sorted({each.rate_hz for each in judged}):
        of_rate = [each for each in judged if (each.shots, each.rate_hz) == (GOAL_SHOTS, rate_hz)]
        rows[f"{_title(GOAL_SHOTS)}, {rate_hz:g} Hz"] = _figures(of_rate)
    people = sorted({each.person for each in measured})
    by_person = {
        person: _figures([each for each in measured if (each.person, each.shots) == (person, GOAL_SHOTS)])
        for person in people
    }
    return {"command": command, "revision": revision, "rows": rows, "people": by_person}


GOAL_SHOTS: Final = 3


def page(report: Report) -> str:
    """Return the report as Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _title(shots: int) -> str:
    return f"{'1 example' if shots == 1 else f'{shots} examples'} of each sign"


def _figures(alike: Sequence[Measured]) -> dict[str, float | None]:
    return SignScore.total(each.score for each in alike).figures()


def _lines(report: Report) -> Iterator[str]:
    yield from ("# Static and moving signs, one after another", "", _INTRODUCTION, "", f"    {report['command']}", "")
    yield from (f"Made at revision {report['revision']}; the decoder with its default settings.", "")
    yield from ("## Against the goal", "", "| | measured | required | stretch goal | |", "|---|---|---|---|---|")
    rate = report["rows"][_title(GOAL_SHOTS)]["sign_error_rate"]
    verdict = ("met" if rate <= REQUIRED else "missed") + (", stretch goal met" if rate <= STRETCH else "")
    yield f"| sign error rate, person never seen, 3 examples, % | {rate:g} | {REQUIRED:g} | {STRETCH:g} | {verdict} |"
    yield from ("", "## People who are judged", "", *_table(report["rows"]))
    yield from ("", "## Each person, 3 examples of each sign", "")
    marked = {f"{name} (tuned on)" if name in TUNED_ON else name: found for name, found in report["people"].items()}
    yield from _table(marked)
    yield from ("", _METHOD)


def _table(rows: dict[str, dict[str, float | None]]) -> Iterator[str]:
    cells = [[title, *(_cell(figures[column]) for column in COLUMNS)] for title, figures in rows.items()]
    yield from as_markdown([["", *COLUMNS.values()], *cells])


def _cell(figure: float | None) -> str:
    return NOTHING if figure is None else f"{figure:g}"


_INTRODUCTION: Final = """\
The 24 static and 16 moving signs of the ASL glove's recordings, in a random order. The signs are recorded; **everything
between them is simulated**. No network has seen the person who signs. The constants of the decoder of movements were
chosen on streams of four people, who are not among those judged."""

_METHOD: Final = """\
## How the streams are made

`benchmarks/streams/` makes them, with random numbers that are the same every time, as those of
[letters from continuous signing](stream-benchmark.md): movements of 0.2 to 0.6 s with a minimum-jerk profile between
signs, rests of 1.5 to 3 s of four kinds after every 2 to 6 signs, sway, jitter, lost frames and dropouts.

- **People.** They are split into folds; a network is trained without each fold. Half of a person's recordings of each
  sign are signed; examples are drawn from the other half. The profile is made of them as the service does, with two
  windows of rest; the other rests are never shown.
- **Static signs** are cuts of 0.4 to 1.5 s of a recording. **Moving signs** are whole recordings of 1.5 s: they begin
  still, for a quarter of a second in most, and end still or not, as recorded; a third is cut off while the hand moves,
  and a simulated movement follows without a halt.
- Every sign is made twice in each stream, one in twenty twice in a row.

## How they are scored

- *Sign errors*: Levenshtein distance between the signs recognised and those made, over those made.
- *Missed or wrong*: signs that are not recognised, or as others, by the alignment with the fewest errors.
- *False positives*: signs recognised that were not made, by the same alignment, per minute of the stream.
- *Delay*: of a static sign from the begin of its hold, of a moving one from when the hand came to rest after it, or
  from the end of a recording that is cut off while it moves, until it is sent, in device time. A sign that is sent
  before that has a negative delay."""
