"""Frames kept for retransmission until the service acknowledges them. Pure.

Writing to a socket does not mean that the service has read the data: only its answers show how far it has read. Frames
are kept until then and sent again on the next stream if one is lost, up to a bound; frames beyond it are counted.

put --> pending --take--> sent --acknowledge--> done
           ^               |
           |               +--overflow--> unconfirmed --acknowledge--> done
           '--- requeue ---'                  '--------- requeue ----> dropped
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

DEFAULT_CAPACITY: Final = 6000
"""A minute at 100 Hz."""

MAX_BATCH: Final = 240
"""Maximum frames in one message. The service joins frames that are at most 250 ms apart and rejects messages longer
than 60 s (docs/reference/streaming.md); 240 frames never reach that, however slow the glove is."""

_MAX_TIMES: Final = 32
"""Number of recent frames whose times are kept: a device prediction arrives within a few frames of its own."""

_SAME_FRAME_MS: Final = 0.5
"""Times closer than this belong to one frame: the unwrapped times of frames and predictions differ by rounding."""

_U32: Final = 2**32
_MAX_SKIP: Final = 2**31 - 1
"""A larger jump would count as going backwards in serial number arithmetic (RFC 1982)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Frames of one message, numbered consecutively from `seq`: device times in ms, and 8 values for each frame."""

    seq: int
    t_ms: Sequence[float]
    values: Sequence[tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class _Numbered:
    number: int
    t_ms: float
    values: tuple[float | None, ...]


class RetransmitBuffer:
    """Buffer of at most `capacity` numbered frames; the numbers of frames known to be lost are skipped.

    `dropped`: frames that will not be sent again and that no stream has acknowledged.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self.dropped = 0
        self._capacity = capacity
        self._recent: deque[tuple[int, float]] = deque(maxlen=_MAX_TIMES)
        self._next = 0
        self._pending: deque[_Numbered] = deque()
        self._sent: deque[_Numbered] = deque()
        self._last_sent = -1
        # Numbers of frames that were dropped from the buffer after they were sent.
        self._unconfirmed: deque[range] = deque()
        self._acknowledged = 0  # frames of the current stream

    def __len__(self) -> int:
        return len(self._pending) + len(self._sent)

    def put(self, t_ms: float, values: tuple[float | None, ...]) -> None:
        """Add the newest frame; when the buffer is full, drop the oldest."""
        self._pending.append(_Numbered(self._next, t_ms, values))
        self._recent.append((self._next, t_ms))
        self._next += 1
        if len(self) > self._capacity:
            self._drop_oldest()

    def number_at(self, t_ms: float) -> int | None:
        """Return the number of the frame at device time `t_ms`, if it is among the most recent ones."""
        return next((number for number, at_ms in reversed(self._recent) if abs(at_ms - t_ms) < _SAME_FRAME_MS), None)

    def skip(self, count: int) -> None:
        """Skip `count` numbers before the next frame; the service sees from them that frames are missing."""
        self._next += min(count, _MAX_SKIP)

    def take(self) -> Batch | None:
        """Return the next message for the current stream, numbered without a gap; None if everything was sent."""
        if not self._pending:
            return None
        first = self._pending[0].number
        batch: list[_Numbered] = []
        while self._pending and self._pending[0].number == first + len(batch) and len(batch) < MAX_BATCH:
            batch.append(self._pending.popleft())
        self._sent.extend(batch)
        self._last_sent = batch[-1].number
        return Batch(first % _U32, [frame.t_ms for frame in batch], [frame.values for frame in batch])

    def acknowledge(self, seq: int) -> None:
        """Release all frames up to number `seq` (modulo 2**32), the frame that a prediction names."""
        number = self._last_sent - (self._last_sent - seq) % _U32
        self._confirm(sum(len(run) for run in _up_to(number, self._unconfirmed)))
        while self._sent and self._sent[0].number <= number:
            self._sent.popleft()
            self._acknowledged += 1

    def acknowledge_count(self, count: int) -> None:
        """Release the first `count` frames of the current stream, the number that `stopped` reports."""
        new = count - self._acknowledged
        confirmed = min(max(0, new), self._unconfirmed_count)
        self._confirm(confirmed)
        for _ in range(min(max(0, new - confirmed), len(self._sent))):
            self._sent.popleft()
            self._acknowledged += 1

    def requeue(self) -> None:
        """Queue the unacknowledged frames of a stream that has ended for the next one."""
        self._pending.extendleft(reversed(self._sent))
        self._sent.clear()
        self.dropped += self._unconfirmed_count
        self._unconfirmed.clear()
        self._acknowledged = 0

    def discard_pending(self) -> None:
        """Drop the frames that were not sent yet."""
        self.dropped += len(self._pending)
        self._pending.clear()

    def discard_sent(self) -> None:
        """Drop the unacknowledged frames of the current stream, because the service rejected them."""
        self.dropped += len(self._sent)
        self._sent.clear()

    def close(self) -> None:
        """Count every unacknowledged frame as dropped, because no stream will follow."""
        self.requeue()
        self.discard_pending()

    def _drop_oldest(self) -> None:
        if not self._sent:
            self._pending.popleft()
            self.dropped += 1
            return
        # It was sent on the current stream; only an acknowledgement shows whether it is lost, so its number is kept.
        number = self._sent.popleft().number
        follows = self._unconfirmed and self._unconfirmed[-1].stop == number
        first = self._unconfirmed.pop().start if follows else number
        self._unconfirmed.append(range(first, number + 1))

    @property
    def _unconfirmed_count(self) -> int:
        return sum(map(len, self._unconfirmed))

    def _confirm(self, count: int) -> None:
        """Count the oldest `count` unconfirmed frames as acknowledged."""
        self._acknowledged += count
        while count:
            run = self._unconfirmed.popleft()
            if run[count:]:
                self._unconfirmed.appendleft(run[count:])
            count -= len(run[:count])


def _up_to(number: int, runs: Iterable[range]) -> Iterable[range]:
    """Return these runs of numbers cut off after `number`."""
    return (range(run.start, min(run.stop, number + 1)) for run in runs)
