"""What takes bytes without a service: a glove's link, recordings, and artefacts. Each case raises what is a fault."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from mcap.writer import CompressionType, Writer

from benchmarks.model.damaged_artefacts import damaged, load_damaged
from benchmarks.model.kernel_agreement import ARTEFACTS
from firmware_bridge.codec.glove_reader import GloveReader
from firmware_bridge.codec.packets import encode_frame, encode_remark
from firmware_bridge.recorder.raw import read_raw
from firmware_bridge.recorder.reader import read_recording, recover
from firmware_bridge.recorder.schemas import FRAMES
from scaleglove.errors import ScaleGloveError
from scaleglove.recordings import load_episodes

Case = Callable[[random.Random, Path], str]
"""Tries one input, with a folder for files; returns what came of it."""

_HEADERS: Final = (
    b"timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5",
    b"timestamp_us,ax,ay,az,gx,gy,gz,flex1(0..4095),flex2(0..4095),flex3(0..4095),flex4(0..4095),flex5(0..4095)",
    b"time(ms);thumb;index;middle;ring;pinky;pitch(deg);roll(deg);yaw(deg)",
)
_MOST_EVENTS: Final = 4
"""Events for each byte, at most."""


def link(draw: random.Random, folder: Path) -> str:
    """Feed lines, packets and noise, whole or damaged, in pieces of any size."""
    data = b"".join(_piece(draw, number) for number in range(draw.randrange(1, 40)))
    data = damaged(data, draw) if draw.random() < 0.7 and data else data
    reader, events, at = GloveReader(), 0, 0
    while at < len(data):
        size = draw.choice((1, 7, 64, 1000))
        events += len(list(reader.feed(data[at : at + size], float(at))))
        at += size
    if events > _MOST_EVENTS * len(data):
        raise AssertionError(f"{events} events of {len(data)} bytes")
    return "events" if events else "nothing"


def _piece(draw: random.Random, number: int) -> bytes:
    values = tuple(float(draw.randrange(-2000, 2000)) for _ in range(8))
    match draw.randrange(6):
        case 0:
            return draw.choice(_HEADERS) + draw.choice((b"\n", b"\r\n", b""))
        case 1:
            return b"%d," % (20 * number) + b",".join(b"%.2f" % value for value in values) + b"\n"
        case 2:
            return encode_frame(number, 20_000 * number, values)
        case 3:
            return encode_remark(number, 20_000 * number, "interval_ms=20; 20 ms between frames")
        case 4:
            return b"# letter 2 250 102 26 127 at %d.000\n" % (20 * number)
        case _:
            return draw.randbytes(draw.choice((1, 20, 300)))


def files(draw: random.Random, folder: Path) -> str:
    """Read a damaged recording: a table, raw bytes, or a continuous one, which is recovered too."""
    kind = draw.choice(("csv", "mcap", "raw"))
    path = folder / f"damaged.{kind}"
    path.write_bytes(damaged(_whole(kind), draw))
    try:
        if kind == "csv":
            return "read" if load_episodes(path) else "nothing"
        if kind == "raw":
            return "read" if read_raw(path) else "nothing"
        read_recording(path)
        recover(path, folder / f"whole{draw.random()}.mcap")
    except ScaleGloveError as error:
        if len(str(error).splitlines()) != 1:
            raise AssertionError(f"not one sentence: {error}") from None
        return "refused"
    finally:
        for left in folder.glob("whole*"):
            left.unlink()
    return "read"


@cache
def _whole(kind: str) -> bytes:
    """Return an intact file of a kind."""
    if kind == "csv":
        rows = "".join(f"{20 * n},,{n % 90},-17.9,62,788,780,861,862,885\n" for n in range(60))
        return ("timestamp_ms,recv_timestamp_ms,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5\n" + rows).encode()
    if kind == "raw":
        begun = {"scaleglove_raw": 1, "scaleglove": "0.3.0", "begun": "2026-01-31T09:00:00+00:00"}
        reads = [{"t": n / 50, "port": 1, "text": f"{20 * n},-1.5,2.25,179,801,802,803,804,805\r\n"} for n in range(40)]
        lines = [begun, {"t": 0.0, "port": 1, "open": "/dev/ttyUSB0", "baud": 115200}, *reads]
        return "".join(json.dumps(line) + "\n" for line in lines).encode()
    out = io.BytesIO()
    writer = Writer(out, compression=CompressionType.ZSTD, chunk_size=2048)
    writer.start(profile="", library="fuzz")
    channel = writer.register_channel(FRAMES, "json", writer.register_schema("scaleglove.Frame", "jsonschema", b"{}"))
    for n in range(60):
        frame = {"t_ms": 20 * n, "seq": n, **{f"flex{finger}": 800 for finger in range(1, 6)}}
        data = json.dumps(frame | {"pitch": 0, "roll": 0, "yaw": 0}).encode()
        writer.add_message(channel, log_time=20_000_000 * n, publish_time=20_000_000 * n, data=data, sequence=n)
    writer.finish()  # type: ignore[no-untyped-call]
    return out.getvalue()


def artefacts(draw: random.Random, folder: Path) -> str:
    """Load a damaged artefact as the service does."""
    return load_damaged(damaged(_artefact(), draw), folder)


@cache
def _artefact() -> bytes:
    return (ARTEFACTS / "American_INT8.onnx").read_bytes()


OFFLINE: Final[dict[str, Case]] = {"link": link, "files": files, "artefacts": artefacts}
