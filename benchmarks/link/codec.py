"""Speed of the codec, beside a plain implementation.

    python -m benchmarks.link.codec

Streams of 20,000 frames whose last digits are noise, as those of sensors, are read in the pieces that ports return: one
message, 4096 bytes, 64 KB. The plain implementation is the shortest program that reads an intact stream: it splits at
the delimiters and takes the numbers, those of a packet after a CRC check. It knows one format, no pieces and no loss,
and rejects nothing; its advantage is the price of these. The last rows are bytes that no glove sends, among them the
slowest that were found. Figures are medians of one thread's processor time; all cases are timed in every round, so that
a slow moment affects all of them.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import struct
import time
from binascii import crc_hqx
from collections.abc import Callable, Sized
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

import numpy as np
import typer
from rich.console import Console

from benchmarks.link.delay import Way, encoder
from benchmarks.report import as_table
from benchmarks.serve.load import messages
from firmware_bridge.codec.decoder import GloveDecoder
from firmware_bridge.codec.packets import encode_frame
from models.cli.options import Json

FRAMES: Final = 20_000
INTERVAL_US: Final = 10_000
MESSAGE: Final = 0
"""A size of pieces that means each message by itself."""

READ_BYTES: Final = 4096
"""Bytes in one read of a busy port, by the size of a pseudo-terminal's buffer."""

PIECES: Final = (MESSAGE, READ_BYTES, 65_536)
NOISE_BYTES: Final = 500_000
_RECORDED_FRAMES: Final = 5000

Readings = list[tuple[float, ...]]


@dataclass(frozen=True)
class Case:
    """A call that reads or writes `size` bytes; `plain` names the case that does the same plainly."""

    call: Callable[[], object]
    size: int
    plain: str | None = None


@dataclass(frozen=True)
class Speed:
    """Measured speed of one case."""

    bytes_s: float
    beside_plain: float | None
    """Ratio to the plain implementation's speed in the same run."""


def readings(numbers: int) -> Readings:
    """Return frames of 8 numbers or, with acceleration, 11, with float32 precision."""
    chance = np.random.default_rng(0)
    centre = np.array([700.0] * 5 + [0.0] * 6)[:numbers]
    half_range = np.array([300.0] * 5 + [180.0] * 3 + [2.0] * 3)[:numbers]
    values = centre + half_range * chance.uniform(-1, 1, (FRAMES, numbers))
    return [tuple(frame) for frame in values.astype(np.float32).tolist()]


def lines(frames: Readings) -> list[bytes]:
    """Return frames as text: time, angles, acceleration if there is one, flex."""
    order = (5, 6, 7, *range(8, len(frames[0])), 0, 1, 2, 3, 4)
    return [
        f"{number * INTERVAL_US / 1000:.3f},{','.join(f'{frame[column]:.2f}' for column in order)}\n".encode()
        for number, frame in enumerate(frames)
    ]


def packets(frames: Readings) -> list[bytes]:
    return [
        encode_frame(number, number * INTERVAL_US, frame[:8], frame[8:] or None) for number, frame in enumerate(frames)
    ]


def cut(messages: list[bytes], size: int) -> list[bytes]:
    """Return the bytes of the messages in pieces of `size`."""
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


def frame_cases(name: str, messages: list[bytes], plain: Callable[[bytes], Sized]) -> dict[str, Case]:
    """Return the cases that read the messages: plainly, and by the codec in pieces of each size."""
    begin = (
        b"\n" if messages[0].endswith(b"\n") else b"\0"
    )  # else the decoder would take the first message for part of one
    stream = b"".join(messages)
    if not len(plain(stream)) == decode([begin, *messages]).counts.frames == FRAMES:
        raise SystemExit(f"{name}: not every frame is read, so its time is meaningless")
    cases = {f"{name}, plainly": Case(partial(plain, stream), len(stream))}
    for size in PIECES:
        pieces = [begin, *cut(messages, size)]
        cases[f"{name}, by {f'{size} bytes' if size else 'the message'}"] = Case(
            partial(decode, pieces), len(stream), f"{name}, plainly"
        )
    return cases


