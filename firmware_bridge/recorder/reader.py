"""Reader of continuous recordings; an unfinished one is read up to its last complete chunk."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from mcap.exceptions import EndOfFile, InvalidMagic, McapError
from mcap.records import Channel, Footer, McapRecord, Message, Schema
from mcap.stream_reader import CRCValidationError, StreamReader
from mcap.writer import Writer
from numpy.typing import NDArray

from firmware_bridge.recorder.schemas import FRAMES
from scaleglove.channels import CHANNELS
from scaleglove.recordings import RecordingError

SUFFIX: Final = ".mcap"


@dataclass(frozen=True, slots=True)
class RecordedMessage:
    """Recorded message: its topic, its log time (ns since 1970) and its fields."""

    topic: str
    log_time_ns: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Track:
    """Frames between two restarts of the device: `t_ms` float64[n] rises from 0, `values` float32[n, 8] (NaN: the glove
    has no such sensor), and `missing` int64[n] is the number of frames known to be lost before each frame."""

    t_ms: NDArray[np.float64]
    values: NDArray[np.float32]
    missing: NDArray[np.int64]


@dataclass
class Recording:
    """Messages of a file. `finished` is False for a truncated file, whose writer was killed."""

    path: Path
    messages: list[RecordedMessage] = field(default_factory=list)
    finished: bool = False

    def of(self, topic: str) -> list[dict[str, Any]]:
        """Return the fields of each message of a topic, in order."""
        return [message.fields for message in self.messages if message.topic == topic]

    def tracks(self) -> list[Track]:
        """Return the frames, split where the device restarted.

        Raises:
            RecordingError: the recording has no frame.
        """
        frames = self.of(FRAMES)
        if not frames:
            raise RecordingError(f"{self.path}: the recording has no frame", code="no_frames")
        t_ms = np.array([frame["t_ms"] for frame in frames], np.float64)
        seq = np.array([frame["seq"] for frame in frames], np.int64)
        values = np.array([[frame.get(channel, math.nan) for channel in CHANNELS] for frame in frames], np.float32)
        missing = np.maximum(np.diff(seq, prepend=seq[0] - 1) - 1, 0)
        cuts = np.flatnonzero(np.diff(t_ms) < 0) + 1
        return [
            Track(times - times[0], *rest)
            for times, *rest in zip(np.split(t_ms, cuts), np.split(values, cuts), np.split(missing, cuts), strict=True)
        ]


def read_recording(path: Path) -> Recording:
    """Read a recording.

    Raises:
        RecordingError: the file is not a recording, or a part of it is damaged.
    """
    recording = Recording(path)
    with _recording_errors(path), path.open("rb") as file:
        recording.messages += _records(file, recording)
    return recording


def recover(source: Path, target: Path) -> int:
    """Copy the complete part of `source` to a finished, indexed recording `target`, and return the number of messages.

    Raises:
        RecordingError: `source` is not a recording, or a part of it is damaged.
        FileExistsError: `target` exists already.
    """
    with target.open("xb") as out, _recording_errors(source), source.open("rb") as file:
        writer = Writer(out)
        writer.start(profile="", library="scaleglove")
        schemas: dict[int, int] = {}
        channels: dict[int, int] = {}
        count = 0
        for record in _complete_records(file):
            match record:
                case Schema(id=number) if number not in schemas:
                    schemas[number] = writer.register_schema(record.name, record.encoding, record.data)
                case Channel(id=number) if number not in channels:
                    schema = schemas.get(record.schema_id, 0)
                    channels[number] = writer.register_channel(record.topic, record.message_encoding, schema)
                case Message():
                    channel = channels[record.channel_id]
                    writer.add_message(channel, record.log_time, record.data, record.publish_time, record.sequence)
                    count += 1
                case _:
                    pass
        writer.finish()  # type: ignore[no-untyped-call]
    return count


def _records(file: Any, recording: Recording) -> Iterator[RecordedMessage]:
    channels: dict[int, str] = {}
    for record in _complete_records(file):
        match record:
            case Channel(id=number, topic=topic):
                channels[number] = topic
            case Message():
                yield RecordedMessage(channels[record.channel_id], record.log_time, orjson.loads(record.data))
            case Footer():
                recording.finished = True
            case _:
                pass


def _complete_records(file: Any) -> Iterator[McapRecord]:
    """Yield the records of a file up to its end or to where it is truncated."""
    try:
        yield from StreamReader(file, validate_crcs=True).records
    except (EndOfFile, struct.error):  # the library does not check every length itself
        return


@contextmanager
def _recording_errors(path: Path) -> Iterator[None]:
    """Raise errors of the file or of the MCAP library as RecordingError."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise RecordingError(f"{path}: cannot read the file: {error.strerror}", code="unreadable") from None
    except InvalidMagic:
        raise RecordingError(f"{path}: not an MCAP file", code="not_mcap") from None
    except (McapError, CRCValidationError, KeyError, ValueError) as error:
        raise RecordingError(f"{path}: damaged: {error}") from None
