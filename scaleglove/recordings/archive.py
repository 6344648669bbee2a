"""Archives of one person's signs (`person_NNN.npz`): every sign repeated several times, each array with all of them.

| array | shape | unit |
|---|---|---|
| `signs` | text [signs] | the labels |
| `t_ms` | [signs, repetitions, frames] | milliseconds from the repetition's beginning |
| `flex` | [signs, repetitions, frames, 5] | tenths of the glove's unit |
| `quaternion` | [signs, repetitions, frames, 4] | w, x, y, z in 1/16384 |

Other arrays are not read. The ASL glove's recordings (doi 10.1038/s41598-022-25108-2) are kept in this form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast
from zipfile import ZipFile

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from scaleglove.channel_names import HeaderField
from scaleglove.channels import ANGLES, CHANNELS, FLEX, MAX_MAGNITUDE
from scaleglove.recordings.clock import Clock, times_of
from scaleglove.recordings.episode import Episode
from scaleglove.recordings.errors import RecordingError
from scaleglove.recordings.file import require_file
from scaleglove.recordings.labels import plain
from scaleglove.recordings.quaternion import angles_of
from scaleglove.recordings.repairs import Repair, faults_of

SUFFIX: Final = ".npz"

_FLEX_UNIT: Final = 0.1
_LEAST_NORM: Final = 0.5 * 16384
"""A quaternion of orientation has norm 16384; one far shorter was never measured."""

_MOST_NUMBERS: Final = 50_000_000
"""Numbers of one array: a hundred signs of a hundred repetitions of a thousand frames of five sensors."""

_MOST_BYTES: Final = 8 * _MOST_NUMBERS + 1024
"""Of one unpacked array, its header included."""

_SHOWN: Final = 200
"""Characters of a library's fault."""

_PERSON: Final = re.compile(r"person_(.+)")
_CLOCK: Final = HeaderField("t_ms", "ms")
_WIDTHS: Final = {"t_ms": (), "flex": (5,), "quaternion": (4,)}

_Floats = NDArray[np.float64]


def load_archive(path: Path) -> list[Episode]:
    """Read the repetitions of an archive, sign by sign; the person is the collection.

    Raises:
        RecordingError: the file is not such an archive, or no frame of a repetition can be used.
    """
    try:
        require_file(path)
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            if not isinstance(file, NpzFile):
                raise RecordingError("one array, not an archive of several", code="damaged")
            _require_bounded(file)
            signs, arrays = _arrays(file)
        match = _PERSON.fullmatch(path.stem)
        collection = plain(match[1] if match else path.stem)
        return list(_episodes(path, collection, signs, arrays))
    except RecordingError as error:
        raise error.in_file(path) from None
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}", code="unreadable") from None
    except Exception as error:  # noqa: BLE001 - numpy, zipfile and zlib raise many types for a damaged file
        fault = str(error) or type(error).__name__
        raise RecordingError(f"{path}: not an archive of arrays: {fault[:_SHOWN]}", code="damaged") from None


def _require_bounded(file: NpzFile) -> None:
    """Refuse an archive that would unpack to more than any recording.

    Raises:
        RecordingError: code `damaged`.
    """
    for member in cast("ZipFile", file.zip).infolist():
        if member.file_size > _MOST_BYTES:
            raise RecordingError(
                f"{member.filename[:_SHOWN]} has no numbers, or too many",
                code="damaged",
                column=member.filename[:_SHOWN],
            )


def _arrays(file: Mapping[str, NDArray[Any]]) -> tuple[list[str], dict[str, _Floats]]:
    """Return the labels and the arrays by name, float64 in the file's units.

    Raises:
        RecordingError: code `no_channel`: an array is missing; `damaged`: it has another shape, or is no numbers.
    """
    for name in ("signs", *_WIDTHS):
        if name not in file:
            has = ", ".join(sorted(file)) or "nothing"
            raise RecordingError(f"it has {has}; an archive of signs has {name}", code="no_channel", column=name)
    signs = [plain(str(sign)) for sign in file["signs"].reshape(-1)]
    arrays: dict[str, _Floats] = {}
    shape: tuple[int, ...] = ()
    for name, width in _WIDTHS.items():
        array = file[name]
        shape = shape or array.shape[:3]
        if array.dtype.kind not in "iuf" or not 0 < array.size <= _MOST_NUMBERS:
            raise RecordingError(f"{name} has no numbers, or too many", code="damaged", column=name)
        if len(shape) != 3 or shape[0] != len(signs) or array.shape != shape + width:
            expected = ", ".join(["signs", "repetitions", "frames", *map(str, width)])
            text = f"{name} has the shape {array.shape} for {len(signs)} signs; it must be ({expected})"
            raise RecordingError(text, code="damaged", column=name)
        arrays[name] = array.astype(np.float64)
    return signs, arrays


def _episodes(path: Path, collection: str, signs: list[str], arrays: Mapping[str, _Floats]) -> Iterator[Episode]:
    for sign, label in enumerate(signs):
        for repetition in range(arrays["t_ms"].shape[1]):
            t_ms, values, repairs = _frames(
                *(arrays[name][sign, repetition] for name in ("t_ms", "flex", "quaternion"))
            )
            yield Episode(
                path,
                collection,
                label,
                "",
                t_ms,
                values,
                repairs + faults_of(t_ms, values),
                repetition + 1,
            )


def _frames(t_ms: _Floats, flex: _Floats, quaternion: _Floats) -> tuple[_Floats, NDArray[np.float32], Counter[Repair]]:
    """Return times, frames float32[n, 8] and what was done to them.

    Raises:
        RecordingError: code `no_numbers`: no frame is plausible; `no_clock`: its times are no clock.
    """
    plausible = np.abs(flex * _FLEX_UNIT).max(axis=1) <= MAX_MAGNITUDE
    good = np.isfinite(t_ms) & plausible & (np.linalg.norm(quaternion, axis=1) >= _LEAST_NORM)
    if not good.any():
        raise RecordingError("a repetition has no frame with plausible numbers", code="no_numbers")
    values = np.empty((int(good.sum()), len(CHANNELS)), np.float32)
    values[:, FLEX] = flex[good] * _FLEX_UNIT
    values[:, ANGLES] = angles_of(quaternion[good])
    times, said = times_of(Clock(t_ms[good], _CLOCK), None)
    said["line_left_out"] += int((~good).sum())
    said["angles_from_quaternion"] += 1
    return times, values, Counter({Repair(code): count for code, count in (+said).items()})
