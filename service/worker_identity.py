"""Identity of one worker process of the service, and names of streams."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path


def new_stream_name() -> str:
    """Return a random name that cannot be guessed."""
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """Identity of worker `worker` of `workers`, counted from 0. Only the user of the service may access `folder`."""

    worker: int
    workers: int
    folder: Path

    @property
    def metrics_folder(self) -> Path:
        """Folder of the shared metrics of all workers."""
        return self.folder / "metrics"

    @property
    def others(self) -> list[int]:
        """Numbers of the other workers."""
        return [worker for worker in range(self.workers) if worker != self.worker]

    def new_stream_name(self) -> str:
        """Return a random name that includes the worker of the stream."""
        return f"{self.worker}-{new_stream_name()}"

    def owner(self, stream: str) -> int | None:
        """Return the worker that has a stream, by its name; None if none of these named it."""
        worker, dash, _ = stream.partition("-")
        return int(worker) if dash and worker in {str(known) for known in range(self.workers)} else None

    def socket_path(self, worker: int) -> Path:
        """Return the path of the socket on which a worker serves the others."""
        return self.folder / f"{worker}.sock"
