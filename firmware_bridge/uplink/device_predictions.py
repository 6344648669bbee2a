"""The glove's own letters on their way to the service. Pure.

They are news, not data: while the service is away the newest are kept. None is sent before the frame that it knows of.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from firmware_bridge.codec.events import LetterRead
from scaleglove.client import GloveLetter
from scaleglove.letters import SCALES

_KEPT: Final = 600
"""A minute of a glove that says ten a second."""

_U32: Final = 2**32


class DevicePredictions:
    """Letters as messages, until their turn."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, GloveLetter]] = deque(maxlen=_KEPT)

    def put(self, letter: LetterRead, number: int | None) -> GloveLetter:
        """Keep a letter; `number` is that of its frame in the stream, if it was sent."""
        message = GloveLetter(
            None if number is None else number % _U32,
            float(round(letter.t_ms) % _U32),
            letter.letter,
            letter.confidence,
            {} if letter.shares is None else dict(zip(map(str, SCALES), letter.shares, strict=True)),
        )
        self._waiting.append((letter.t_ms, message))
        return message

    def take(self, sent_ms: float) -> GloveLetter | None:
        """The next letter that knows of no frame after the one of `sent_ms`; None: there is none."""
        if not self._waiting or self._waiting[0][0] > sent_ms:
            return None
        return self._waiting.popleft()[1]
