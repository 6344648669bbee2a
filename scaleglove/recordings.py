"""Labelled recordings in the public CSV layout: `COLLECTION/LETTER/BEND/episode_DATE_TIME_LETTER_BEND.csv`.

Nothing is silently dropped or repaired: every repair is counted in a `Report`, every unreadable file is named there.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scaleglove.channels import (
    ANGLES,
    CHANNELS,
    DROPPED_FLEX_BELOW,
    FLEX,
    MAX_MAGNITUDE,
)
from scaleglove.errors import ScaleGloveError
from scaleglove.letters import LETTERS
from scaleglove.resampling import MAX_GAP_MS

FULL_EPISODE_FRAMES = 80

_TIME = "timestamp_ms"


class RecordingError(ScaleGloveError):
    """A file that is not a recording; the message names the file and the column or line."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Recording of one static letter: times `t_ms` float64[n], strictly rising from 0, and `values` float32[n, 8].

    The values are those of the device, dropped flex readings included: the model's own front end neutralises them, in
    training as in serving.
    """

    path: Path
    collection: str
    letter: str
    bend: str
    t_ms: NDArray[np.float64]
    values: NDArray[np.float32]
    repairs: Counter[str]


@dataclass
class Report:
    """Report on a folder of recordings: its contents and its faults."""

    episodes: Counter[str] = field(default_factory=Counter)
    """Episodes by collection."""
    letters: Counter[str] = field(default_factory=Counter)
    """Labelled episodes by letter."""
    findings: Counter[str] = field(default_factory=Counter)
    """Number of faults of each kind, with their treatment."""
    unreadable: list[str] = field(default_factory=list)
    interval_ms: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    """5th percentile, median and 95th percentile of the time between frames."""

    def as_dict(self) -> dict[str, object]:
        """Return the report as JSON values."""
        intervals = [None if math.isnan(ms) else round(ms, 3) for ms in self.interval_ms]
        return {
            "episodes": dict(self.episodes),
            "letters": dict(self.letters),
            "findings": dict(self.findings),
            "unreadable": self.unreadable,
            "interval_ms": dict(zip(("p5", "median", "p95"), intervals, strict=True)),
        }


def find_recordings(root: Path) -> list[Path]:
    """Return every CSV file at or below `root`, in a stable order.

    Raises:
        RecordingError: there is no such path, or no recording in it.
    """
    if not root.exists():
        raise RecordingError(f"{root}: no such file or folder")
    if root.suffix == ".mcap":
        raise RecordingError(f"{root}: a continuous recording, not a labelled episode; use scaleglove recover")
    paths = [root] if root.is_file() else sorted(root.rglob("*.csv"))
    if not paths:
        raise RecordingError(f"{root}: no recordings (*.csv) in this folder")
    return paths


def load_episode(path: Path) -> Episode:
    """Read one recording.

    Raises:
        RecordingError: a column is missing, or no line can be read.
    """
    times, rows, repairs = _read_rows(path)
    t_ms = _repair_time(np.array(times, np.float64), repairs)
    values = np.array(rows, np.float32)
    _count_faults(t_ms, values, repairs)
    collection, letter, bend = _labels(path)
    return Episode(path, collection, letter, bend, t_ms, values, repairs)


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
            episodes.append(load_episode(path))
        except RecordingError as error:
            report.unreadable.append(str(error))
    if not episodes:
        raise RecordingError(f"{root}: no readable recording; the first error: {report.unreadable[0]}")
    _summarise(episodes, report)
    return episodes, report


def _read_rows(path: Path) -> tuple[list[float], list[list[float]], Counter[str]]:
    repairs: Counter[str] = Counter()
    times: list[float] = []
    rows: list[list[float]] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in (_TIME, *CHANNELS) if name not in (reader.fieldnames or ())]
            if missing:
                raise RecordingError(f"{path}: column {missing[0]} is missing")
            for line in reader:
                try:
                    numbers = [float(line[name]) for name in (_TIME, *CHANNELS)]
                except (TypeError, ValueError):
                    numbers = [math.nan, math.nan]
                if not all(abs(number) <= MAX_MAGNITUDE for number in numbers[1:]) or not math.isfinite(numbers[0]):
                    repairs["lines left out: not nine plausible numbers"] += 1
                    continue
                times.append(numbers[0])
                rows.append(numbers[1:])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(f"{path}: cannot be read: {error}") from None
    if not rows:
        raise RecordingError(f"{path}: no line with nine plausible numbers")
    return times, rows, repairs


def _repair_time(t_ms: NDArray[np.float64], repairs: Counter[str]) -> NDArray[np.float64]:
    """Return times that rise from 0. A step that does not rise becomes the median: a file's lines are in true order."""
    steps = np.diff(t_ms)
    wrong = steps <= 0
    if wrong.any():
        repairs["device time that does not rise: step replaced by the median"] += int(wrong.sum())
        steps[wrong] = np.median(steps[~wrong]) if not wrong.all() else 20.0
    repaired: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(steps)])
    return repaired


def _count_faults(t_ms: NDArray[np.float64], values: NDArray[np.float32], repairs: Counter[str]) -> None:
    gaps = int((np.diff(t_ms) > MAX_GAP_MS).sum())
    if gaps:
        repairs[f"gaps of more than {MAX_GAP_MS:g} ms: frames before the last one are not used"] += gaps
    if len(values) < FULL_EPISODE_FRAMES:
        repairs[f"episodes shorter than {FULL_EPISODE_FRAMES} frames: kept as they are"] += 1
    for channel, lost in zip(CHANNELS[FLEX], (values[:, FLEX] < DROPPED_FLEX_BELOW).sum(axis=0), strict=True):
        if lost:
            repairs[f"{channel} frames dropped out: kept, neutralised inside the model"] += int(lost)
    for channel, jumps in zip(
        CHANNELS[ANGLES], (np.abs(np.diff(values[:, ANGLES], axis=0)) > 180).sum(axis=0), strict=True
    ):
        if jumps:
            repairs[f"{channel} crossings of +-180 degrees: joined along the shorter arc"] += int(jumps)


def _labels(path: Path) -> tuple[str, str, str]:
    """Return collection, letter and bend from the folders; empty for a file outside the layout."""
    parts = path.resolve().parts
    if len(parts) >= 4 and parts[-3] in LETTERS:
        return parts[-4], parts[-3], parts[-2]
    return "", "", ""


def _summarise(episodes: list[Episode], report: Report) -> None:
    for episode in episodes:
        report.episodes[episode.collection or "(no collection)"] += 1
        if episode.letter:
            report.letters[episode.letter] += 1
        report.findings.update(episode.repairs)
    intervals = [np.diff(episode.t_ms) for episode in episodes if len(episode.t_ms) > 1]
    if intervals:
        p5, median, p95 = np.percentile(np.concatenate(intervals), [5, 50, 95])
        report.interval_ms = (float(p5), float(median), float(p95))
