"""How fast the codec reads and writes, beside a plain way of doing the same.

    python -m benchmarks.link.codec

Streams of 20,000 frames whose last digits are noise, as sensors' are, handed over in the pieces that ports give: one
message, 4096 bytes, 64 KB. The plain way is the shortest program that reads a stream that nothing has happened to: it
cuts at the delimiters and takes the numbers, of a packet once its CRC is right. It knows one format, no pieces and no
loss, and refuses nothing; what it is faster by is the price of all that. The last rows are bytes that no glove sends,
among them the worst that were found. Medians of the processor time of one thread; in every round each has its turn, so
that a slow moment hits all alike.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import struct
from binascii import crc_hqx
from collections.abc import Callable, Sized
from dataclasses import dataclass
from functools import partial
from time import process_time
from typing import Annotated, Final

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.packets import encode_frame
from models.cli.options import Json

FRAMES: Final = 20_000
INTERVAL_US: Final = 10_000
MESSAGE: Final = 0
"""As a size of pieces: each message by itself."""

PIECES: Final = (MESSAGE, 4096, 65_536)
NOISE_BYTES: Final = 500_000

Readings = list[tuple[float, ...]]


@dataclass(frozen=True)
class Way:
    """A call that goes over `size` bytes; `plain` names the way that does the same plainly."""

    call: Callable[[], object]
    size: int
    plain: str | None = None


@dataclass(frozen=True)
class Speed:
    bytes_s: float
    beside_plain: float | None
    """Of the plain way's speed in the same run."""


def readings(numbers: int) -> Readings:
    """A frame's 8 numbers or, with acceleration, 11, as a float32 has them."""
    chance = np.random.default_rng(0)
    middle = np.array([700.0] * 5 + [0.0] * 6)[:numbers]
    reach = np.array([300.0] * 5 + [180.0] * 3 + [2.0] * 3)[:numbers]
    values = middle + reach * chance.uniform(-1, 1, (FRAMES, numbers))
    return [tuple(frame) for frame in values.astype(np.float32).tolist()]


def lines(frames: Readings) -> list[bytes]:
    """Text: time, angles, acceleration if there is one, flex."""
    order = (5, 6, 7, *range(8, len(frames[0])), 0, 1, 2, 3, 4)
    return [
        f"{number * INTERVAL_US / 1000:.3f},{','.join(f'{frame[place]:.2f}' for place in order)}\n".encode()
        for number, frame in enumerate(frames)
    ]


def packets(frames: Readings) -> list[bytes]:
    return [
        encode_frame(number, number * INTERVAL_US, frame[:8], frame[8:] or None) for number, frame in enumerate(frames)
    ]


def cut(messages: list[bytes], size: int) -> list[bytes]:
    """The same bytes in pieces of `size`."""
    if size == MESSAGE:
        return messages
    stream = b"".join(messages)
    return [stream[at : at + size] for at in range(0, len(stream), size)]


def decode(pieces: list[bytes]) -> GloveDecoder:
    decoder = GloveDecoder()
    for piece in pieces:
        decoder.feed(piece)
    return decoder


def plain_lines(stream: bytes) -> list[list[float]]:
    return [[float(field) for field in line.split(b",")] for line in stream.split(b"\n")[:-1]]


def plain_packets(stream: bytes, layout: struct.Struct) -> list[tuple[float, ...]]:
    found = []
    for piece in stream.split(b"\0")[:-1]:
        packet = plain_cobs(piece)
        if crc_hqx(packet[:-2], 0xFFFF) == int.from_bytes(packet[-2:], "little"):
            found.append(layout.unpack_from(packet))
    return found


def plain_cobs(encoded: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(encoded):
        out += encoded[at + 1 : at + encoded[at]]
        out.append(0)
        at += encoded[at]
    return bytes(out[:-1])


def ways_of_frames(name: str, messages: list[bytes], plain: Callable[[bytes], Sized]) -> dict[str, Way]:
    """Reading the messages plainly and by the codec, in pieces of each size."""
    begin = b"\n" if messages[0].endswith(b"\n") else b"\0"  # else the first message would be a piece met on joining
    stream = b"".join(messages)
    if not len(plain(stream)) == decode([begin, *messages]).counts.frames == FRAMES:
        raise SystemExit(f"{name}: not every frame is read, so its time says nothing")
    ways = {f"{name}, plainly": Way(partial(plain, stream), len(stream))}
    for size in PIECES:
        pieces = [begin, *cut(messages, size)]
        ways[f"{name}, by {f'{size} bytes' if size else 'the message'}"] = Way(
            partial(decode, pieces), len(stream), f"{name}, plainly"
        )
    return ways


def ways_of_noise() -> dict[str, Way]:
    """What no glove sends, in pieces of 4096 bytes."""
    noise = {
        "random bytes": random.Random(0).randbytes(NOISE_BYTES),
        "zeros": bytes(NOISE_BYTES),
        "ends of lines": b"\n" * NOISE_BYTES,
        "ends of lines and zeros": (b"\n" * 130 + b"\0") * (NOISE_BYTES // 131),
        "beginnings of packets": (b"\n\2\1" * 43 + b"\0") * (NOISE_BYTES // 130),
        "headers that name no frame": b"a,b\n" * (NOISE_BYTES // 4),
    }
    return {name: Way(partial(decode, cut([data], 4096)), len(data)) for name, data in noise.items()}


def ways() -> dict[str, Way]:
    found: dict[str, Way] = {}
    for title, numbers, layout in (("8 numbers", 8, "<4xI8f"), ("11 numbers", 11, "<4xI11f")):
        frames = readings(numbers)
        in_text, in_binary = lines(frames), packets(frames)
        read = partial(plain_packets, layout=struct.Struct(layout))
        found |= ways_of_frames(f"text, {title}", in_text, plain_lines)
        found |= ways_of_frames(f"binary, {title}", in_binary, read)
        found[f"binary, {title}, written"] = Way(partial(packets, frames), sum(map(len, in_binary)))
    return found | ways_of_noise()


def measure(timed: dict[str, Way], rounds: int) -> dict[str, Speed]:
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    gc.disable()  # what one way leaves behind would be collected at the cost of another, as timeit has it
    for _ in range(rounds):
        for name, way in timed.items():
            start = process_time()
            way.call()
            seconds[name].append(process_time() - start)
    bytes_s = {name: way.size / statistics.median(seconds[name]) for name, way in timed.items()}
    return {
        name: Speed(bytes_s[name], bytes_s[name] / bytes_s[way.plain] if way.plain else None)
        for name, way in timed.items()
    }


def main(
    rounds: Annotated[int, typer.Option(min=1, help="rounds; each way has its turn in every round")] = 5,
    as_json: Json = False,
) -> None:
    """Time reading and writing in both formats, and reading what no glove sends."""
    speeds = measure(ways(), rounds)
    if as_json:
        print(json.dumps({name: vars(speed) for name, speed in speeds.items()}))
        return
    table = Table(title=f"one core, medians of {rounds} rounds")
    table.add_column("")
    table.add_column("million bytes/s", justify="right")
    table.add_column("beside plain", justify="right")
    for name, speed in speeds.items():
        beside = "" if speed.beside_plain is None else f"{speed.beside_plain:.2f}x"
        table.add_row(name, f"{speed.bytes_s / 1e6:.2f}", beside)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
