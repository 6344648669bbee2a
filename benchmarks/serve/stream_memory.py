"""Row `memory`: resident memory of a stream without a frame so far, and of one that signs."""

from __future__ import annotations

from typing import Final

from benchmarks.serve.bench import Bench
from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.load.messages import Rhythm
from benchmarks.serve.peers.catalogue import OURS, PLAIN_ONE, REFERENCE
from benchmarks.serve.results import Quantity

STREAMS: Final = 100
_SERVERS: Final = (PLAIN_ONE, OURS, REFERENCE)
_RHYTHM: Final = Rhythm(frames_per_message=10, hop_frames=20)
"""Few messages and predictions, so that a hundred hands can sign at once."""

SIGNING_S: Final = 10.0
"""In which each emulated hand signs about a dozen letters, with all that a stream keeps of letters and words."""

IDLE: Final = Quantity("memory", "idle", "KiB")
SIGNING: Final = Quantity("memory", "signing", "KiB")


def stream_memory(bench: Bench) -> None:
    """Measure fresh servers that have served a few streams, so that what only the first one needs is not counted."""
    count = min(STREAMS, bench.most_gloves)
    warm_up = _RHYTHM.messages_in(bench.warm_up_s)
    counted = _RHYTHM.messages_in(min(SIGNING_S, 5 * bench.seconds))
    for name in bench.peers.of(*_SERVERS):
        bench.progress(f"memory: {name}")
        with bench.peers.fresh(name) as server:
            with Gloves(server.address, min(10, count), _RHYTHM, warm_up) as first:
                first.run(warm_up)
                first.drain(1.0)
            server.settle()
            empty = server.resident_bytes()
            with Gloves(server.address, count, _RHYTHM, counted, gives_up=False) as streams:
                server.settle()
                idle = server.resident_bytes()
                streams.run(counted)
                streams.drain(2.0)
                server.settle()
                used = server.resident_bytes()
        bench.results.add(IDLE, name, (idle - empty) / count / 1024)
        bench.results.add(SIGNING, name, (used - empty) / count / 1024)
