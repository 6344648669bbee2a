"""Space on the disk that is kept for deleting: SQLite writes what it deletes to its log first, also on a full disk."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Final

from service.wearers.limits import MAX_PROFILE_BYTES

RESERVE_BYTES: Final = 2 * MAX_PROFILE_BYTES
"""More than the log takes for the largest single row, a profile, with its labels and the pages around it."""

_LEAST_BYTES: Final = RESERVE_BYTES // 16

_log = logging.getLogger(__name__)


class DiskReserve:
    """File beside a database that takes up space until a deletion needs it."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.reserve")

    def take(self) -> None:
        """Take the space, or as much of it as there is. It is no fault if there is none: nothing else needs it."""
        size = RESERVE_BYTES
        while size >= _LEAST_BYTES:
            try:
                self._allocate(size)
            except OSError as error:
                fault = error.strerror
                size //= 2
            else:
                return
        _log.warning("no space is reserved for deleting from the wearers' database: %s", fault)
        self.give_back()

    def give_back(self) -> None:
        """Give the space back to the disk."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("the space that is reserved for deleting cannot be used: %s", error.strerror)

    def _allocate(self, size: int) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size >= size:
                return
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, size)
            else:
                os.write(descriptor, bytes(size))
        except OSError:
            os.ftruncate(descriptor, 0)  # what was allocated up to the end of the disk
            raise
        finally:
            os.close(descriptor)
