"""Order and pace of outgoing messages. Pure."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from firmware_bridge.uplink.glove_labels import NamedLetter
from scaleglove.client import GloveLetter
from scaleglove.scales import SCALES

MIN_INTERVAL_S: Final = 0.008
"""A glove at 100 Hz is never delayed; one at 1,000 Hz makes 125 messages a second, and no frame waits longer than a
twelfth of the time between two predictions."""

_MAX_PREDICTIONS: Final = 600
"""A minute of a glove that sends ten predictions a second."""

_U32: Final = 2**32


@dataclass(slots=True)
class SendThrottle:
    """Throttle that allows at most one message in `min_interval_s` seconds.

    A frame is sent immediately after an idle interval; frames that arrive sooner are sent together.
    """

    min_interval_s: float = MIN_INTERVAL_S
    _sent_s: float = field(default=-math.inf, init=False)

    def wait_s(self, now_s: float) -> float:
        """Return the seconds to wait before the next message; `now_s` is a monotonic clock's time."""
        return max(0.0, self._sent_s + self.min_interval_s - now_s)

    def sent(self, now_s: float) -> None:
        """Record that a message was sent."""
        self._sent_s = now_s


class DevicePredictions:
    """Queue of the predictions that the glove makes itself, each sent only after the frame it is based on.

    While the service is away, only the newest are kept.
    """

    def __init__(self) -> None:
        self._pending: deque[tuple[float, GloveLetter]] = deque(maxlen=_MAX_PREDICTIONS)

    def put(self, named: NamedLetter, number: int | None) -> GloveLetter:
        """Queue a prediction and return its message; `number` is its frame's number in the stream, if it was sent."""
        letter = named.letter
        message = GloveLetter(
            None if number is None else number % _U32,
            float(round(letter.t_ms) % _U32),
            named.label,
            letter.confidence,
            {} if letter.shares is None else dict(zip(map(str, SCALES), letter.shares, strict=True)),
        )
        self._pending.append((letter.t_ms, message))
        return message

    def take(self, sent_ms: float) -> GloveLetter | None:
        """Return the next prediction based on frames up to device time `sent_ms`, or None if there is none."""
        if not self._pending or self._pending[0][0] > sent_ms:
            return None
        return self._pending.popleft()[1]
