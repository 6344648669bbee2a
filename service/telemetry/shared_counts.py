"""Metrics of several workers: each counts in files of a common folder, and whoever is asked adds them up."""

from __future__ import annotations

import os

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

from service.worker_identity import WorkerIdentity


def share(place: WorkerIdentity) -> None:
    """From now on this process counts in files; to be called before the first metric is made.

    The files belong to the worker's number, not to its process: one that is started again counts on, and there are
    never more of them.
    """
    place.metrics_folder.mkdir(exist_ok=True)
    # prometheus_client knows no other way to say where.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(place.metrics_folder)
    values.ValueClass = values.MultiProcessValue(lambda: place.worker)  # type: ignore[no-untyped-call]


def forget_gauges(place: WorkerIdentity) -> None:
    """The worker has died, and with it whatever it had open."""
    mark_process_dead(place.worker, str(place.metrics_folder))  # type: ignore[no-untyped-call]
