"""Messages and request bodies of the load, made beforehand from readings of an emulated glove. Pure."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray
from websockets.frames import Frame, Opcode

from firmware_bridge.emulator.glove_model import GloveModel
from scaleglove.channels import CHANNELS, FLEX
from scaleglove.letter_templates import load_templates
from scaleglove.protocol import Frames, encode_frames

RATE_HZ: Final = 100
FRAME_MS: Final = 1000 // RATE_HZ

VARIETIES: Final = 4
"""Number of different signers among the gloves; one for each glove would only take more memory."""

_TEXT: Final = "안녕하세요"

Readings = list[list[float]]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Format and pace of a glove's messages and of its predictions.

    `hop_frames` is a multiple of `frames_per_message`, or the other way round.
    """

    binary: bool = False
    frames_per_message: int = 1
    hop_frames: int = 10

    @property
    def period_s(self) -> float:
        """Time from one message to the next."""
        return self.frames_per_message / RATE_HZ

    @property
    def encoding(self) -> str:
        return "binary" if self.binary else "JSON"

    @property
    def title(self) -> str:
        return f"{self.frames_per_message} frame{'s' * (self.frames_per_message > 1)} a message, {self.encoding}"

    def messages_in(self, seconds: float) -> int:
        """Return the number of messages in about `seconds` that makes whole hops, so that all phases count alike."""
        whole = int(np.lcm(self.hop_frames, self.frames_per_message))
        return max(1, round(seconds * RATE_HZ / whole)) * whole // self.frames_per_message


def readings(count: int, seed: int = 0) -> Readings:
    """Return `count` frames of an emulated glove at 100 Hz: ADC counts as integers, degrees with two decimals."""
    glove = GloveModel(_TEXT, load_templates(), seed=seed)
    frames: Readings = []
    for _ in range(count):
        reading = glove.read(FRAME_MS)
        assert reading is not None  # the glove repeats its text without end
        values = reading.values.tolist()
        frames.append([*map(int, values[FLEX]), *(round(value, 2) for value in values[FLEX.stop :])])
    return frames


@lru_cache(maxsize=8)
def glove_messages(rhythm: Rhythm, count: int) -> list[list[bytes]]:
    """Return for each variety of glove its first `count` messages as masked WebSocket frames.

    Frame n has the number n and the time 10 n ms, so that a prediction's `seq` identifies the message it answers.
    """
    return [_messages(rhythm, readings(count * rhythm.frames_per_message, seed)) for seed in range(VARIETIES)]


def _messages(rhythm: Rhythm, frames: Readings) -> list[bytes]:
    step = rhythm.frames_per_message
    payloads = ((first, frames[first : first + step]) for first in range(0, len(frames), step))
    if rhythm.binary:
        return [Frame(Opcode.BINARY, binary_message(*payload)).serialize(mask=True) for payload in payloads]
    return [Frame(Opcode.TEXT, text_message(*payload)).serialize(mask=True) for payload in payloads]


def text_message(first: int, frames: Readings) -> bytes:
    """Return frames numbered from `first` on as a JSON message."""
    return orjson.dumps({"type": "frames", "seq": first, "t_ms": _times(first, len(frames)), "values": frames})


def binary_message(first: int, frames: Readings) -> bytes:
    """Return frames numbered from `first` on as a binary message."""
    return encode_frames(Frames(first, _times(first, len(frames)), np.array(frames, np.float32)))


def _times(first: int, count: int) -> list[int]:
    return [FRAME_MS * (first + offset) for offset in range(count)]


def start_message(rhythm: Rhythm, model: str | None = None) -> bytes:
    """Return the start message of a stream of this rhythm as a masked WebSocket frame."""
    start = {
        "type": "start",
        "channels": CHANNELS,
        "sample_rate_hz": float(RATE_HZ),
        "hop_ms": float(rhythm.hop_frames * FRAME_MS),
        "model": model,
    }
    return Frame(Opcode.TEXT, orjson.dumps(start)).serialize(mask=True)


def windows(count: int, frames: int) -> NDArray[np.float32]:
    """Return windows float32[count, frames, 8], no two alike."""
    script = np.array(readings(frames + count), np.float32)
    return np.stack([script[first : first + frames] for first in range(count)])


def json_body(batch: NDArray[np.float32]) -> bytes:
    """Return windows [N, T, 8] as the service's JSON, with the decimals of a glove."""
    return orjson.dumps({"windows": batch.astype(np.float64).round(2).tolist()})


def npy_body(batch: NDArray[np.float32]) -> bytes:
    """Return windows [N, T, 8] in NumPy's file format."""
    file = io.BytesIO()
    np.save(file, batch)
    return file.getvalue()
