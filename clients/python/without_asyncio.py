"""Use a stream without asyncio: `python clients/python/without_asyncio.py [URL]`."""

from __future__ import annotations

import sys

from scaleglove.client import SyncGloveStream

FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]  # replace it by what your glove reads
FRAMES, INTERVAL_MS = 100, 20


def main(url: str) -> None:
    """Send two seconds of one static letter, and print the predictions."""
    with SyncGloveStream(url, sample_rate_hz=1000 / INTERVAL_MS) as stream:
        for number in range(FRAMES):
            stream.send([number * INTERVAL_MS], [FRAME])
        stream.stop()
        for prediction in stream.predictions():
            print(prediction.state, prediction.label, prediction.confidence)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
