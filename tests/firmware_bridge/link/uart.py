"""What a UART reads at another rate than the one that was sent at, bit by bit."""

from __future__ import annotations

import numpy as np


def as_read_at(data: bytes, sent_baud: int, read_baud: int) -> bytes:
    """Return the bytes that a receiver at `read_baud` makes of `data`, sent at `sent_baud` with 8N1."""
    bits = [1, 1]
    for byte in data:
        bits += [0, *(byte >> place & 1 for place in range(8)), 1]
    line = np.array([*bits, *[1] * 12], np.uint8)
    step = sent_baud / read_baud
    falls = np.flatnonzero((line[:-1] == 1) & (line[1:] == 0)) + 1
    read, at = bytearray(), 0.0
    while True:
        next_fall = int(np.searchsorted(falls, at))
        if next_fall == len(falls):
            return bytes(read)
        start = float(falls[next_fall])
        places = start + step * (np.arange(1, 9) + 0.5)
        samples = line[np.minimum(places.astype(int), len(line) - 1)]
        read.append(int(np.packbits(samples, bitorder="little")[0]))
        at = start + step * 9.5
