"""An emulated hand, straight into a stream's session: what the service would say, without sockets or clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.emulator.glove_model import GloveModel, Reading
from scaleglove.channels import CHANNELS
from scaleglove.letter_templates import load_templates
from scaleglove.protocol import (
    Frames,
    Gesture,
    ServerMessage,
    Start,
    Stop,
)
from service.inference.engine import Model
from service.streams.handshake import handshake
from service.streams.session import StreamRules

MESSAGE_FRAMES = 5


def hand(text: str, rate_hz: float, *, hold_s: float = 1.0, seed: int = 0) -> list[Reading]:
    """Return the readings of one pass of the text."""
    glove = GloveModel(text, load_templates(), hold_s=hold_s, once=True, seed=seed)
    return list(iter(lambda: glove.read(1000 / rate_hz), None))


def as_messages(readings: Sequence[Reading], lost: Iterable[int] = (), sizes: Iterable[int] = ()) -> Iterator[Frames]:
    """Yield frames numbered from 0, without those `lost`; `sizes` of the messages, MESSAGE_FRAMES where they end."""
    missing, wanted = set(lost), iter(sizes)
    numbers: list[int] = []
    space = next(wanted, MESSAGE_FRAMES)
    for number in range(len(readings)):
        if numbers and (number in missing or len(numbers) >= space):
            yield _message(readings, numbers)
            numbers, space = [], next(wanted, MESSAGE_FRAMES)
        if number not in missing:
            numbers.append(number)
    if numbers:
        yield _message(readings, numbers)


def answers_to(model: Model, messages: Iterable[Frames], **start: object) -> list[ServerMessage]:
    """Return everything a stream answers to these messages, with a model that answers at once."""
    first = Start(list(CHANNELS), **start)  # type: ignore[arg-type]
    session = handshake(first, "here", StreamRules(1000, 60_000, self_calibrates=True), lambda _: model)
    answers: list[ServerMessage] = [session.started]
    for message in (*messages, Stop()):
        for due in session.receive(message, 0):
            session.answer(model.run_windows([due.frames]), 0)
            answers += session.drain()
        answers += session.drain()
        session.finish_message(0)
    return answers


def begun(answers: Iterable[ServerMessage]) -> str:
    """Return the letters that began."""
    return "".join(answer.label for answer in answers if isinstance(answer, Gesture) and answer.phase == "begin")


def _message(readings: Sequence[Reading], numbers: Sequence[int]) -> Frames:
    values: NDArray[np.float32] = np.stack([readings[number].values for number in numbers])
    return Frames(numbers[0], [readings[number].t_ms for number in numbers], values)
