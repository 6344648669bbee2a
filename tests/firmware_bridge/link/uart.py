"""What a UART reads at another rate than the one that was sent at, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def as_read_at(data: bytes, sent_baud: int, read_baud: int) -> bytes:
    """Return the bytes that a receiver at `read_baud` makes of `data`, sent at `sent_baud` with 8N1."""
    return bytes(reads_at(data, sent_baud, read_baud))


def reads_at(data: bytes, sent_baud: int, read_baud: int) -> Iterator[int]:
    """Yield the same bytes one by one, for a receiver that may soon try another rate."""
    line, step = _line(data), sent_baud / read_baud
    falls = np.flatnonzero((line[:-1] == 1) & (line[1:] == 0)) + 1
    at = 0.0
    while (next_fall := int(np.searchsorted(falls, at))) < len(falls):
        start = float(falls[next_fall])
        places = start + step * (np.arange(1, 9) + 0.5)
        samples = line[np.minimum(places.astype(int), len(line) - 1)]
        yield int(np.packbits(samples, bitorder="little")[0])
        at = start + step * 9.5


def _line(data: bytes) -> np.ndarray:
    """Return uint8[bits]: the level of the line for each bit sent, idle before and after the bytes."""
    framed = np.ones((len(data), 10), np.uint8)
    framed[:, 0] = 0
    framed[:, 1:9] = np.unpackbits(np.frombuffer(data, np.uint8)[:, np.newaxis], axis=1, bitorder="little")
    idle = np.ones(12, np.uint8)
    return np.concatenate([idle[:2], framed.ravel(), idle])
