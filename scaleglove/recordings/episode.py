"""One labelled recording: its labels, its times and its values in the model's order and units."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scaleglove.channel_names import QUATERNION, RECEIVED, TIME
from scaleglove.channels import ANGLES, CHANNELS, MAX_MAGNITUDE
from scaleglove.recordings.clock import Clock, times_of
from scaleglove.recordings.errors import RecordingError
from scaleglove.recordings.file import read_file
from scaleglove.recordings.labels import labels_of
from scaleglove.recordings.quaternion import angles_of
from scaleglove.recordings.repairs import Repair, faults_of
from scaleglove.recordings.table import Table, read_table
from scaleglove.recordings.text import decode
from scaleglove.resampling import MAX_GAP_MS

_PUBLISHED_BY = "userid"
"""The column of the published ASL recordings that no other layout has; their files hold several repetitions."""

_MAX_TICKS = 1e20
"""Bound of a time in any unit: the nanoseconds of the epoch are 2e18."""

_REPETITION_FRAMES = 150
"""Frames of a repetition there: 1.5 s at 100 Hz."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Recording of one sign: times `t_ms` float64[n], strictly rising from 0, and `values` float32[n, 8].

    The values are those of the device, dropped flex readings included: the model's own front end neutralises them, in
    training as in serving. A sensor that the recording lacks is NaN throughout. `label` is as in the folder, empty
    where nothing says it. `repetition` counts from 1 in a file of several, else 0.
    """

    path: Path
    collection: str
    label: str
    bend: str
    t_ms: NDArray[np.float64]
    values: NDArray[np.float32]
    repairs: Counter[Repair]
    repetition: int = 0

    @property
    def missing(self) -> tuple[str, ...]:
        """The channels that the recording does not have."""
        return tuple(channel for channel, value in zip(CHANNELS, self.values[0], strict=True) if np.isnan(value))

    def require_complete(self) -> None:
        """Refuse a recording that lacks a sensor, for those that need all.

        Raises:
            RecordingError: code `channel_missing`.
        """
        if self.missing:
            raise RecordingError(
                f"{self.path}: no readings of {', '.join(self.missing)}: the model needs all {len(CHANNELS)} channels",
                code="channel_missing",
                column=self.missing[0],
            )


class _File(NamedTuple):
    """A file that has been read. `repairs` are those of the file as a whole."""

    path: Path
    t_ms: NDArray[np.float64]
    values: NDArray[np.float32]
    repairs: Counter[Repair]
    is_published: bool
    folders: int


def load_episode(path: Path) -> Episode:
    """Read one recording, the repetitions of a file of several as one.

    Raises:
        RecordingError: the file cannot be read as one.
    """
    return _episode(_read(path))


def load_repetitions(path: Path, folders: int = 0) -> list[Episode]:
    """Read the recordings of one file: its repetitions in the published layout of the ASL glove, else one; `folders` as
    for `labels_of`.

    Raises:
        RecordingError: the file cannot be read as a recording.
    """
    file = _read(path, folders)
    cuts = _repetitions(file.t_ms)
    if not file.is_published or not len(cuts):
        return [_episode(file)]
    pieces = zip(np.split(file.t_ms, cuts), np.split(file.values, cuts), strict=True)
    nothing: Counter[Repair] = Counter()
    return [
        replace(
            _episode(file._replace(t_ms=t_ms - t_ms[0], values=values, repairs=nothing if number else file.repairs)),
            repetition=number + 1,
        )
        for number, (t_ms, values) in enumerate(pieces)
    ]


def _repetitions(t_ms: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the indices at which repetitions begin, the first one left out: after a pause, and where no line is lost
    also after a repetition's length, as a pause may be short."""
    cuts = np.flatnonzero(np.diff(t_ms) > MAX_GAP_MS) + 1
    if len(t_ms) % _REPETITION_FRAMES == 0 and (cuts % _REPETITION_FRAMES == 0).all():
        return np.arange(_REPETITION_FRAMES, len(t_ms), _REPETITION_FRAMES)
    return cuts


def _read(path: Path, folders: int = 0) -> _File:
    try:
        text, encoding = decode(read_file(path))
        table = read_table(text)
        said: Counter[str] = Counter()
        if encoding in {"cp949", "windows-1252"}:
            said[encoding.replace("-", "_")] += 1
        said["decimal_comma"] += table.decimal_comma
        with np.errstate(over="ignore", invalid="ignore"):  # numbers that are not plausible are left out
            values, good = _values(table, said)
        said["line_left_out"] += table.left_out + int((~good).sum())
        t_ms, clock = times_of(_clock(table, TIME, good), _clock(table, RECEIVED, good))
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}", code="unreadable") from None
    except RecordingError as error:
        raise error.in_file(path) from None
    repairs = Counter({Repair(code): count for code, count in (said + clock).items()})
    published = any(name.lower().replace("_", "") == _PUBLISHED_BY for name in table.header.names)
    return _File(path, t_ms, values[good].astype(np.float32), repairs, published, folders)


def _clock(table: Table, quantity: str, good: NDArray[np.bool_]) -> Clock | None:
    """Return a column of times, None where there is none or it is empty."""
    times = table.numbers.get(quantity)
    if times is None or np.isnan(times).all():
        return None
    plausible = np.where(np.abs(times) <= _MAX_TICKS, times, np.nan)
    return Clock(plausible[good], table.header.columns[quantity].field)


def _values(table: Table, said: Counter[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return float64[n, 8], NaN for missing channels, and which lines are good: complete, and plausible throughout.

    Raises:
        RecordingError: code `no_numbers`: no line is good.
    """
    values = np.full((len(table.lines), len(CHANNELS)), np.nan)
    for index, channel in enumerate(CHANNELS):
        if channel in table.numbers:
            values[:, index] = table.numbers[channel] * _factor(table, channel)
    if QUATERNION[0] in table.numbers:
        values[:, ANGLES] = angles_of(np.stack([table.numbers[name] for name in QUATERNION], axis=1))
        said["angles_from_quaternion"] += 1
    has = ~np.isnan(values).all(axis=0)
    good = (np.abs(values[:, has]) <= MAX_MAGNITUDE).all(axis=1)
    for clock in (TIME, RECEIVED):
        if clock in table.numbers and not np.isnan(table.numbers[clock]).all():
            good &= np.abs(table.numbers[clock]) <= _MAX_TICKS
            break  # the computer's clock beside the device's is a help, and may lack times
    else:
        raise RecordingError("no line has a time: fill the column timestamp_ms", code="no_time")
    if not has.any() or not good.any():
        raise RecordingError(
            f"no line has plausible numbers (up to {MAX_MAGNITUDE:g}) in all of its columns of sensors",
            code="no_numbers",
            line=int(table.lines[0]),
        )
    return values, good


def _factor(table: Table, channel: str) -> float:
    return table.header.columns[channel].field.factor or 1.0


def _episode(file: _File) -> Episode:
    repairs = file.repairs + faults_of(file.t_ms, file.values)
    labels = labels_of(file.path.resolve(), is_published=file.is_published, folders=file.folders)
    repairs[Repair("label_differs")] += labels.differs
    return Episode(file.path, labels.collection, labels.label, labels.bend, file.t_ms, file.values, +repairs)
