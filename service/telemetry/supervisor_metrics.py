"""Prometheus metrics of the supervisor, which the workers report with theirs: it counts in a file beside theirs."""

from __future__ import annotations

import os
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, values

from service.worker_identity import WorkerIdentity

_NAME: Final = "supervisor"
"""In the names of its files, where those of a worker have its number."""


class SupervisorMetrics:
    """Metrics of the workers' health; must be made before any other metric of this process."""

    def __init__(self, identity: WorkerIdentity) -> None:
        identity.metrics_folder.mkdir(exist_ok=True)
        # prometheus_client reads the folder from this variable only.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(identity.metrics_folder)
        values.ValueClass = values.MultiProcessValue(lambda: _NAME)  # type: ignore[no-untyped-call]
        registry = CollectorRegistry()
        self._restarts = Counter(
            "scaleglove_worker_restarts", "Workers started again, by reason", ["reason"], registry=registry
        )
        for reason in ("ended", "silent"):
            self._restarts.labels(reason)  # 0 from the start: an increase from nothing is none to Prometheus
        self._silent = Gauge(
            "scaleglove_workers_silent",
            "Workers that give no sign of life and get no connections",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._refused = Counter(
            "scaleglove_connections_refused", "Connections that no worker could take", registry=registry
        )

    def count_restart(self, is_silent: bool) -> None:
        """Count a worker that is started again: it was silent and was killed, or it ended by itself."""
        self._restarts.labels("silent" if is_silent else "ended").inc()

    def count_refused(self) -> None:
        """Count a connection that no worker could take."""
        self._refused.inc()

    def set_silent(self, workers: int) -> None:
        """Set the number of workers that are silent now."""
        self._silent.set(workers)
