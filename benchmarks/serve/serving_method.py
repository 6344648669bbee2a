"""Text of the serving page: how it is measured, and the titles of its tables."""

from __future__ import annotations

from typing import Final

from benchmarks.serve.glove_count import FRAMES, SEARCHES
from benchmarks.serve.stream_memory import SIGNING_S, STREAMS

TABLES: Final = {
    "CPU time of the server for a message": "message",
    "A lone glove, from frame to prediction": "lone",
    "Requests for one window": "post",
    "Requests for 64 windows": "post64",
    f"Gloves in time, {FRAMES} frames a message": "gloves",
    "Memory of a stream": "memory",
    "Workers": "workers",
}
"""Titles, and the row of `--only` that measures each."""

METHOD: Final = f"""\
Every figure of scaleglove stands beside the same load on other servers in the same run, in turn, for some rounds: cells
are the median of the rounds, *spread* is the widest range of a row's rounds, and a ratio is the median of those of each
round. Read the ratios: other figures are valid for that machine and moment only.

- *plain FastAPI* (`benchmarks/serve/peers/plain_service.py`): pydantic lists, a plain `def`, one ONNX Runtime run per
  request, one JSON message after the other on the WebSocket; with a session as it comes, with a thread on each core,
  and with a session of one thread. *plain on Granian* is that with one thread on Granian. They take JSON alone.
- *picows and kernel* (`picows_service.py`): a WebSocket in C, a ring buffer and this project's kernel, without any
  rule, check, letter or text: what remains when all that is left out.
- *echo* (`echo_service.py`): uvicorn on uvloop as the service runs, which answers what would give a prediction with as
  many bytes. What is above its delay is the service's own.
- *scaleglove, no kernel* computes the model with ONNX Runtime; *no C* has no compiled C of this project at all. The
  *reference revision* is a checkout of an earlier one with its own environment, measured in the same run.
- CPU time is the system's account of the server's processes, all threads, in user and kernel mode. A message has 1 or 5
  frames of gloves at 100 Hz, JSON or binary, with a prediction every 10 frames. *A prediction* and a message *alone*
  are the same load with 1 frame, binary where the server takes that, with few predictions and with many, solved for
  both. *The model alone* runs the same windows in the client's process.
- The server has the first core; the client, one process, the last. Other cores help the plain service as well: a
  default session puts a thread on each, also on the client's.
- The load is open: a message is sent when it is due, whether the last one was answered or not, and a delay is counted
  from the time at which the message was *due*. The lone glove requests a prediction for every sample of the model (50 a
  second). A request is repeated on each of 16 connections, or 4 for 64 windows, as soon as it was answered.
- A number of gloves passes when every prediction that was due came and p99 is below 50 ms; it is searched {SEARCHES}
  times.
- Memory is the resident memory of a fresh process for each of {STREAMS} streams, less that without streams; *signing*
  after {SIGNING_S:.0f} seconds of letters and words.
- *Where the time goes* is sampled from outside by py-spy; what follows a prediction is letters and text, encoding and
  publishing, and metrics, without the writing itself."""
