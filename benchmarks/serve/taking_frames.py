"""Measurement of what it costs to take frames in: from the bytes of a message to samples, windows and sensors' faults.

    python -m benchmarks.serve.taking_frames

The CPU time of this process for a message and for a frame of a glove at 100 Hz whose window is due every 10 frames, in
C and by its reference in turns; the medians of some rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

from benchmarks.serve.load.messages import FRAME_MS, RATE_HZ, Rhythm, binary_message, readings, text_message
from models.runtime.artefact import Artefact
from models.runtime.contract import ModelContract
from service.settings import shipped_models
from service.streams.intake import Intake, PythonIntake, make_intake

FRAMES: Final = 2000
ROUNDS: Final = 15
RHYTHMS: Final = tuple(Rhythm(binary, frames) for binary in (True, False) for frames in (1, 5))

MakeIntake = Callable[[ModelContract, float | None, float], Intake]


def payloads(rhythm: Rhythm) -> list[bytes]:
    """Return the messages of FRAMES frames."""
    frames, step = readings(FRAMES), rhythm.frames_per_message
    write = binary_message if rhythm.binary else text_message
    return [write(first, frames[first : first + step]) for first in range(0, FRAMES, step)]


def microseconds(make: MakeIntake, contract: ModelContract, rhythm: Rhythm, messages: Sequence[bytes]) -> float:
    """Return the time of one message, of a stream from its beginning."""
    intake = make(contract, float(RATE_HZ), float(rhythm.hop_frames * FRAME_MS))
    begun = time.process_time()
    for data in messages:
        message = intake.read(data, not rhythm.binary)
        for _ in intake.take(message):  # type: ignore[arg-type]  # they are all messages of frames
            pass
    return (time.process_time() - begun) / len(messages) * 1e6


def main() -> None:
    """Print a table in Markdown."""
    contract = Artefact.load(next(shipped_models().glob("*Encoded.onnx"))).contract
    print("| messages | in C, us a message | a frame | in Python, us a message | a frame | ratio |")
    print("|---|---|---|---|---|---|")
    for rhythm in RHYTHMS:
        messages = payloads(rhythm)
        pairs = [
            [microseconds(make, contract, rhythm, messages) for make in (make_intake, PythonIntake)]
            for _ in range(ROUNDS)
        ]
        native, python = (median(times) for times in zip(*pairs, strict=True))
        ratio = median(slow / fast for fast, slow in pairs)
        step = rhythm.frames_per_message
        cells = f"{native:.1f} | {native / step:.2f} | {python:.1f} | {python / step:.2f} | {ratio:.1f}"
        print(f"| {rhythm.title} | {cells} |")


if __name__ == "__main__":
    main()
