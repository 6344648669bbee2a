"""Report of a benchmark: by family and protocol, mean and spread over seeds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.data.dataset import Recording
from models.evaluation.cases import Cases, interval
from models.evaluation.guided import ENOUGH, LABELS, QUESTIONS
from models.evaluation.job import FRAMES_SEEN, Job, Result
from models.evaluation.judged import WINDOW_FRAMES, Judged
from models.evaluation.protocols import CROSS_USER, PROTOCOLS, SHOTS, SUPPORTS, USUAL_DRAWS, Draws
from models.evaluation.scores import Tally, mean_and_sd
from models.runtime.contract import with_present_names
from models.training.training import fingerprint
from scaleglove.errors import ScaleGloveError

SCHEMA = 2
KNOWN_WEARER, RANGED, SELF_CALIBRATION = "known_wearer", "ranged", "self_calibration"

Report = dict[str, Any]
Measured = tuple[Job, Result]


class ReportError(ScaleGloveError):
    """Raised for a file that is not a report, or a report without the figures asked for."""


def few_shot(shots: int, support_from: str) -> str:
    """Return the name of a few-shot protocol in a report."""
    return f"few_shot_{shots}_{support_from}"


def guided(labels: int) -> str:
    """Return the name of a guided protocol in a report."""
    return f"guided_{labels}"


_TAKEN_FOR = 3
"""Letters listed with which a letter was confused most often."""


def make_report(  # noqa: PLR0913, PLR0917 - what a report says of itself
    results: Sequence[Measured],
    recordings: Sequence[Recording],
    command: str,
    revision: str,
    versions: dict[str, str],
    draws: Draws = USUAL_DRAWS,
) -> Report:
    """Make the report, as JSON.

    All accuracies, calibration errors and shares are in percent; each is the mean over seeds of the mean over folds
    (and over draws), `sd` the sample standard deviation over seeds, `interval` the 95 % interval over independent cases
    (`models.evaluation.cases`), of which a fold has the counts. `calibration_error` is of the letters' probabilities
    for all windows, `served_calibration_error` of the confidence that a user is shown, beside what is not rejected.

    Args:
        results: of every job, in the order of the plan; without any the report has no families.
        recordings: of the benchmark.
        command: that makes this report again.
        revision: of the code.
        versions: of the libraries used.
        draws: that the plan was made with.
    """
    families: dict[str, list[Measured]] = {}
    for job, result in results:
        families.setdefault(job.family.name, []).append((job, result))
    return {
        "schema": SCHEMA,
        "command": command,
        "revision": revision,
        "versions": versions,
        "data": {
            "fingerprint": fingerprint(recordings),
            "episodes": dict(sorted(Counter(recording.collection for recording in recordings).items())),
            "letters": len({recording.label for recording in recordings}),
            "labels": list(results[0][0].family.labels) if results else [],
        },
        "seeds": sorted({job.seed for job, _ in results}),
        "draws": draws.support_sets,
        "ranged": {"shapes": draws.shapes, "draws": draws.ranges, "by": _methods(results)},
        "guided": {"sessions": draws.sessions, "questions": QUESTIONS, "enough": ENOUGH},
        "window_frames": WINDOW_FRAMES,
        "families": {name: _family(of_family) for name, of_family in families.items()},
    }


def read_report(path: Path) -> Report:
    """Read a report; protocols have their present names, also in a report that has the former ones.

    Raises:
        ReportError: the file is not a report of `scaleglove evaluate`.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(f"{path}: not a readable report: {error}") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA or not isinstance(report.get("families"), dict):
        raise ReportError(f"{path}: not a report of `scaleglove evaluate --out`")
    families = report["families"]
    if not all(isinstance(family, dict) and isinstance(family.get("protocols"), dict) for family in families.values()):
        raise ReportError(f"{path}: a family in the report has no protocols")
    for family in families.values():
        family["protocols"] = with_present_names(family["protocols"])
    return report


