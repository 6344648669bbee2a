"""Predict the letters of two windows in one request: `python clients/python/letters.py [URL]`."""

from __future__ import annotations

import sys

from scaleglove.client import predict

FRAMES = {"held": [788, 780, 861, 862, 885, -17.9, -64.5, -62.0], "flat": [880, 870, 880, 870, 890, 10.0, -70.0, -20.0]}


def main(url: str) -> None:
    """Print the predictions."""
    windows = [[frame] * 20 for frame in FRAMES.values()]
    for name, prediction in zip(FRAMES, predict(url, windows), strict=True):
        print(name, prediction.state, prediction.label, prediction.confidence)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
