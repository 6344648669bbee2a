"""The page's reader of LZ4 frames, in Node: it unpacks what liblz4 unpacks, and refuses what liblz4 refuses."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import lz4.frame

from tests.page.node import PageInNode

SCRIPT = """
const { decompress } = await import("./recordings/lz4.js");
const unpack = ({ packed, size }) => {
  try {
    return Buffer.from(decompress(new Uint8Array(Buffer.from(packed, "base64")), size)).toString("base64");
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
};
console.log(JSON.stringify(given.map(unpack)));
"""

WHOLE, TURNED, CUT = 150, 600, 100


def contents(draw: random.Random) -> bytes:
    """Return bytes of some kind: empty, few, noise, long runs, text, more than one block."""
    size = draw.choice((0, 1, 4, 13, 200, 3_000, 70_000, 300_000))
    match draw.randrange(4):
        case 0:
            return draw.randbytes(size)
        case 1:
            return bytes([draw.randrange(256)]) * size
        case 2:
            return (draw.randbytes(draw.choice((2, 3, 5, 300))) * size)[:size]
        case _:
            text = "".join(f'{{"t_ms":{20 * n},"flex1":{draw.randrange(900)}}}' for n in range(size // 20 + 1))
            return text.encode()[:size]


def frame(draw: random.Random, data: bytes) -> bytes:
    packed: bytes = lz4.frame.compress(
        data,
        compression_level=draw.choice((-5, 0, 3, 12)),
        block_size=draw.choice((0, 4, 5, 6, 7)),
        block_linked=draw.random() < 0.5,
        content_checksum=draw.random() < 0.5,
        block_checksum=draw.random() < 0.5,
        store_size=draw.random() < 0.5,
    )
    return packed


def unpacked(packed: bytes, size: int) -> bytes | None:
    """Return what liblz4 makes of it; None for what is damaged, cut off or more than `size` bytes."""
    decompressor = lz4.frame.LZ4FrameDecompressor()
    try:
        found: bytes = decompressor.decompress(packed, max_length=size + 1)
    except RuntimeError:
        return None
    return found if decompressor.eof and len(found) <= size else None


def in_page(folder: Path, cases: list[tuple[bytes, int]]) -> list[bytes | None]:
    given = [{"packed": base64.b64encode(packed).decode(), "size": size} for packed, size in cases]
    found = PageInNode(folder).run(SCRIPT, given)
    return [None if each is None else base64.b64decode(each) for each in found]


def test_whole_frames_of_every_kind_are_unpacked(tmp_path: Path) -> None:
    draw = random.Random(4)
    data = [contents(draw) for _ in range(WHOLE)]
    assert in_page(tmp_path / "page", [(frame(draw, each), len(each)) for each in data]) == data


def test_damaged_frames_are_refused_as_liblz4_refuses_them(tmp_path: Path) -> None:
    draw = random.Random(21)
    cases = [(b"", 10), (b"\x04\x22\x4d\x18", 10), (b"not LZ4", 10), (lz4.frame.compress(b"x" * 100), 99)]
    for number in range(TURNED + CUT):
        data = contents(draw)[:5_000]
        packed = bytearray(frame(draw, data))
        if number < CUT:
            del packed[draw.randrange(len(packed)) :]
        else:
            packed[draw.randrange(len(packed))] ^= 1 << draw.randrange(8)
        cases.append((bytes(packed), len(data)))
    expected = [unpacked(*case) for case in cases]
    assert in_page(tmp_path / "page", cases) == expected
    assert 20 < expected.count(None) < len(cases) - 20
