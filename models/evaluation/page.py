"""Page of a report: Markdown with tables, and plots beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from models.data.ranges import MANY_PEOPLE
from models.evaluation import tables
from models.evaluation.cases import RESAMPLES
from models.evaluation.plots import draw_all
from models.evaluation.protocols import CROSS_USER, LEAVE_ONE_SESSION_OUT, LEAVE_ONE_STYLE_OUT, PROTOCOLS
from models.evaluation.report import Report
from models.evaluation.tables import NOTHING, TITLES

_WHAT_IT_IS = """\
Nothing is fitted on what is tested: scaler, weights, metric and calibration use the training set, or what the protocol
shows of the user under test, and nothing else. Every classifier gets the newest {window_frames} frames of an episode. A
figure is the mean over folds (and over {draws} support sets), then over seeds {seeds}; after ± is the sample standard
deviation over seeds. {nothing} stands for no figure.

- *random 80 / 20*: a random fifth of each letter is tested. Episodes of a letter were recorded back to back, so the
  training set has near-copies of every test episode: reported because other work reports it.
- *leave one style out*: one style of holding the letters (bend type) is tested, of all collections.
- *known wearer*: the same, and the service knows who of the training's people the user is: the mean of each letter and
  way of that collection's training episodes is an example. Only networks that learned of fewer than {many} people.
- *leave one session out*: of one person's recordings one session is tested: what was recorded with no pause of half an
  hour.
- *cross-user*: a collection stands for a user; training on all others (leave-one-subject-out).
- *ranged*: the user is ranged by {shapes} unlabelled shapes of one random half of the tested collection, drawn with
  shares of the letters from a Dirichlet(1) distribution, about as uneven as in text, and the other half is tested:
  {ranges} draws. By {by}.
- *self-calibrated*: one random half of the tested collection is looked at without its labels and the other half is
  tested, then the other way round. Both halves are of the same session.
- *n a letter*: n labelled episodes of each letter of the tested collection are shown, all the rest is tested. *Any
  bend*: drawn at random; *each bend*: of as many bend types as there are; *one bend*: all of one bend type, which is
  drawn. Examples and windows are of the same session, with one zero of yaw, so that the direction of the hand is known.
  *No direction*: it is not compared, as in another session until the service has found the turn between the two. The
  network still sees the yaw, and the glove was not put on again, so another session may be worse.
- *n labels, by doubt*: a user has held one random half of the tested collection, says what one of each letter was, and
  is asked about {questions} others at a time, those that are most in doubt; the other half is tested. {sessions}
  sessions of each fold and seed. What to ask is chosen without the direction, and judged with it.

