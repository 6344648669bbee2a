"""Model card of an artefact, made from its metadata alone (Mitchell et al., Model Cards for Model Reporting, 2019)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.evaluation.protocols import CROSS_USER
from models.evaluation.tables import NOTHING, TITLES, interval_text
from models.runtime.artefact import Artefact
from models.runtime.contract import ModelContract
from scaleglove.atomic_file import atomic_write

_DATA = """\
Recordings of the public repositories KNDG01001/SignGlove_HW (`datasets/unified`) and wodu2s/SignGlove-DataAnalysis
(`unified`), collected in 2025. SignGlove-DataAnalysis states the MIT licence in its README and asks that the source be
named; see [NOTICE](../../NOTICE). The recordings are not part of this project."""

_AMERICAN_DATA = """\
ASL-Sensor-Dataglove-Dataset (figshare 20031017) of Faisal, Abir, Ahmed and Ahad: one glove with five flex sensors and a
motion sensor on the wrist, 25 people, described in Scientific Reports 12, 21446 (2022),
[doi 10.1038/s41598-022-25108-2](https://doi.org/10.1038/s41598-022-25108-2). 17 of the people are trained on. The
recordings are not part of this project; they were used from a public copy, and the licence on the source's own page was
not seen (figshare's usual one is CC BY 4.0): look there before you use this file for more than trials.

The published flex readings are not counts of a converter. Here counts = 2 * reading + 800, which is written in the file
with the readings; `scaleglove predict` applies it. A stream is ranged by the shapes that are held, as that of any glove
([any glove](../../docs/reference/any-glove.md)), and files are with `predict --ranged`: without it a hand that is not
among the recordings is recognised worse and often rejected ([american](../../docs/reports/american.md))."""

_AMERICAN_PEOPLE = [
    "001",
    "003",
    "004",
    "006",
    "007",
    "009",
    "010",
    "012",
    "013",
    "015",
    "016",
    "018",
    "019",
    "021",
    "022",
    "024",
    "025",
]
"""Collections of these recordings: what somebody else recorded of the same letters is not from this source."""
_KNOWN = ("collection_a", "collection_b")
_UNKNOWN_DATA = "Source and licence: not stated."

_CHOSEN_ON_THEM = """\
- **Two collections**: differences between users are known from two only. A third may differ more.
- **Chosen on these figures**: the shape of MSCSGRU_ScaleAware_Encoded, the training on sequences, the augmentation and
  the constants of the calibration were chosen by trials on the same protocols
  ([accuracy](../../docs/reports/accuracy.md)): expect a further collection to be somewhat worse."""

_NEW_USER = """\
- **A new user**: accuracy is far lower for a hand that is not among the recordings: see the cross-user rows below. A
  few labelled examples of the user help most."""

_NEW_USER_NOT_MEASURED = """\
- **A new user**: accuracy for a hand that is not among the recordings was not measured; expect it to be far lower. A
  few labelled examples of the user help most."""

_NO_REST = """\
- **No rest class**: the network names a letter for every window, also for a hand at rest or in motion. These are
  rejected by the prototypes in the file and, better, by a user's own example of rest
  ([letters](../../docs/reference/letters.md))."""

_INTERVAL = "interval"

_HELD_STILL = """\
- **Letters held still**: the recordings are of a hand that holds a letter; they contain no signs that move."""

_OWN_HELD_STILL = """\
- **Signs held still**: no label of the vocabulary is said to move, so a stream expects each to be held."""

_SIGNS: Mapping[str, str] = {
    "korean": """\
- **24 letters** of the Korean manual alphabet; no separate double consonants or compound vowels, no words.""",
    "american": """\
- **24 letters** of the American manual alphabet; J and Z, which move, are not among them.
- **Alike on this glove**: no sensor sees whether fingers touch or cross. A, C, E, O and S, D and T, R, U and V differ
  by little.""",
    "american_signs": """\
- **40 signs** of American Sign Language: the letters, and 14 words; each from one repetition of 1.5 s.
- **Alike on this glove**: no sensor sees whether fingers touch or cross. A, C, E, O and S, D and T, R, U and V differ
  by little.""",
}

_HEADINGS = {"mean": "this model", "calibration_error": "calibration error", _INTERVAL: "95 % interval"}


def write_card(artefact: Path) -> Path:
    """Write the card beside the artefact, as `NAME.md`, and return its path.

    Raises:
        ArtefactError: the file is not an artefact.
        OSError: the card cannot be written.
    """
    path = artefact.with_suffix(".md")
    with atomic_write(path) as draft:
        draft.write_text(card(Artefact.load(artefact).contract, artefact.stat().st_size), encoding="utf-8")
    return path


def card(contract: ModelContract, size: int) -> str:
    """Return the card as Markdown; `size` is that of the artefact in bytes."""
    return "\n".join(_sections(contract, size)) + "\n"


def _sections(contract: ModelContract, size: int) -> Iterator[str]:
    made = contract.provenance
    yield from (f"# {contract.name} {contract.version}", "")
    yield from ("Made by `scaleglove card` from the artefact's metadata; not edited by hand.", "")
    yield from _facts(contract, size)
    known = any(name in made.data for name in _KNOWN)
    is_american = all(f"{person} (" in made.data for person in _AMERICAN_PEOPLE)
    data = _DATA if known else _AMERICAN_DATA if is_american else _UNKNOWN_DATA
    yield from ("", "## Data", "", data, "", f"- trained on: {made.data}", f"- part: {made.split}")
    yield from ("", "## Limits", "")
    yield from _limits(contract)
    if known:
        yield _CHOSEN_ON_THEM
    yield from ("", "## Accuracy, %", "")
    yield from _accuracy(contract.report)
    yield from ("", "## Made by", "", f"- revision `{made.revision}`, seed {made.seed}")
    if made.made_from:
        yield f"- from {made.made_from}"
    if made.libraries:
        yield f"- with {', '.join(f'{name} {version}' for name, version in made.libraries.items())}"
    if command := contract.report.get("command"):
        yield f"- accuracy by `{command}` at revision `{contract.report.get('revision', NOTHING)}`"
    yield from ("", "| setting | |", "|---|---|")
    for name, value in _flat({name: value for name, value in made.recipe.items() if name != "vocabulary"}):
        yield f"| {name} | {value} |"


def _limits(contract: ModelContract) -> Iterator[str]:
    vocabulary = contract.vocabulary
    yield _NEW_USER if CROSS_USER in contract.report.get("accuracy_percent", {}) else _NEW_USER_NOT_MEASURED
    yield _NO_REST.replace("letter for", "label for") if _is_own(contract) else _NO_REST
    if not any(vocabulary.moving):
        yield _OWN_HELD_STILL if _is_own(contract) else _HELD_STILL
    yield _SIGNS.get(vocabulary.name, f"- **{len(vocabulary.labels)} labels** of its own vocabulary, and nothing else.")
    yield from (f"- **Too few recordings**: {one['text']}." for one in contract.report.get("shortfalls", []))


def _is_own(contract: ModelContract) -> bool:
    """Tell whether the labels are a maker's own and spell no language."""
    return contract.vocabulary.language == "none"


def _facts(contract: ModelContract, size: int) -> Iterator[str]:
    channels = ", ".join(f"{channel.name} ({channel.unit})" for channel in contract.channels)
    yield from ("| | |", "|---|---|")
    task = "fingerspelling recognition: the letter that a sensor glove holds"
    labels = f"| letters | {' '.join(contract.labels)} |"
    if _is_own(contract):
        task = "sign recognition: the label of what a hand in a sensor glove shows"
        labels = f"| labels | {', '.join(contract.labels)} |"
    elif any(contract.vocabulary.moving):
        task = "sign recognition: the sign that a sensor glove holds or makes"
        labels = f"| signs | {' '.join(contract.labels)} |"
    yield f"| task | {task}, from raw readings: {channels} |"
    yield labels
    yield (
        f"| a window | {contract.min_frames} to {contract.window_frames} frames at {contract.sample_rate_hz:g} Hz, "
        f"{contract.min_frames * contract.period_ms:g} to {contract.window_frames * contract.period_ms:g} ms |"
    )
    yield f"| parameters | {contract.parameters:,} before folding |"
    yield f"| weights | {contract.weights} |"
    yield f"| size | {size:,} bytes |"


def _accuracy(report: Mapping[str, Any]) -> Iterator[str]:
    protocols: Mapping[str, Mapping[str, Any]] = report.get("accuracy_percent", {})
    if not protocols:
        yield "Not measured: the artefact was made without a report."
        return
    columns = list(dict.fromkeys(key for found in protocols.values() for key in found if _is_figure(found[key])))
    columns = [column for column in columns if column != "sd"]
    if any(found.get(_INTERVAL) for found in protocols.values()):
        columns.insert(1, _INTERVAL)
    headings = [_HEADINGS.get(column, column) for column in columns]
    yield f"| protocol | {' | '.join(headings)} |"
    yield "|---" * (len(columns) + 1) + "|"
    for name, found in protocols.items():
        cells = [_figure(found, column) for column in columns]
        yield f"| {TITLES.get(name, name.replace('_', ' '))} | {' | '.join(cells)} |"
    if "seeds" in report:
        yield from ("", _spread_over(report["seeds"]))
    if by_frames := report.get("accuracy_percent_by_frames"):
        yield from ("", "By the number of frames seen:", "")
        yield from _by_frames(by_frames)


def _spread_over(seeds: Sequence[int]) -> str:
    if len(seeds) == 1:
        return f"Mean over folds, of seed {seeds[0]} alone: differences of two points may be chance."
    listed = ", ".join(map(str, seeds))
    return f"Mean over folds and over seeds {listed}, ± the sample standard deviation over seeds."


def _by_frames(by_frames: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    seen = list(dict.fromkeys(frames for figures in by_frames.values() for frames in figures))
    yield f"| protocol | {' | '.join(seen)} |"
    yield "|---" * (len(seen) + 1) + "|"
    for name, figures in by_frames.items():
        yield f"| {TITLES.get(name, name)} | {' | '.join(_cell(figures.get(frames)) for frames in seen)} |"


def _figure(found: Mapping[str, Any], column: str) -> str:
    if column == _INTERVAL:
        return interval_text(found.get(column))
    return _cell(found.get(column), found.get("sd") if column == "mean" else None)


def _cell(figure: float | None, spread: float | None = None) -> str:
    if figure is None:
        return NOTHING
    return f"{figure:.1f}" if spread is None else f"{figure:.1f} ± {spread:.1f}"


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flat(settings: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value
