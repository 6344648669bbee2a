"""Send a static letter and print the line of text: `python clients/python/writing.py [URL]`."""

from __future__ import annotations

import asyncio
import sys

from scaleglove.client import GloveStream

FRAME = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]  # replace it by what your glove reads
FRAMES, INTERVAL_MS = 100, 20


async def main(url: str) -> None:
    """Send two seconds of one static letter, as fast as possible, and print the text."""
    async with GloveStream(url, sample_rate_hz=1000 / INTERVAL_MS) as stream:
        for number in range(FRAMES):
            await stream.send([number * INTERVAL_MS], [FRAME])
        await stream.stop()
        async for text in stream.texts():
            print(text.committed + text.composing)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"))
