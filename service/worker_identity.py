"""Where one worker process stands among the others of its service."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path


def new_stream_name() -> str:
    """A name that nobody guesses."""
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """Worker `worker` of `workers`, counted from 0. `folder` is theirs alone: nobody else on the machine may enter."""

    worker: int
    workers: int
    folder: Path

    @property
    def metrics_folder(self) -> Path:
        """Where all workers count."""
        return self.folder / "metrics"

    @property
    def others(self) -> list[int]:
        return [worker for worker in range(self.workers) if worker != self.worker]

    def new_stream_name(self) -> str:
        """A name that tells whose stream it is."""
        return f"{self.worker}-{new_stream_name()}"

    def owner(self, stream: str) -> int | None:
        """The worker that named a stream; None where none of these did."""
        worker, dash, _ = stream.partition("-")
        return int(worker) if dash and worker in {str(known) for known in range(self.workers)} else None

    def socket_path(self, worker: int) -> Path:
        """Where a worker listens for the others."""
        return self.folder / f"{worker}.sock"
