"""Measurement of the memory that a stream holds while its hand signs words.

    python -m benchmarks.words.memory

A session without sockets, whose windows are answered at once, takes the frames of an emulated glove that signs
sentences. What Python and numpy have allocated since before it, and still hold, is its own (tracemalloc); what all
streams share, such as the model and the words of the language, was loaded before.
"""

from __future__ import annotations

import gc
import tracemalloc
from typing import Final

import numpy as np

from firmware_bridge.emulator.glove_model import GloveModel
from models.cli.options import DEFAULT_MODEL
from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.letter_templates import load_templates
from scaleglove.protocol import Frames, Start, TextOptions
from service.settings import shipped_models
from service.streams.handshake import handshake
from service.streams.session import StreamRules, StreamSession

MINUTES: Final = (1, 12)
"""Ten minutes are 300 holds, which is all that a stream learns from: an hour takes no more than twelve."""

_TEXT: Final = "반갑습니다 학교에서 사람들이 공부합니다 오늘 날씨가 좋아요 그래서 컴퓨터 대학교 아침"
_RATE_HZ: Final = 100
_FRAME_MS: Final = 1000.0 / _RATE_HZ
_STEP: Final = 10
_RULES: Final = StreamRules(stale_after_ms=1000, idle_after_ms=60_000, self_calibrates=True)


def main() -> None:
    """Print a table in Markdown."""
    model = Artefact.load(shipped_models() / f"{DEFAULT_MODEL}.onnx")
    sign(model, 0.3, words=True)
    print("| minutes of signing | words on, KiB | words off, KiB |")
    print("|---|---|---|")
    for minutes in MINUTES:
        on, off = (held_bytes(model, minutes, words=words) / 1024 for words in (True, False))
        print(f"| {minutes} | {on:.0f} | {off:.0f} |")


def held_bytes(model: Artefact, minutes: float, *, words: bool) -> int:
    """Return the bytes that a stream holds after it has signed for some minutes."""
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    session = sign(model, minutes, words=words)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del session  # it was held until here
    return after - before


def sign(model: Artefact, minutes: float, *, words: bool) -> StreamSession:
    """Return the session of a hand that has signed for some minutes."""
    start = Start(channels=list(CHANNELS), sample_rate_hz=float(_RATE_HZ), hop_ms=100.0, text=TextOptions(words=words))
    session = handshake(start, "here", _RULES, lambda _: model, count_dropped=lambda: 0)
    glove = GloveModel(_TEXT, load_templates(), seed=0)
    for first in range(0, round(60 * minutes * _RATE_HZ), _STEP):
        readings = [reading.values for _ in range(_STEP) if (reading := glove.read(_FRAME_MS)) is not None]
        times = [_FRAME_MS * (first + frame) for frame in range(_STEP)]
        for due in session.receive(Frames(first, times, np.array(readings, np.float32)), times[0]):
            session.answer(model.run_windows([due.frames]), 0, due)
        session.finish_message(times[0])
        for _ in session.drain():
            pass
    return session


if __name__ == "__main__":
    main()
