"""A folder of recordings: the files in it, their episodes, and a report on them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from scaleglove.channels import FLEX
from scaleglove.recordings.archive import SUFFIX, load_archive
from scaleglove.recordings.episode import Episode, load_repetitions
from scaleglove.recordings.errors import RecordingError
from scaleglove.recordings.repairs import Repair, text_of

_SUFFIXES: Final = (".csv", SUFFIX)

UNNAMED: Final = "(no collection)"
"""What a report calls the recordings whose folders name no collection."""

_ROUNDING: Final = 0.1
"""In the units of the readings: two files of one recording may be rounded differently."""


@dataclass
class Report:
    """Report on a folder of recordings: its contents and its faults."""

    episodes: Counter[str] = field(default_factory=Counter)
    """Episodes by collection."""
    labels: Counter[str] = field(default_factory=Counter)
    """Episodes by label."""
    unlabelled: int = 0
    """Episodes of which neither folders nor name say the label."""
    repairs: Counter[Repair] = field(default_factory=Counter)
    """Number of faults of each kind, with their treatment."""
    refusals: list[RecordingError] = field(default_factory=list)
    interval_ms: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    """5th percentile, median and 95th percentile of the time between frames."""

    @property
    def findings(self) -> Counter[str]:
        """The repairs by their sentences."""
        return Counter({text_of(repair): count for repair, count in self.repairs.items()})

    @property
    def unreadable(self) -> list[str]:
        """The sentences of the files that cannot be read."""
        return [str(error) for error in self.refusals]

    def as_dict(self) -> dict[str, object]:
        """Return the report as JSON values."""
        intervals = [None if math.isnan(ms) else round(ms, 3) for ms in self.interval_ms]
        return {
            "episodes": dict(self.episodes),
            "labels": dict(self.labels),
            "unlabelled": self.unlabelled,
            "findings": dict(self.findings),
            "repairs": [
                {"code": repair.code, "channel": repair.channel or None, "count": count}
                for repair, count in self.repairs.items()
            ],
            "unreadable": self.unreadable,
            "refusals": [{"code": one.code, "column": one.column, "line": one.line} for one in self.refusals],
            "interval_ms": dict(zip(("p5", "median", "p95"), intervals, strict=True)),
        }


def find_recordings(root: Path) -> list[Path]:
    """Return every CSV file and every archive at or below `root`, in a stable order.

    Raises:
        RecordingError: there is no such path, or no recording in it.
    """
    if not root.exists():
        raise RecordingError(f"{root}: no such file or folder", code="not_found")
    if root.suffix.lower() == ".mcap":
        raise RecordingError(
            f"{root}: a continuous recording, not a labelled episode; use scaleglove recover", code="continuous"
        )
    paths = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if not paths:
        raise RecordingError(f"{root}: no recordings (*.csv, *{SUFFIX}) in this folder", code="not_found")
    return paths


def load_episodes(path: Path, folders: int = 0) -> list[Episode]:
    """Read the recordings of one file: the repetitions of an archive or of the published layout of the ASL glove, else
    one. `folders` says how many of the file's folders may name its labels.

    Raises:
        RecordingError: the file cannot be read as a recording.
    """
    return load_archive(path) if path.suffix.lower() == SUFFIX else load_repetitions(path, folders)


def load_folder(root: Path, paths: Iterable[Path] | None = None) -> tuple[list[Episode], Report]:
    """Read every readable episode at or below `root`, and report on them.

    Pass `paths`, those of `find_recordings`, to show progress.

    Raises:
        RecordingError: no file can be read.
    """
    episodes: list[Episode] = []
    report = Report()
    for path in find_recordings(root) if paths is None else paths:
        try:
            episodes += load_episodes(path, _folders(path, root))
        except RecordingError as error:
            report.refusals.append(error)
    if not episodes:
        first = report.refusals[0]
        raise RecordingError(f"{root}: no readable recording; the first error: {first}", code=first.code)
    kept = _without_copies(episodes)
    report.repairs[Repair("repetition_twice")] += len(episodes) - len(kept)
    _summarise(kept, report)
    return kept, report


def _folders(path: Path, root: Path) -> int:
    """Return how many of a file's folders lie in the root: the root's own name is no label."""
    return len(path.relative_to(root).parts) - 1 if path.is_relative_to(root) else 0


def _without_copies(episodes: list[Episode]) -> list[Episode]:
    """Leave out the repetitions that an earlier file has too, as where published files lie beside archives of them: a
    copy would count twice, and stand on both sides of a split."""
    first: dict[tuple[str, str, str, int], Episode] = {}
    kept = []
    for episode in episodes:
        key = (episode.collection, episode.label, episode.bend, episode.repetition)
        other = first.setdefault(key, episode) if episode.repetition else episode
        if other is episode or not _are_copies(episode, other):
            kept.append(episode)
    return kept


def _are_copies(one: Episode, other: Episode) -> bool:
    flex, other_flex = one.values[:, FLEX], other.values[:, FLEX]
    return flex.shape == other_flex.shape and np.allclose(flex, other_flex, atol=_ROUNDING, equal_nan=True)


def _summarise(episodes: list[Episode], report: Report) -> None:
    for episode in episodes:
        report.episodes[episode.collection or UNNAMED] += 1
        if episode.label:
            report.labels[episode.label] += 1
        report.unlabelled += not episode.label
        report.repairs.update(episode.repairs)
        report.repairs[Repair("repetitions")] += episode.repetition > 0
    report.repairs = +report.repairs
    intervals = [np.diff(episode.t_ms) for episode in episodes if len(episode.t_ms) > 1]
    if intervals:
        p5, median, p95 = np.percentile(np.concatenate(intervals), [5, 50, 95])
        report.interval_ms = (float(p5), float(median), float(p95))
