"""The bytes of a file that somebody names as a recording: a regular file, of a bounded size."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from scaleglove.recordings.errors import RecordingError

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""As on the page: two hours of a glove at 100 Hz in the public layout. A table takes some twenty times its file."""


def read_file(path: Path) -> bytes:
    """Read a table's file.

    Raises:
        RecordingError: codes `unreadable`, `too_large`.
        OSError: the system refuses it.
    """
    require_file(path)
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise RecordingError(
            f"larger than {MAX_FILE_BYTES // 1024**2} MiB: a table of this size is no episode; cut it into several",
            code="too_large",
        )
    return data


def require_file(path: Path) -> None:
    """Refuse what is no regular file: to open a pipe would wait for its writer.

    Raises:
        RecordingError: code `unreadable`.
        OSError: there is nothing, or the system refuses it.
    """
    path.stat()
    if not path.is_file():
        raise RecordingError("not a file", code="unreadable")
