"""A continuous recording in MCAP (mcap.dev): frames as the glove sent them, and all messages of the service."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import orjson
from mcap.writer import Writer

from firmware_bridge.codec.events import DeviceRestarted, Event, FrameRead, FramesMissing, Remark
from firmware_bridge.recorder.schemas import (
    FRAMES,
    REMARKS,
    frame_fields,
    remark_fields,
    topic_of,
    topics,
)
from scaleglove.client import GloveLetter, LinkReport, ServerMessage
from scaleglove.errors import ScaleGloveError

_CHUNK_BYTES: Final = 64 * 1024
_CHUNK_NS: Final = 1_000_000_000
"""A crash loses at most one chunk: it ends with the first message that is a second later than its beginning."""

_MS_TO_NS: Final = 1_000_000


class RecordingFailedError(ScaleGloveError):
    """A recording that cannot begin or continue; the text names the file."""


class Recorder:
    """Writes to `path`, which must not exist yet. A message's log time is the host's, in ns since 1970; its publish
    time is the device's, in ns. Numbers that `seq` skips are lost frames.

    with Recorder(Path("today.mcap")) as recorder:
        recorder.events(events)
        recorder.message(prediction)

    Raises:
        RecordingFailedError: the file cannot be created, or exists already.
    """

    def __init__(self, path: Path, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._path = path
        self._clock_ns = clock_ns
        self._seq = 0
        self._failed = False
        try:
            self._file: io.BufferedWriter = path.open("xb")
        except FileExistsError:
            raise RecordingFailedError(f"{path} exists already: choose another name, or remove it") from None
        except OSError as error:
            raise RecordingFailedError(f"cannot record to {path}: {error.strerror}") from None
        self._writer = Writer(self._file, chunk_size=_CHUNK_BYTES)
        self._chunk_ns = clock_ns()
        self._channels: dict[str, int] = {}
        with self._guarded():
            self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def events(self, events: Iterable[Event]) -> None:
        """Write what the glove sent.

        Raises:
            RecordingFailedError: it cannot be written; the recording has ended.
        """
        with self._guarded():
            for event in events:
                self._event(event)

    def message(self, message: ServerMessage | LinkReport | GloveLetter) -> None:
        """Write a message of the service, a report of the bridge on its link, or a letter of the glove's own.

        Raises:
            RecordingFailedError: it cannot be written; the recording has ended.
        """
        topic = topic_of(message)
        if topic is None:
            return
        t_ms = getattr(message, "t_ms", None)
        with self._guarded():
            self._add(topic, orjson.dumps(message), 0 if t_ms is None else round(t_ms * _MS_TO_NS))

    def close(self) -> None:
        """Write the index, without which a recording can only be read from its beginning.

        Raises:
            RecordingFailedError: it cannot be written.
        """
        if self._file.closed:
            return
        try:
            with self._guarded():
                self._writer.finish()  # type: ignore[no-untyped-call]
                self._file.flush()
                os.fsync(self._file.fileno())
        finally:
            self._abandon()

    def _begin(self) -> None:
        self._writer.start(profile="", library="scaleglove")
        for topic in topics().values():
            schema = self._writer.register_schema(topic.schema_name, "jsonschema", topic.schema)
            self._channels[topic.name] = self._writer.register_channel(topic.name, "json", schema)

    def _event(self, event: Event) -> None:
        match event:
            case FrameRead():
                self._frame(event)
            case FramesMissing(count=count, reason="sequence"):
                self._seq += count
            case Remark(text=text, values=values):
                self._add(REMARKS, orjson.dumps(remark_fields(text, values)), 0)
            case DeviceRestarted(t_ms=t_ms):
                self._add(REMARKS, orjson.dumps({"text": f"restarted at {t_ms:g} ms"}), 0)
            case _:
                pass

    def _frame(self, frame: FrameRead) -> None:
        self._add(FRAMES, orjson.dumps(frame_fields(frame, self._seq)), round(frame.t_ms * _MS_TO_NS))
        self._seq += 1

    def _add(self, topic: str, data: bytes, publish_time: int) -> None:
        now_ns = self._clock_ns()
        self._writer.add_message(self._channels[topic], now_ns, data, publish_time)
        if not 0 <= now_ns - self._chunk_ns < _CHUNK_NS:  # also where the host's clock was set back
            self._writer.flush()  # type: ignore[no-untyped-call]
            self._chunk_ns = now_ns

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Raise RecordingFailedError for an error of the system, and end the recording."""
        if self._failed:
            raise RecordingFailedError(f"the recording {self._path} has ended")
        try:
            yield
        except OSError as error:
            self._abandon()
            raise RecordingFailedError(f"cannot continue recording to {self._path}: {error.strerror}") from None

    def _abandon(self) -> None:
        """Close the file as it is."""
        self._failed = True
        with suppress(OSError):  # reported already: the disk is full, or removed
            self._file.close()
