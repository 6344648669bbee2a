"""A raw recording: every byte that the ports gave, with its time of arrival. docs/reference/raw.md is the format.

One line of JSON for each event, written at once: a crash loses at most the line that it cuts off, which a reader skips.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import orjson

from firmware_bridge.recorder.writer import RecordingFailedError

VERSION: Final = 1

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""An hour of a glove at 1,000 frames a second, a day at 50: what a user sends is a minute."""

_MAX_LINE_BYTES: Final = 1024 * 1024
"""Longer than the line of any read, 64 KB in base64; a file with longer ones is none of these."""


_MAX_T_S: Final = 1e7
"""Latest time of a read, some four months: a replay would wait for a later one."""


class RawRecorder:
    """Writer of a raw recording to `path`, which must not exist yet; a `Tap` of the link.

    If it cannot go on (a full disk, the maximum size), `on_failure` is called once with the reason, and `failed` is
    set.

    Raises:
        RecordingFailedError: the file cannot be created, or exists already.
    """

    def __init__(
        self,
        path: Path,
        on_failure: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        max_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        self.failed = False
        self._path = path
        self._on_failure = on_failure
        self._clock = clock
        self._begun_s = clock()
        self._left_bytes = max_bytes
        self._ports = 0
        try:
            self._file = path.open("xb", buffering=0)
        except FileExistsError:
            raise RecordingFailedError(f"{path} exists already: choose another name, or remove it") from None
        except OSError as error:
            raise RecordingFailedError(f"cannot record to {path}: {error.strerror}") from None
        begun = datetime.now(UTC).isoformat(timespec="seconds")
        self._write({"scaleglove_raw": VERSION, "scaleglove": version("scaleglove"), "begun": begun})

    def opened(self, name: str, baud: int | None) -> int:
        """Write that a port was opened, and return its number."""
        self._ports += 1
        self._event(self._ports, open=name, baud=baud)
        return self._ports

    def baud_changed(self, number: int, baud: int) -> None:
        """Write the rate at which the next bytes are read."""
        self._event(number, baud=baud)

    def received(self, number: int, data: bytes) -> None:
        """Write the bytes of one read."""
        self._event(number, **_encoded(data))

    def wrote(self, number: int, data: bytes) -> None:
        """Write what the link wrote, which is never replayed."""
        self._event(number, wrote=data.decode("ascii", "backslashreplace"))

    def closed(self, number: int, reason: str) -> None:
        """Write the end of a port, and why it was lost if it was."""
        self._event(number, close=reason)

    def close(self) -> None:
        """End the recording."""
        if not self._file.closed:
            if not self.failed:
                os.fsync(self._file.fileno())
            self._file.close()

    def _event(self, number: int, **fields: object) -> None:
        self._write({"t": round(self._clock() - self._begun_s, 6), "port": number, **fields})

    def _write(self, event: dict[str, object]) -> None:
        if self.failed or self._file.closed:
            return
        line = orjson.dumps(event) + b"\n"
        self._left_bytes -= len(line)
        if self._left_bytes < 0:
            self._fail(f"the raw recording {self._path} has its maximum size, and ends here")
            return
        try:
            written = self._file.write(line)
        except OSError as error:
            self._fail(f"cannot continue recording to {self._path}: {error.strerror}")
            return
        if written != len(line):
            self._fail(f"cannot continue recording to {self._path}: the disk is full")

    def _fail(self, why: str) -> None:
        self.failed = True
        self._on_failure(why)


@dataclass(frozen=True, slots=True)
class RawRead:
    """Bytes of one read, `t_s` seconds after the recording began."""

    t_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class RawPort:
    """What the port of one name gave, over all its openings."""

    name: str
    reads: tuple[RawRead, ...]

    @property
    def bytes(self) -> int:
        """Bytes of all reads."""
        return sum(len(read.data) for read in self.reads)


def read_raw(path: Path) -> list[RawPort]:
    """Read a raw recording: one entry for each name of a port, those with the most bytes first.

    Raises:
        RecordingFailedError: the file is not a raw recording, or is damaged.
    """
    names: dict[int, str] = {}
    reads: dict[str, list[RawRead]] = {}
    for number, event in enumerate(_events(path), 1):
        try:
            _take(event, names, reads)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise RecordingFailedError(f"{path} is damaged in line {number}") from None
    ports = [RawPort(name, tuple(reads[name])) for name in reads]
    return sorted(ports, key=lambda port: port.bytes, reverse=True)


def _take(event: dict[str, Any], names: dict[int, str], reads: dict[str, list[RawRead]]) -> None:
    if "scaleglove_raw" in event:
        return
    if "open" in event:
        names[event["port"]] = str(event["open"])
        reads.setdefault(names[event["port"]], [])
    elif "text" in event or "base64" in event:
        t_s = float(event["t"])
        if not 0 <= t_s <= _MAX_T_S:
            raise ValueError("no time of a recording")
        reads[names[event["port"]]].append(RawRead(t_s, _decoded(event)))


def _events(path: Path) -> Iterator[dict[str, Any]]:
    """Return the events of a file; a last line that was cut off is left out."""
    try:
        if path.exists() and not path.is_file():  # to open a pipe would wait for its writer
            raise RecordingFailedError(f"cannot read {path}: not a file")
        with path.open("rb") as file:
            first = file.readline(_MAX_LINE_BYTES)
            _check_begin(path, first)
            yield {"scaleglove_raw": VERSION}
            while line := file.readline(_MAX_LINE_BYTES):
                if line.endswith(b"\n"):
                    yield _event(line)
                elif len(line) == _MAX_LINE_BYTES:
                    yield {"text": None}
    except OSError as error:
        raise RecordingFailedError(f"cannot read {path}: {error.strerror}") from None


def _check_begin(path: Path, line: bytes) -> None:
    begin = _event(line)
    if "scaleglove_raw" not in begin:
        raise RecordingFailedError(f"{path} is not a raw recording: bridge --raw makes them")
    if begin["scaleglove_raw"] != VERSION:
        raise RecordingFailedError(f"{path} has version {begin['scaleglove_raw']}; this scaleglove reads {VERSION}")


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {"text": None}
    return event if isinstance(event, dict) else {"text": None}


def _encoded(data: bytes) -> dict[str, str]:
    """Return bytes as text where they are ASCII, so that people can read them."""
    if data.isascii():
        return {"text": data.decode("ascii")}
    return {"base64": base64.b64encode(data).decode("ascii")}


def _decoded(event: dict[str, Any]) -> bytes:
    if "text" in event:
        return bytes(event["text"].encode("ascii"))
    return base64.b64decode(event["base64"], validate=True)