*Cases* are the independent ones: a letter, a way of holding it (bend type) and a person. Episodes of one case are
near-copies of each other and count as one: the 95 % interval is of {resamples} resamples of cases within each fold, or,
from {many} people on, of people. Of fewer people it says nothing of the next one. *Rejected* is what the service would
not name at all, by prototypes of the training or by the user's examples, and *served* what it would name right, of all
windows; baselines cannot reject. *ECE* is the expected calibration error of the letters' probabilities for all windows;
*of what is served* that of the confidence that the service shows, for what it does not reject."""


def write_page(report: Report, shown: str, path: Path) -> None:
    """Write the page, and its plots into a folder of the same name beside it.

    Args:
        report: of `models.evaluation.report`.
        shown: family whose confusion and reliability are shown.
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
        yield "**The code had uncommitted changes.**"
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    yield f"Episodes: {episodes}; {data['letters']} letters; fingerprint `{data['fingerprint'][:16]}`. With {versions}."
    seeds = ", ".join(map(str, report["seeds"]))
    what = _WHAT_IT_IS.format(
        window_frames=report["window_frames"],
        draws=report["draws"],
        seeds=seeds,
        nothing=NOTHING,
        shapes=report["ranged"]["shapes"],
        ranges=report["ranged"]["draws"],
        by="; ".join(report["ranged"]["by"]) or NOTHING,
        questions=report["guided"]["questions"],
        sessions=report["guided"]["sessions"],
        resamples=RESAMPLES,
        many=MANY_PEOPLE,
    )
    yield from ("", what)
    if missing := report.get("shortfalls"):
        yield from ("", "## What cannot be said", "", *(f"- {one['text']}" for one in missing))

    yield from ("", "## Accuracy by protocol, %", "", *_table(tables.by_protocol(report)))
    yield from _shortfalls(report)
    yield from ("", "## F1 score by protocol, %", "", "Mean over the letters of each fold.")
    yield from ("", *_table(tables.f1(report)))
    yield from ("", f"![Accuracy by protocol]({images['protocols']})")

    yield from ("", "## Family by family, %")
    for name in report["families"]:
        yield from ("", f"### {name}", "", *_table(tables.of_family(report, name)))
    if len(rows := tables.leads(report, shown)) > 1 and len(report["families"]) > 1:
        yield from ("", f"## Lead of {shown}, percentage points", "", "With its 95 % interval: both answered the same.")
        yield from ("", *_table(rows))
    if len(rows := tables.labels_needed(report)) > 1:
        yield from ("", f"## Labels by doubt until {report['guided']['enough']:g} %", "")
        yield from ("Median over the sessions of all seeds.", "", *_table(rows))

    yield from ("", "## Accuracy by fold, %")
    for name, title in present.items():
        rows = tables.by_fold(report, name)
        if len(rows) > 2:
            yield from ("", f"### {title}", "", *_table(rows))

    yield from ("", "## Accuracy by frames seen, %", "", "With the first frames of the same window.")
    for name in PROTOCOLS:
        if name in present:
            yield from ("", f"### {TITLES[name]}", "", *_table(tables.by_frames(report, name)))
    yield from ("", f"![Accuracy by frames seen]({images['frames']})")

    yield from ("", "## Expected calibration error, %", "")
    yield "Mean distance between confidence and accuracy over 15 bins of confidence (Guo et al., 2017); 0 is perfect."
    yield from ("", "Of the letters' probabilities, for all windows:", "", *_table(tables.calibration(report)))
    yield from ("", "Of what is served, by the confidence shown; what is rejected is left out:", "")
    yield from _table(tables.served_calibration(report))
    yield from ("", f"![Reliability of {shown}]({images['reliability']})")

    yield from _letters(report, shown, images["confusion"])
    yield from ("", "## Settings", "")
    for name, family in report["families"].items():
        yield f"- {name}: `{json.dumps(family['settings'])}`"


def _letters(report: Report, shown: str, image: str) -> Iterable[str]:
    """Yield results by letter, for the family shown, on each protocol that leaves something out."""
    protocols = report["families"][shown]["protocols"]
    shown_by = (LEAVE_ONE_STYLE_OUT, LEAVE_ONE_SESSION_OUT, CROSS_USER)
    of_each = {name: protocols[name]["letters"] for name in shown_by if name in protocols}
    yield from ("", f"## Letter by letter: {shown}", "", f"![Confusion of {shown}]({image})", "")
    rows = [["letter", *(f"{TITLES[name]}: right, %, and named instead" for name in of_each)]]
    letters = list(dict.fromkeys(letter for found in of_each.values() for letter in found))
    rows += [[letter, *(_letter(found.get(letter)) for found in of_each.values())] for letter in letters]
    if of_each:
        yield from _table(rows)


def _letter(found: dict[str, Any] | None) -> str:
    if found is None:
        return NOTHING
    return f"{found['right']:.1f} " + ", ".join(
        f"{other} {percent:.1f}" for other, percent in found["taken_for"].items()
    )


def _shortfalls(report: Report) -> Iterable[str]:
    """Yield a remark where letters had fewer episodes than the protocol's name says."""
    found = {
        name: protocol["letters_with_fewer"]
        for family in report["families"].values()
        for name, protocol in family["protocols"].items()
        if protocol.get("letters_with_fewer")
    }
    for name, letters in found.items():
        yield from (
            "",
            f"In *{TITLES[name]}* up to {letters} letters had fewer episodes to show, because one is kept to test.",
        )


def _table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    heading, *others = rows
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in others:
        yield f"| {' | '.join(row)} |"