def noise_cases() -> dict[str, Case]:
    """Return the cases that read bytes that no glove sends, in pieces of READ_BYTES."""
    noise = {
        "random bytes": random.Random(0).randbytes(NOISE_BYTES),
        "zeros": bytes(NOISE_BYTES),
        "ends of lines": b"\n" * NOISE_BYTES,
        "ends of lines and zeros": (b"\n" * 130 + b"\0") * (NOISE_BYTES // 131),
        "beginnings of packets": (b"\n\2\1" * 43 + b"\0") * (NOISE_BYTES // 130),
        "headers that name no frame": b"a,b\n" * (NOISE_BYTES // 4),
    }
    return {name: Case(partial(decode, cut([data], READ_BYTES)), len(data)) for name, data in noise.items()}


def cases() -> dict[str, Case]:
    """Return all cases by title."""
    found: dict[str, Case] = {}
    for title, numbers, layout in (("8 numbers", 8, "<4xI8f"), ("11 numbers", 11, "<4xI11f")):
        frames = readings(numbers)
        in_text, in_binary = lines(frames), packets(frames)
        read = partial(plain_packets, layout=struct.Struct(layout))
        found |= frame_cases(f"text, {title}", in_text, plain_lines)
        found |= frame_cases(f"binary, {title}", in_binary, read)
        found[f"binary, {title}, written"] = Case(partial(packets, frames), sum(map(len, in_binary)))
    return found | noise_cases()


def measure(timed: dict[str, Case], rounds: int) -> dict[str, Speed]:
    """Return the median speed of each case, timed once in every round."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    gc.disable()  # as timeit does: the garbage of one case would be collected in the time of another
    for _ in range(rounds):
        for name, case in timed.items():
            start = time.process_time()
            case.call()
            seconds[name].append(time.process_time() - start)
    bytes_s = {name: case.size / statistics.median(seconds[name]) for name, case in timed.items()}
    return {
        name: Speed(bytes_s[name], bytes_s[name] / bytes_s[case.plain] if case.plain else None)
        for name, case in timed.items()
    }


def decoder_bytes_per_second(way: Way, seconds: float) -> float:
    """Return the bytes that the decoder reads in a second of CPU time, measured for `seconds` at least."""
    data = _recording(way)
    reads = cut([data], READ_BYTES)
    read = 0
    begin_s = time.process_time()
    while (spent_s := time.process_time() - begin_s) < seconds:
        assert decode(reads).counts.frames == _RECORDED_FRAMES
        read += len(data)
    return read / spent_s


def _recording(way: Way) -> bytes:
    """Return frames of an emulated glove at 1,000 Hz as the glove writes them."""
    encode = encoder(way)
    frames = enumerate(messages.readings(_RECORDED_FRAMES))
    encoded = (encode(number, float(number), values) for number, values in frames)
    return b"".join([b"\n" if way is Way.TEXT else b"", *encoded])


def main(
    rounds: Annotated[int, typer.Option(min=1, help="rounds, in each of which every case is timed")] = 5,
    as_json: Json = False,
) -> None:
    """Measure reading and writing in both formats, and reading bytes that no glove sends."""
    speeds = measure(cases(), rounds)
    if as_json:
        print(json.dumps({name: vars(speed) for name, speed in speeds.items()}))
        return
    rows = [["", "million bytes/s", "of plain"]]
    for name, speed in speeds.items():
        beside = "" if speed.beside_plain is None else f"{speed.beside_plain:.2f}x"
        rows.append([name, f"{speed.bytes_s / 1e6:.2f}", beside])
    Console().print(as_table(rows, f"one core, medians of {rounds} rounds"))


if __name__ == "__main__":
    typer.run(main)
