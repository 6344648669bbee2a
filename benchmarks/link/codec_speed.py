"""How many bytes a second the codec reads, on one core, in the format of its bytes."""

from __future__ import annotations

import time
from typing import Final

from benchmarks.link.delays import Way, encoder
from benchmarks.serve.frames import readings
from firmware_bridge.codec.decoder import GloveDecoder

_FRAMES: Final = 5000
_READ_BYTES: Final = 4096
"""What one read of a busy port brings: a pseudo-terminal holds as much."""


def bytes_per_second(way: Way, seconds: float) -> float:
    """Bytes of CPU time's second: frames at 1,000 Hz read again and again, for `seconds` at the least."""
    data = _recording(way)
    reads = [data[begin : begin + _READ_BYTES] for begin in range(0, len(data), _READ_BYTES)]
    taken = 0
    begin_s = time.process_time()
    while (spent_s := time.process_time() - begin_s) < seconds:
        decoder = GloveDecoder()
        for read in reads:
            decoder.feed(read)
        assert decoder.counts.frames == _FRAMES
        taken += len(data)
    return taken / spent_s


def _recording(way: Way) -> bytes:
    encode = encoder(way)
    lines = (encode(number, float(number), values) for number, values in enumerate(readings(_FRAMES)))
    return b"".join([b"\n" if way is Way.TEXT else b"", *lines])
