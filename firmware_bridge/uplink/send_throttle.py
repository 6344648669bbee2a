"""When to send: a frame at once when the line has rested, together with its neighbours when it has not. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

REST_S: Final = 0.008
"""A glove at 100 Hz is never held up; one at 1,000 Hz makes 125 messages a second, and no frame waits for longer than
a twelfth of what lies between two predictions."""


@dataclass(slots=True)
class SendThrottle:
    """At most one message in `rest_s` seconds."""

    rest_s: float = REST_S
    _sent_s: float = field(default=-math.inf, init=False)

    def wait_s(self, now_s: float) -> float:
        """How long what is there at `now_s` (a monotonic clock's seconds) has to wait before it goes."""
        return max(0.0, self._sent_s + self.rest_s - now_s)

    def sent(self, now_s: float) -> None:
        """A message has gone."""
        self._sent_s = now_s
