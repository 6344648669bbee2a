"""A folder of recordings: the files in it, their episodes, and a report on them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scaleglove.recordings.episode import Episode, load_episodes
from scaleglove.recordings.errors import RecordingError
from scaleglove.recordings.repairs import Repair, text_of


@dataclass
class Report:
    """Report on a folder of recordings: its contents and its faults."""

    episodes: Counter[str] = field(default_factory=Counter)
    """Episodes by collection."""
    letters: Counter[str] = field(default_factory=Counter)
    """Episodes by letter."""
    other_labels: Counter[str] = field(default_factory=Counter)
    """Episodes by label, of labels that are none of the 24 letters."""
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
            "letters": dict(self.letters),
            "other_labels": dict(self.other_labels),
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
    """Return every CSV file at or below `root`, in a stable order.

    Raises:
        RecordingError: there is no such path, or no recording in it.
    """
    if not root.exists():
        raise RecordingError(f"{root}: no such file or folder", code="not_found")
    if root.suffix.lower() == ".mcap":
        raise RecordingError(
            f"{root}: a continuous recording, not a labelled episode; use scaleglove recover", code="continuous"
        )
    paths = [root] if root.is_file() else sorted(root.rglob("*.[cC][sS][vV]"))
    if not paths:
        raise RecordingError(f"{root}: no recordings (*.csv) in this folder", code="not_found")
    return paths


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
            episodes += load_episodes(path)
        except RecordingError as error:
            report.refusals.append(error)
    if not episodes:
        first = report.refusals[0]
        raise RecordingError(f"{root}: no readable recording; the first error: {first}", code=first.code)
    _summarise(episodes, report)
    return episodes, report


def _summarise(episodes: list[Episode], report: Report) -> None:
    for episode in episodes:
        report.episodes[episode.collection or "(no collection)"] += 1
        if episode.label:
            (report.letters if episode.letter else report.other_labels)[episode.label] += 1
        report.repairs.update(episode.repairs)
        report.repairs[Repair("repetitions")] += episode.repetition > 0
    report.repairs = +report.repairs
    intervals = [np.diff(episode.t_ms) for episode in episodes if len(episode.t_ms) > 1]
    if intervals:
        p5, median, p95 = np.percentile(np.concatenate(intervals), [5, 50, 95])
        report.interval_ms = (float(p5), float(median), float(p95))
