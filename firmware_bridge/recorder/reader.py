"""Reader of continuous recordings: every whole part of them is read, whatever happened to the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Any, Final, cast

import numpy as np
import orjson
from mcap.writer import Writer
from numpy.typing import NDArray

from firmware_bridge.recorder.schemas import FRAMES
from firmware_bridge.recorder.whole_parts import (
    MAGIC,
    ChannelRecord,
    Condition,
    Data,
    MessageRecord,
    Record,
    SchemaRecord,
    records_of,
)
from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.recordings import RecordingError

SUFFIX: Final = ".mcap"

MAX_T_MS: Final = 1e13
"""Largest time of a frame: three hundred years, and more than the milliseconds since 1970."""

_SEQUENCES: Final = 2**53
"""Frames that a recording can number."""


@dataclass(frozen=True, slots=True)
class RecordedMessage:
    """Recorded message: its topic, its log time (ns since 1970) and its fields; None: it is not a JSON object, as those
    of other programs' topics need not be."""

    topic: str
    log_time_ns: int
    fields: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Track:
    """Frames between two restarts of the device: `t_ms` float64[n] rises from 0, `values` float32[n, 8] (NaN: the glove
    has no such sensor), and `missing` int64[n] is the number of frames known to be lost before each frame."""

    t_ms: NDArray[np.float64]
    values: NDArray[np.float32]
    missing: NDArray[np.int64]


@dataclass
class Recording:
    """Messages of a file. `finished` is False for a truncated file, whose writer was killed; `damaged` counts places
    where something was left out, and `unknown` messages whose topic was lost."""

    path: Path
    messages: list[RecordedMessage] = field(default_factory=list)
    finished: bool = False
    damaged: int = 0
    unknown: int = 0

    @property
    def is_damaged(self) -> bool:
        """Whether something in it was lost other than by being cut off."""
        return bool(self.damaged or self.unknown)

    def of(self, topic: str) -> list[dict[str, Any]]:
        """Return the fields of each message of a topic, in order; those that are not JSON have none."""
        return [message.fields or {} for message in self.messages if message.topic == topic]

    def tracks(self) -> list[Track]:
        """Return the frames, split where the device restarted.

        Raises:
            RecordingError: the recording has no frame, or one that is not of plausible numbers.
        """
        frames = self.of(FRAMES)
        if not frames:
            raise RecordingError(f"{self.path}: the recording has no frame", code="no_frames")
        for number, frame in enumerate(frames, 1):
            if not _is_frame(frame):
                raise RecordingError(f"{self.path}: frame {number} is not of plausible numbers", code="frame")
        t_ms = np.array([frame["t_ms"] for frame in frames], np.float64)
        seq = np.array([frame["seq"] for frame in frames], np.int64)
        values = np.array([[frame.get(channel, math.nan) for channel in CHANNELS] for frame in frames], np.float32)
        missing = np.maximum(np.diff(seq, prepend=seq[0] - 1) - 1, 0)
        cuts = np.flatnonzero(np.diff(t_ms) < 0) + 1
        return [
            Track(times - times[0], *rest)
            for times, *rest in zip(np.split(t_ms, cuts), np.split(values, cuts), np.split(missing, cuts), strict=True)
        ]


def _is_frame(fields: dict[str, Any]) -> bool:
    seq = fields.get("seq")
    return (
        _is_number(fields.get("t_ms"), MAX_T_MS)
        and type(seq) is int
        and 0 <= seq < _SEQUENCES
        and all(_is_number(fields.get(channel, 0), MAX_MAGNITUDE) for channel in CHANNELS)
    )


def _is_number(value: object, most: float) -> bool:
    return type(value) in (int, float) and abs(cast("float", value)) <= most


def read_recording(path: Path) -> Recording:
    """Read every whole part of a recording.

    Raises:
        RecordingError: the file is not a recording, or nothing in it is whole.
    """
    recording = Recording(path)
    with _opened(path) as data:
        condition, channels = Condition(), dict[int, ChannelRecord]()
        for record in records_of(data, condition):
            match record:
                case ChannelRecord(id=number):
                    channels[number] = record
                case MessageRecord(channel=number) if number in channels:
                    recording.messages.append(_message(channels[number], record))
                case MessageRecord():
                    recording.unknown += 1
                case _:
                    pass
    recording.finished, recording.damaged = condition.finished, condition.damaged
    if not recording.messages and recording.is_damaged:
        raise RecordingError(f"{path}: damaged: no part of it is whole")
    return recording


def recover(source: Path, target: Path) -> int:
    """Copy every whole part of `source` to a finished, indexed recording `target`, and return the number of messages.

    Raises:
        RecordingError: `source` is not a recording, or has no whole message; there is then no `target`.
        FileExistsError: `target` exists already.
    """
    with target.open("xb") as out:
        try:
            count = _copy(source, out)
        except BaseException:
            target.unlink()
            raise
    return count


def _copy(source: Path, out: IO[bytes]) -> int:
    writer = Writer(out)
    writer.start(profile="", library="scaleglove")
    schemas: dict[int, int] = {}
    channels: dict[int, int] = {}
    known: set[Record] = set()
    count = 0
    with _opened(source) as data:
        for record in records_of(data, Condition()):
            if isinstance(record, MessageRecord):
                if record.channel in channels:
                    channel = channels[record.channel]
                    writer.add_message(channel, record.log_time, record.data, record.publish_time, record.sequence)
                    count += 1
            elif record not in known:  # a summary repeats them
                known.add(record)
                if isinstance(record, SchemaRecord):
                    schemas[record.id] = writer.register_schema(record.name, record.encoding, record.data)
                else:
                    schema = schemas.get(record.schema, 0)
                    channels[record.id] = writer.register_channel(record.topic, record.encoding, schema)
    if not count:
        raise RecordingError(f"{source}: no message of it is whole", code="no_frames")
    writer.finish()  # type: ignore[no-untyped-call]
    return count


def _message(channel: ChannelRecord, record: MessageRecord) -> RecordedMessage:
    return RecordedMessage(channel.topic, record.log_time, _fields(record.data) if channel.encoding == "json" else None)


def _fields(data: bytes) -> dict[str, Any] | None:
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return fields if isinstance(fields, dict) else None


@contextmanager
def _opened(path: Path) -> Iterator[Data]:
    """Open the bytes of a recording, which is not read into memory as a whole.

    Raises:
        RecordingError: it cannot be read, or is not an MCAP file.
    """
    try:
        if not path.is_file():  # to open a pipe would wait for its writer
            raise RecordingError(f"{path}: {'not a file' if path.exists() else 'no such file'}", code="unreadable")
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise RecordingError(f"{path}: not an MCAP file", code="not_mcap")
            with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
                yield data
    except FileExistsError:
        raise
    except OSError as error:
        raise RecordingError(f"{path}: cannot read the file: {error.strerror}", code="unreadable") from None
