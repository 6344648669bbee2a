"""Frames of a glove on a bad day, and what an intake makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from scaleglove.protocol import Frames
from service.streams.intake import Intake
from service.streams.unread_frames import UnreadFrames
from service.streams.window import DueWindow

Choose = Callable[[Sequence[Any]], Any]
"""Returns one of the choices."""

MOVES = np.random.default_rng(0).uniform(
    [600.0] * 5 + [-80.0, -185.0, 170.0], [900.0] * 5 + [80.0, 185.0, 190.0], (97, 8)
)
"""Readings of a moving hand near the ends of the angles, in order."""

READINGS = [0.0, -0.0, 3.0, 99.0, 1022.99, 1023.0, 1023.0005, 3.3, 4095.0, 180.0, -180.0, 200.0, 1e6, np.nan]
SEQ_STEPS = [1] * 8 + [0, -3, 2, 5, 300, 2**31 + 7]
TIME_STEPS = [20.0] * 8 + [0.0, -40.0, 240.0, 250.0, 250.5, -900.0, -2000.0]


def journey(choose: Choose, legs: int) -> Iterator[Frames]:
    """Yield messages of frames, whole milliseconds or not, whose numbers and times jump between legs."""
    seq, t_ms = choose([0, 7, 2**32 - 30]), choose([0.0, 5000.0, 2.0**32 - 700, 2.0**52])
    broken: dict[int, float] = {}
    moved = 0
    for _ in range(legs):
        interval_ms, length = choose([20.0, 10.0, 25.5, 1000 / 60, 100.0]), choose([1, 1, 2, 3, 7, 30, 80])
        is_still, size = choose([False, False, True]), choose([1, 2, 5, 40])
        if choose([False, False, True]):
            broken = {choose(range(8)): choose(READINGS) for _ in range(choose([0, 1, 3]))}
        rows = []
        for _ in range(length):
            moved += not is_still
            rows.append(MOVES[moved % len(MOVES)].copy())
            rows[-1][list(broken)] = list(broken.values())
        values = np.array(rows, np.float32)
        times = t_ms + interval_ms * np.arange(length)
        for begin in range(0, length, size):
            end = min(begin + size, length)
            yield Frames((seq + begin) % 2**32, times[begin:end].tolist(), values[begin:end])
        seq = (seq + length - 1 + choose(SEQ_STEPS)) % 2**32
        t_ms = max(0.0, float(times[-1]) + choose(TIME_STEPS))


def take(intake: Intake, message: Frames | UnreadFrames) -> list[object]:
    """Return the events of a message, and what can be seen of the intake after each."""
    seen: list[object] = []
    for event in intake.take(message):
        seen += [describe(event), look(intake)]
    return [*seen, look(intake)]


def look(intake: Intake) -> tuple[object, ...]:
    window = intake.window
    newest, left = window.newest(), window.finish()
    return (
        window.newest_ms,
        window.frames,
        window.late_frames,
        window.duplicate_frames,
        window.missing_frames,
        window.rate_hz,
        window.window.shape,
        window.window.tobytes(),
        newest and describe(newest),
        [describe(due) for due in left],
        intake.sensors.faults,
    )


def describe(event: object) -> object:
    if isinstance(event, DueWindow):
        return event.seq, event.t_ms, event.gap, event.frames.dtype, event.frames.shape, event.frames.tobytes()
    return event
