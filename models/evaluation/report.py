"""From the results of all units to the report: by family and protocol, mean and spread over seeds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.data.dataset import Recording
from models.evaluation.job import FRAMES_SEEN, WINDOW_FRAMES, Job, Result
from models.evaluation.protocols import DRAWS, NEW_COLLECTION, PROTOCOLS, SHOTS, SUPPORTS
from models.evaluation.scores import Tally, mean_and_sd
from models.training.training import fingerprint
from scaleglove.errors import ScaleGloveError
from scaleglove.letters import LETTERS

SCHEMA = 2
SELF_CALIBRATION = "self_calibration"

Report = dict[str, Any]
Measured = tuple[Job, Result]


class ReportError(ScaleGloveError):
    """A report that does not hold what is asked of it."""


def few_shot(shots: int, support_from: str) -> str:
    """The name of a few-shot protocol in a report."""
    return f"few_shot_{shots}_{support_from}"


_TAKEN_FOR = 3


def make_report(
    results: Sequence[Measured], recordings: Sequence[Recording], command: str, revision: str, versions: dict[str, str]
) -> Report:
    """The report as JSON. All accuracies and calibration errors are in percent; each is the mean over seeds of the
    mean over folds (and over draws), `sd` the sample standard deviation over seeds.

    Args:
        results: of every unit, in the order of the plan.
        recordings: that they were measured on.
        command: that makes this report again.
        revision: of the code.
        versions: of the libraries that had a part.
    """
    families: dict[str, list[Measured]] = {}
    for unit, result in results:
        families.setdefault(unit.family.name, []).append((unit, result))
    return {
        "schema": SCHEMA,
        "command": command,
        "revision": revision,
        "versions": versions,
        "data": {
            "fingerprint": fingerprint(recordings),
            "episodes": dict(sorted(Counter(recording.collection for recording in recordings).items())),
            "letters": len({recording.label for recording in recordings}),
        },
        "seeds": sorted({unit.seed for unit, _ in results}),
        "draws": DRAWS,
        "window_frames": WINDOW_FRAMES,
        "families": {name: _family(of_family) for name, of_family in families.items()},
    }


def read_report(path: Path) -> Report:
    """
    Raises:
        ReportError: the file is not a report of ours.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportError(f"{path}: not a readable report: {error}") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA or not isinstance(report.get("families"), dict):
        raise ReportError(f"{path}: not a report of `scaleglove evaluate --out`")
    return report


def summary(report: Report, family: str) -> dict[str, Any]:
    """What an artefact's metadata says of its family: its recipe, and accuracy and calibration by protocol; a few KB.

    Raises:
        ReportError: the report has no such family.
    """
    if family not in report["families"]:
        raise ReportError(f"the report has no figures of {family}")
    found = report["families"][family]
    return {
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
    return {
        "mean": protocol["mean"],
        "sd": protocol["sd"],
        "folds": {name: fold["mean"] for name, fold in protocol["folds"].items()},
        "calibration_error": protocol["calibration_error"]["mean"],
    }


def _family(results: Sequence[Measured]) -> Report:
    protocols = {
        protocol: _protocol([(unit, result["tally"], [_accuracy(result["tally"])]) for unit, result in own])
        | {"by_frames": _by_frames(own), "letters": _letters(own), "sizes": _sizes(own)}
        for protocol in PROTOCOLS
        if (own := [(unit, result) for unit, result in results if unit.fold.protocol == protocol])
    }
    on_new = [(unit, result) for unit, result in results if unit.fold.protocol == NEW_COLLECTION]
    if calibrated := [
        (unit, tally, [_accuracy(tally)]) for unit, result in on_new if (tally := result["self_calibration"])
    ]:
        protocols[SELF_CALIBRATION] = _protocol(calibrated)
    for support_from in SUPPORTS:
        for shots in SHOTS:
            if drawn := [
                (unit, found)
                for unit, result in on_new
                # A collection too small for it has no such draw.
                if (found := result["few_shot"].get(support_from, {}).get(str(shots)))
            ]:
                parts = [(unit, found["tally"], found["accuracy"]) for unit, found in drawn]
                short = max(found["short"] for _, found in drawn)
                protocols[few_shot(shots, support_from)] = _protocol(parts) | {"letters_with_fewer": short}
    return {"settings": dict(results[0][0].family.settings), "protocols": protocols}


def _protocol(parts: Sequence[tuple[Job, Result, Sequence[float]]]) -> Report:
    """Of one family and protocol: every unit with a tally, and the accuracies that make its figure."""
    accuracy = [(unit, float(np.mean(accuracies))) for unit, _, accuracies in parts]
    errors = [(unit, Tally.from_dict(tally).calibration_error) for unit, tally, _ in parts]
    total = Tally.total(Tally.from_dict(tally) for _, tally, _ in parts)
    folds = dict.fromkeys(unit.fold.name for unit, _, _ in parts)
    return (
        _over_seeds(accuracy)
        | {
            "folds": {
                name: mean_and_sd([figure for unit, figure in accuracy if unit.fold.name == name]) for name in folds
            },
            "calibration_error": _over_seeds(errors),
        }
        | total.as_dict()
    )


def _by_frames(results: Sequence[Measured]) -> Report:
    return {
        str(seen): _over_seeds([(unit, result["accuracy_by_frames"][str(seen)]) for unit, result in results])
        for seen in FRAMES_SEEN
    }


def _sizes(results: Sequence[Measured]) -> Report:
    """Episodes trained on and tested, by fold; of a random split those of the last seed."""
    return {unit.fold.name: {key: result[key] for key in ("train", "test")} for unit, result in results}


def _over_seeds(figures: Iterable[tuple[Job, float]]) -> dict[str, float | None]:
    """Mean and spread over seeds of each seed's mean over folds."""
    by_seed: dict[int, list[float]] = {}
    for unit, figure in figures:
        by_seed.setdefault(unit.seed, []).append(figure)
    return mean_and_sd([float(np.mean(of_seed)) for of_seed in by_seed.values()])


def _letters(results: Sequence[Measured]) -> Report:
    """By letter shown: the share of right answers, and what it was taken for most often, in percent."""
    total = Tally.total(Tally.from_dict(result["tally"]) for _, result in results)
    found = {}
    for index in np.flatnonzero(total.confusion.sum(axis=1)):
        row = 100 * total.confusion[index] / total.confusion[index].sum()
        wrong = [int(other) for other in np.argsort(-row, kind="stable") if other != index and row[other] > 0]
        found[LETTERS[index]] = {
            "right": round(float(row[index]), 1),
            "taken_for": {LETTERS[other]: round(float(row[other]), 1) for other in wrong[:_TAKEN_FOR]},
        }
    return found


def _accuracy(tally: Result) -> float:
    return Tally.from_dict(tally).accuracy
