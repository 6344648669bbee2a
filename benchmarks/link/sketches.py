"""Measurement of the reader of any sketch beside the decoder of the link protocol alone, on the protocol's own lines.

    python -m benchmarks.link.sketches [--lines N] [--rounds N]

Both read the same text in pieces of 512 bytes, in turn; the best round of each counts, in CPU time.
"""

from __future__ import annotations

import argparse
import time

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.glove_reader import GloveReader

_PIECE = 512
_HEADER = b"\ntimestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5\n"


def text_of(lines: int) -> bytes:
    """Return the text of a glove at 50 Hz."""
    rows = (
        b"%d,%.2f,%.2f,-61.90,%d,778,861,%d,882\n" % (20 * n, -17.6 + n % 7 / 10, -64 + n % 5 / 10, 786 + n % 9, n % 3)
        for n in range(lines)
    )
    return _HEADER + b"".join(rows)


def seconds(decoder: GloveDecoder, text: bytes) -> float:
    """Return the CPU time that a decoder takes for a text."""
    begin = time.process_time()
    for at in range(0, len(text), _PIECE):
        decoder.feed(text[at : at + _PIECE])
    return time.process_time() - begin


def main() -> None:
    """Print both speeds and their ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    text = text_of(arguments.lines)
    rounds = [(seconds(GloveDecoder(), text), seconds(GloveReader(), text)) for _ in range(arguments.rounds)]
    protocol, sketches = (len(text) / min(each) / 1e6 for each in zip(*rounds, strict=True))
    print(f"link protocol {protocol:.1f} MB/s, any sketch {sketches:.1f} MB/s, ratio {sketches / protocol:.2f}")


if __name__ == "__main__":
    main()