def summary(report: Report, family: str) -> dict[str, Any]:
    """Return what an artefact's metadata contains of its family: its recipe, and accuracy and calibration by protocol.

    Raises:
        ReportError: the report has no figures of the family.
    """
    if family not in report["families"]:
        raise ReportError(f"the report has no figures of {family}")
    found = report["families"][family]
    shortfalls = {"shortfalls": report["shortfalls"]} if report.get("shortfalls") else {}
    return shortfalls | {
        **{key: report[key] for key in ("command", "revision", "seeds", "data")},
        "recipe": found["settings"],
        "accuracy_percent": {name: _brief(protocol) for name, protocol in found["protocols"].items()},
        "accuracy_percent_by_frames": {
            name: {seen: figures["mean"] for seen, figures in protocol["by_frames"].items()}
            for name, protocol in found["protocols"].items()
            if "by_frames" in protocol
        },
    }


def _brief(protocol: Report) -> Report:
    rejected = {"rejected": protocol["rejected"]["mean"]} if protocol.get("rejected") else {}
    return {
        "mean": protocol["mean"],
        "sd": protocol["sd"],
        "interval": protocol.get("interval"),
        "folds": {name: fold["mean"] for name, fold in protocol["folds"].items()},
        "calibration_error": protocol["calibration_error"]["mean"],
    } | rejected


def _methods(results: Sequence[Measured]) -> list[str]:
    """Return how users were ranged, each method once."""
    return sorted({result["ranged"]["method"] for _, result in results if result.get("ranged")})


def _family(results: Sequence[Measured]) -> Report:
    protocols = {
        protocol: _protocol([_whole(job, result["tally"]) for job, result in own])
        | {"by_frames": _by_frames(own), "letters": _letters(own), "sizes": _sizes(own)}
        for protocol in PROTOCOLS
        if (own := [(job, result) for job, result in results if job.fold.protocol == protocol])
    }
    if known := [_whole(job, tally) for job, result in results if (tally := result.get(KNOWN_WEARER))]:
        protocols[KNOWN_WEARER] = _protocol(known)
    on_new = [(job, result) for job, result in results if job.fold.protocol == CROSS_USER]
    # A collection that is too small has no such draw.
    if ranged := [_drawn(job, found) for job, result in on_new if (found := result.get(RANGED))]:
        protocols[RANGED] = _protocol(ranged)
    if calibrated := [_whole(job, tally) for job, result in on_new if (tally := result.get(SELF_CALIBRATION))]:
        protocols[SELF_CALIBRATION] = _protocol(calibrated)
    for support_from in SUPPORTS:
        for shots in SHOTS:
            by_job = [(job, result["few_shot"].get(support_from, {}).get(str(shots))) for job, result in on_new]
            if drawn := [(job, found) for job, found in by_job if found]:
                protocols[few_shot(shots, support_from)] = _protocol([_drawn(*one) for one in drawn]) | {
                    "without_direction": _without_direction(drawn),
                    "letters_with_fewer": max(found["short"] for _, found in drawn),
                }
    by_doubt = [(job, result["guided"]) for job, result in on_new if result.get("guided")]
    for labels in LABELS:
        if asked := [_drawn(job, found) for job, of in by_doubt if (found := of["labels"].get(str(labels)))]:
            protocols[guided(labels)] = _protocol(asked)
    return {"settings": dict(results[0][0].family.settings), "protocols": protocols} | _labels_needed(by_doubt)


def _without_direction(drawn: Sequence[Measured]) -> Report | None:
    """Return the accuracy after examples of which the direction is not used; None of classifiers that need it."""
    found = [(job, float(np.mean(of_job["without_direction"]))) for job, of_job in drawn if of_job["without_direction"]]
    return _over_seeds(found) if found else None


