"""A continuous recording in MCAP (mcap.dev): frames as the glove sent them, and what the service made of them."""

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
from firmware_bridge.codec.lines import ACCELERATION
from firmware_bridge.recorder.schemas import (
    FRAMES,
    REMARKS,
    topic_of,
    topics,
)
from scaleglove.channels import CHANNELS
from scaleglove.client import GloveLetter, LinkReport, ServerMessage
from scaleglove.errors import ScaleGloveError

_CHUNK_BYTES: Final = 64 * 1024
_CHUNK_NS: Final = 1_000_000_000
"""A chunk is what a crash can cost: it is ended with the first message a second after its beginning."""

_MS_TO_NS: Final = 1_000_000


class RecordingFailedError(ScaleGloveError):
    """The recording cannot be begun or gone on with; the text names the file."""


class Recorder:
    """Writes to `path`, which must not be there yet. A message's log time is the host's, in ns since 1970; its publish
    time is the device's, in ns. Frames that are lost are told by the numbers that `seq` passes over.

    with Recorder(Path("today.mcap")) as recorder:
        recorder.events(events)
        recorder.message(prediction)

    Raises:
        RecordingFailedError: the file cannot be made, or is there already.
    """

    def __init__(self, path: Path, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._path = path
        self._clock_ns = clock_ns
        self._seq = 0
        self._failed = False
        try:
            self._file: io.BufferedWriter = path.open("xb")
        except FileExistsError:
            raise RecordingFailedError(f"{path} is there already: a recording replaces nothing") from None
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
        """What the glove said.

        Raises:
            RecordingFailedError: it cannot be written; nothing more will be.
        """
        with self._guarded():
            for event in events:
                self._event(event)

    def message(self, message: ServerMessage | LinkReport | GloveLetter) -> None:
        """What the service said of it, the bridge of its link, or the glove of its letter.

        Raises:
            RecordingFailedError: it cannot be written; nothing more will be.
        """
        topic = topic_of(message)
        if topic is None:
            return
        t_ms = getattr(message, "t_ms", None)
        with self._guarded():
            self._add(topic, orjson.dumps(message), 0 if t_ms is None else round(t_ms * _MS_TO_NS))

    def close(self) -> None:
        """Write the index, without which a recording is read from its beginning only.

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
            case Remark(text=text):
                self._add(REMARKS, orjson.dumps({"text": text}), 0)
            case DeviceRestarted(t_ms=t_ms):
                self._add(REMARKS, orjson.dumps({"text": f"restarted at {t_ms:g} ms"}), 0)
            case _:
                pass

    def _frame(self, frame: FrameRead) -> None:
        fields: dict[str, float] = {"t_ms": frame.t_ms, "seq": self._seq}
        fields |= zip(CHANNELS, frame.values, strict=True)
        if frame.acceleration is not None:
            fields |= zip(ACCELERATION, frame.acceleration, strict=True)
        self._add(FRAMES, orjson.dumps(fields), round(frame.t_ms * _MS_TO_NS))
        self._seq += 1

    def _add(self, topic: str, data: bytes, publish_time: int) -> None:
        now_ns = self._clock_ns()
        self._writer.add_message(self._channels[topic], now_ns, data, publish_time)
        if not 0 <= now_ns - self._chunk_ns < _CHUNK_NS:  # also where the host's clock was set back
            self._writer.flush()  # type: ignore[no-untyped-call]
            self._chunk_ns = now_ns

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn the system's errors into one of ours, after which nothing more is written."""
        if self._failed:
            raise RecordingFailedError(f"the recording {self._path} has ended")
        try:
            yield
        except OSError as error:
            self._abandon()
            raise RecordingFailedError(f"cannot go on recording to {self._path}: {error.strerror}") from None

    def _abandon(self) -> None:
        """Close the file as it stands."""
        self._failed = True
        with suppress(OSError):  # said already: the disk is full, or gone
            self._file.close()
