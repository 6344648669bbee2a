"""Frames that are kept until the service has answered them. Pure.

What is handed to a socket is not what a service has read: only its answers say how far it came. So frames stay here
until then, and go again to the next stream when one is lost, up to a bound; what falls out is counted.

put --> waiting --take--> given --answered--> gone
           ^                |
           |                +--overflow--> in doubt --answered--> gone
           '--- reopened ---'                 '------- reopened --> dropped
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

DEFAULT_CAPACITY: Final = 6000
"""A minute at 100 Hz."""

MAX_BATCH: Final = 240
"""Frames of one message. The service joins frames over at most 250 ms, and takes no message that covers more than 60 s
(docs/reference/streaming.md): so few frames never do, however slow the glove is."""

_REMEMBERED: Final = 32
"""Frames whose times are kept: what a glove says of one comes within a few of them."""

_SAME_MS: Final = 0.5
"""Times that lie closer together are of one frame: the turns of a counter are added up differently."""

_U32: Final = 2**32
_MAX_SKIP: Final = 2**31 - 1
"""A number that jumped further would lie behind (RFC 1982)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Frames of one message, numbered from `seq` on: device times in ms, and 8 values of each."""

    seq: int
    t_ms: Sequence[float]
    values: Sequence[tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _Numbered:
    number: int
    t_ms: float
    values: tuple[float, ...]


class RetransmitBuffer:
    """Holds at most `capacity` frames, numbered on; the numbers of frames that are known to be lost are passed over.

    `dropped`: frames that no stream will get any more and that none has answered.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self.dropped = 0
        self._capacity = capacity
        self._newest: deque[tuple[int, float]] = deque(maxlen=_REMEMBERED)
        self._next = 0
        self._waiting: deque[_Numbered] = deque()
        self._given: deque[_Numbered] = deque()
        self._newest_given = -1
        self._in_doubt: deque[range] = deque()  # numbers; between two runs some were lost before they were given
        self._answered = 0  # of the present stream's frames

    def __len__(self) -> int:
        return len(self._waiting) + len(self._given)

    @property
    def waiting(self) -> bool:
        """There are frames that the present stream was not given."""
        return bool(self._waiting)

    def put(self, t_ms: float, values: tuple[float, ...]) -> None:
        """Keep the newest frame; where there is no room, the oldest gives way."""
        self._waiting.append(_Numbered(self._next, t_ms, values))
        self._newest.append((self._next, t_ms))
        self._next += 1
        if len(self) > self._capacity:
            self._drop_oldest()

    def number_at(self, t_ms: float) -> int | None:
        """The number of the frame of device time `t_ms`, if it is among the last that came."""
        return next((number for number, at_ms in reversed(self._newest) if abs(at_ms - t_ms) < _SAME_MS), None)

    def skip(self, count: int) -> None:
        """`count` frames before the next one are lost; their numbers tell the service so."""
        self._next += min(count, _MAX_SKIP)

    def take(self) -> Batch | None:
        """The next message for the present stream, of numbers without a hole; None when it was given everything."""
        if not self._waiting:
            return None
        first = self._waiting[0].number
        taken: list[_Numbered] = []
        while self._waiting and self._waiting[0].number == first + len(taken) and len(taken) < MAX_BATCH:
            taken.append(self._waiting.popleft())
        self._given.extend(taken)
        self._newest_given = taken[-1].number
        return Batch(first % _U32, [frame.t_ms for frame in taken], [frame.values for frame in taken])

    def answered(self, seq: int) -> None:
        """The present stream has answered all frames up to number `seq` (modulo 2**32), as a prediction says."""
        number = self._newest_given - (self._newest_given - seq) % _U32
        self._settle_doubt(sum(len(run) for run in _up_to(number, self._in_doubt)))
        while self._given and self._given[0].number <= number:
            self._given.popleft()
            self._answered += 1

    def taken(self, count: int) -> None:
        """The present stream has taken `count` frames of those that it was given, as `stopped` says."""
        new = count - self._answered
        settled = min(max(0, new), self._doubts)
        self._settle_doubt(settled)
        for _ in range(min(max(0, new - settled), len(self._given))):
            self._given.popleft()
            self._answered += 1

    def reopened(self) -> None:
        """The stream has gone: what it was given and has not answered goes to the next one."""
        self._waiting.extendleft(reversed(self._given))
        self._given.clear()
        self.dropped += self._doubts
        self._in_doubt.clear()
        self._answered = 0

    def give_up(self) -> None:
        """What the present stream was given and has not answered is not sent again: it was refused."""
        self.dropped += len(self._given)
        self._given.clear()

    def close(self) -> None:
        """No stream will follow: what is not answered is lost."""
        self.reopened()
        self.dropped += len(self._waiting)
        self._waiting.clear()

    def _drop_oldest(self) -> None:
        if not self._given:
            self._waiting.popleft()
            self.dropped += 1
            return
        # The present stream has it. Whether it is lost will be known from the answer, so its number will do.
        number = self._given.popleft().number
        follows = self._in_doubt and self._in_doubt[-1].stop == number
        first = self._in_doubt.pop().start if follows else number
        self._in_doubt.append(range(first, number + 1))

    @property
    def _doubts(self) -> int:
        return sum(map(len, self._in_doubt))

    def _settle_doubt(self, count: int) -> None:
        """The oldest `count` of the frames in doubt are answered."""
        self._answered += count
        while count:
            run = self._in_doubt.popleft()
            if run[count:]:
                self._in_doubt.appendleft(run[count:])
            count -= len(run[:count])


def _up_to(number: int, runs: Iterable[range]) -> Iterable[range]:
    """What of these runs of numbers is not beyond `number`."""
    return (range(run.start, min(run.stop, number + 1)) for run in runs)