def _labels_needed(by_doubt: Sequence[tuple[Job, Result]]) -> Report:
    """Return, by fold, the labels of every guided session until it reached ENOUGH, None for one that did not; nothing
    without sessions."""
    found: dict[str, list[int | None]] = {}
    for job, of_job in by_doubt:
        found.setdefault(job.fold.name, []).extend(of_job["reached"])
    return {"labels_needed": found} if found else {}


_Part = tuple[Job, Judged, Sequence[float]]
"""A job, what is judged in it, and the accuracies of its mean."""


def _whole(job: Job, tally: Result) -> _Part:
    judged = Judged.from_dict(tally)
    return job, judged, [judged.tally.accuracy]


def _drawn(job: Job, found: Result) -> _Part:
    return job, Judged.from_dict(found["tally"]), found["accuracy"]


def _protocol(parts: Sequence[_Part]) -> Report:
    """Summarise one family and protocol."""
    accuracy = [(job, float(np.mean(accuracies))) for job, _, accuracies in parts]
    served = [(job, judged.served) for job, judged, _ in parts if judged.served is not None]
    error = [(job, found) for job, judged, _ in parts if (found := judged.served_calibration_error) is not None]
    cases = {
        name: Cases.total(judged.cases for job, judged, _ in parts if job.fold.name == name)
        for name in dict.fromkeys(job.fold.name for job, _, _ in parts)
    }
    together = Cases.total(cases.values())
    return (
        _over_seeds(accuracy)
        | {"interval": interval([*cases.values()]), "cases": together.number, "people": len(together.people)}
        | {
            "folds": {
                name: mean_and_sd([figure for job, figure in accuracy if job.fold.name == name])
                | {"interval": interval([of_fold]), "cases": of_fold.as_dict()}
                for name, of_fold in cases.items()
            },
            "f1": _over_seeds([(job, judged.tally.f1) for job, judged, _ in parts]),
            "calibration_error": _over_seeds([(job, judged.tally.calibration_error) for job, judged, _ in parts]),
            "served_calibration_error": _over_seeds(error) if error else None,
            "rejected": _over_seeds([(job, one.rejected_share) for job, one in served]) if served else None,
            "served": _over_seeds([(job, one.right_share) for job, one in served]) if served else None,
        }
        | Tally.total(judged.tally for _, judged, _ in parts).as_dict()
    )


def _by_frames(results: Sequence[Measured]) -> Report:
    return {
        str(seen): _over_seeds([(job, result["accuracy_by_frames"][str(seen)]) for job, result in results])
        for seen in FRAMES_SEEN
    }


def _sizes(results: Sequence[Measured]) -> Report:
    """Return the episodes trained on and tested, by fold; for a random split those of the last seed."""
    return {job.fold.name: {key: result[key] for key in ("train", "test")} for job, result in results}


def _over_seeds(figures: Iterable[tuple[Job, float]]) -> dict[str, float | None]:
    """Return mean and spread over seeds of each seed's mean over folds."""
    by_seed: dict[int, list[float]] = {}
    for job, figure in figures:
        by_seed.setdefault(job.seed, []).append(figure)
    return mean_and_sd([float(np.mean(of_seed)) for of_seed in by_seed.values()])


def _letters(results: Sequence[Measured]) -> Report:
    """Return, by letter shown, the percentage of right answers and of the letters most often named instead."""
    total = Tally.total(Tally.from_dict(result["tally"]) for _, result in results)
    labels = results[0][0].family.labels
    found = {}
    for index in np.flatnonzero(total.confusion.sum(axis=1)):
        row = 100 * total.confusion[index] / total.confusion[index].sum()
        wrong = [int(other) for other in np.argsort(-row, kind="stable") if other != index and row[other] > 0]
        found[labels[index]] = {
            "right": round(float(row[index]), 1),
            "taken_for": {labels[other]: round(float(row[other]), 1) for other in wrong[:_TAKEN_FOR]},
        }
    return found
