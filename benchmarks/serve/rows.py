"""Rows of `bench serve`, in the order in which they are measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.serve.bench import Bench
from benchmarks.serve.glove_count import glove_count
from benchmarks.serve.latency import lone_glove
from benchmarks.serve.message_cost import message_cost
from benchmarks.serve.profile_row import profile
from benchmarks.serve.stream_memory import stream_memory
from benchmarks.serve.window_cost import many_windows, one_window
from benchmarks.serve.worker_scaling import worker_scaling

ROWS: Final[dict[str, Callable[[Bench], None]]] = {
    "message": message_cost,
    "profile": profile,
    "lone": lone_glove,
    "post": one_window,
    "post64": many_windows,
    "memory": stream_memory,
    "workers": worker_scaling,
    "gloves": glove_count,
}
"""The search for gloves is the last: it begins where the CPU time of a message says."""
