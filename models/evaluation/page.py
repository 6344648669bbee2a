"""A report as a page: Markdown with tables, and pictures beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from models.evaluation import tables
from models.evaluation.plots import draw_all
from models.evaluation.protocols import LEAVE_ONE_BEND_OUT, NEW_COLLECTION, PROTOCOLS
from models.evaluation.report import Report
from models.evaluation.tables import NOTHING, TITLES

_WHAT_IT_IS = """\
Nothing is fitted on what is tested: scaler, weights, metric and calibration see the training part, or what the
protocol shows them of the new collection, and nothing else. Every contender is given the newest {window_frames} frames
of an episode. A figure is the mean over folds (and over {draws} draws), then over seeds {seeds}; after ± stands the
sample standard deviation over seeds. {nothing} stands where there is no figure.

- *random 80 / 20*: a random fifth of each letter is tested. Episodes of a letter were recorded back to back, so
  training holds near-copies of every test episode: reported because the field does.
- *leave one bend type out*: one way of holding the letters is tested, of all collections.
- *new collection*: a collection stands for a wearer; training on all others.
- *self-calibrated*: one half of the new collection, drawn at random, is looked at without its labels and the other half
  is tested, then the other way round. Both halves are of the same session.
- *n a letter*: n labelled episodes of each letter of the new collection are shown, all the rest is tested. *Any bend*:
  drawn at random; *one bend*: all of one bend type, which is drawn."""


def write_page(report: Report, shown: str, path: Path) -> None:
    """Writes the page, and its pictures into a folder of the same name beside it.

    Args:
        report: of `models.evaluation.report`.
        shown: the family whose confusion and reliability are shown.
        path: of the page, `*.md`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    present = tables.titles_in(report)
    pictures = draw_all(report, shown, present, path.with_suffix(""))
    images = {name: f"{picture.parent.name}/{picture.name}" for name, picture in pictures.items()}
    path.write_text("\n".join(_page(report, shown, present, images)) + "\n", encoding="utf-8")


def _page(report: Report, shown: str, present: dict[str, str], images: dict[str, str]) -> Iterable[str]:
    data = report["data"]
    episodes = ", ".join(f"{name} ({count})" for name, count in data["episodes"].items())
    yield from (
        "# Benchmark",
        "",
        f"Made by `{report['command']}` at revision `{report['revision']}`; not edited by hand.",
    )
    if report["revision"].endswith("-dirty"):
        yield "**The code had changes that this revision does not hold.**"
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    yield f"Episodes: {episodes}; {data['letters']} letters; fingerprint `{data['fingerprint'][:16]}`. With {versions}."
    seeds = ", ".join(map(str, report["seeds"]))
    what = _WHAT_IT_IS.format(
        window_frames=report["window_frames"], draws=report["draws"], seeds=seeds, nothing=NOTHING
    )
    yield from ("", what)

    yield from ("", "## Accuracy by protocol, %", "", *_table(tables.by_protocol(report)))
    yield from _shortfalls(report)
    yield from ("", f"![Accuracy by protocol]({images['protocols']})")

    yield from ("", "## Accuracy by fold, %")
    for name, title in present.items():
        rows = tables.by_fold(report, name)
        if len(rows) > 2:
            yield from ("", f"### {title}", "", *_table(rows))

    yield from ("", "## Accuracy by what was seen, %", "", "The first frames of the same window, so many of them.")
    for name in PROTOCOLS:
        if name in present:
            yield from ("", f"### {TITLES[name]}", "", *_table(tables.by_frames(report, name)))
    yield from ("", f"![Accuracy by frames seen]({images['frames']})")

    yield from ("", "## Expected calibration error, %", "")
    yield "Mean distance between confidence and accuracy over 15 bins of confidence (Guo et al., 2017): 0 is honest."
    yield from ("", *_table(tables.calibration(report)))
    yield from ("", f"![Reliability of {shown}]({images['reliability']})")

    yield from _letters(report, shown, images["confusion"])
    yield from ("", "## Settings", "")
    for name, family in report["families"].items():
        yield f"- {name}: `{json.dumps(family['settings'])}`"


def _letters(report: Report, shown: str, image: str) -> Iterable[str]:
    """By letter, for the family shown, on each protocol that leaves something out."""
    protocols = report["families"][shown]["protocols"]
    of_each = {name: protocols[name]["letters"] for name in (LEAVE_ONE_BEND_OUT, NEW_COLLECTION) if name in protocols}
    yield from ("", f"## Letter by letter: {shown}", "", f"![Confusion of {shown}]({image})", "")
    rows = [["letter", *(f"{TITLES[name]}: right, %, and taken for" for name in of_each)]]
    letters = list(dict.fromkeys(letter for found in of_each.values() for letter in found))
    rows += [[letter, *(_letter(found.get(letter)) for found in of_each.values())] for letter in letters]
    if of_each:
        yield from _table(rows)


def _letter(found: dict[str, Any] | None) -> str:
    if found is None:
        return NOTHING
    return f"{found['right']:.1f} " + ", ".join(f"{other} {share:.1f}" for other, share in found["taken_for"].items())


def _shortfalls(report: Report) -> Iterable[str]:
    """Said where a letter had too few episodes: the protocol's name promises more than was shown."""
    found = {
        name: protocol["letters_with_fewer"]
        for family in report["families"].values()
        for name, protocol in family["protocols"].items()
        if protocol.get("letters_with_fewer")
    }
    for name, letters in found.items():
        yield from (
            "",
            f"In *{TITLES[name]}* up to {letters} letters had fewer episodes to show, one being left to test.",
        )


def _table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    heading, *others = rows
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in others:
        yield f"| {' | '.join(row)} |"
