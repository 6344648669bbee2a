"""Open load of many gloves from one thread: a message is sent when it is due, whether the last was answered or not.

Latency is measured from the time at which the message was due, so that neither a server that stalls nor a client that
is late can hide it (coordinated omission: Tene, How NOT to Measure Latency, 2013).
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
from websockets.frames import Frame, Opcode

from benchmarks.serve.load.messages import VARIETIES, Rhythm, glove_messages, start_message
from benchmarks.serve.load.websocket import is_prediction, open_stream, seq_of, split

_SPIN_S: Final = 0.0001
"""The kernel wakes a sleeping process about 60 microseconds late, so the last part of a wait is spent polling."""

_CHUNK: Final = 1 << 18
_SENDS_BEFORE_READING: Final = 32
_HOPELESS_S: Final = 0.5
"""A server this far behind does not recover; more load would only fill its buffers."""


@dataclass(slots=True)
class Tally:
    """Counts and delays of one measurement."""

    gloves: int
    messages: int = 0
    due: int = 0
    """Predictions that the server owes."""
    seconds: float = 0.0
    idle_s: float = 0.0
    """Time in which the client waited."""
    delays_s: list[float] = field(default_factory=list)
    """From the time at which a message was due to the receipt of its prediction; one for each prediction."""
    lateness_s: list[float] = field(default_factory=list)
    """Delay of the client's own sending; one for each message."""
    broken: int = 0
    """Streams that broke."""
    hopeless: bool = False

    def delay_ms(self, percent: float) -> float:
        """Return a percentile of the delays, infinite where none was measured."""
        return _percentile_ms(self.delays_s, percent)

    @property
    def late_ms(self) -> float:
        """The p99 of the client's own delay in ms."""
        return _percentile_ms(self.lateness_s, 99)

    @property
    def client_share(self) -> float:
        """Busy share of the client's core; polling is not counted as busy."""
        return 1 - self.idle_s / self.seconds if self.seconds else 0.0

    def passes(self, limit_ms: float) -> bool:
        """Return whether all predictions that were due came, and 99 % of them within the limit."""
        complete = not self.hopeless and not self.broken and len(self.delays_s) == self.due
        return complete and self.delay_ms(99) < limit_ms


def _percentile_ms(seconds: list[float], percent: float) -> float:
    return float(np.percentile(seconds, percent)) * 1000 if seconds else float("inf")


class _StalledError(Exception):
    """A server that takes no more bytes."""


class Gloves:
    """Open streams that send in turn, with their phases spread evenly over one period.

    Args:
        messages: the number that each of them will send at most.
        gives_up: stop sending to a server that is far behind.

    Raises:
        RefusedError: the server refused a stream.
    """

    def __init__(
        self,
        address: tuple[str, int],
        count: int,
        rhythm: Rhythm,
        messages: int,
        model: str | None = None,
        *,
        gives_up: bool = True,
    ) -> None:
        self._rhythm = rhythm
        self._gives_up = gives_up
        self._messages = glove_messages(rhythm, messages)
        self._epoll = select.epoll()
        self._sockets: list[socket.socket] = []
        self._numbers: dict[int, int] = {}
        self._rest: dict[int, bytes] = {}
        self._sent = 0  # messages of all gloves together
        self._begin_s = 0.0
        self._first_seq = 0
        self.tally = Tally(count)
        start = start_message(rhythm, model)
        try:
            for number in range(count):
                self._add(open_stream(address, start), number)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections without a closing handshake."""
        for connection in self._sockets:
            connection.close()
        self._epoll.close()

    def run(self, messages: int) -> None:
        """Send messages from each glove, each when it is due; stop early where the server is too far behind."""
        count = len(self._sockets)
        step_s = self._rhythm.period_s / count
        begin, end = self._sent, self._sent + messages * count
        if not self._sent:
            self._begin_s = time.perf_counter()
        entered_s = time.perf_counter()
        try:
            while self._sent < end and not self.tally.hopeless:
                due_s = self._begin_s + self._sent * step_s
                late_s = time.perf_counter() - due_s
                if late_s >= 0:
                    self._send(late_s)
                if late_s < 0 or self._sent % _SENDS_BEFORE_READING == 0:
                    self._read(-late_s)
        except _StalledError:
            self.tally.hopeless = True
        self.tally.seconds += time.perf_counter() - entered_s
        self.tally.messages += self._sent - begin
        self.tally.due += messages * count * self._rhythm.frames_per_message // self._rhythm.hop_frames

    def begin_to_count(self) -> None:
        """Start a new tally that ignores answers to earlier messages."""
        self.tally = Tally(len(self._sockets))
        self._first_seq = self._sent // len(self._sockets) * self._rhythm.frames_per_message

    def take_tally(self) -> Tally:
        """Return the tally so far and start another, which will have the answers that are still due."""
        taken, self.tally = self.tally, Tally(len(self._sockets))
        return taken

    def drain(self, seconds: float) -> None:
        """Wait for the answers that are still due, at most `seconds`."""
        entered_s = time.perf_counter()
        end_s = entered_s + seconds
        while len(self.tally.delays_s) < self.tally.due and (left_s := end_s - time.perf_counter()) > 0:
            self._read(left_s)
        self.tally.seconds += time.perf_counter() - entered_s

    def _add(self, connection: socket.socket, number: int) -> None:
        self._sockets.append(connection)
        self._numbers[connection.fileno()] = number
        self._rest[connection.fileno()] = b""
        self._epoll.register(connection.fileno(), select.EPOLLIN)

    def _send(self, late_s: float) -> None:
        message, glove = divmod(self._sent, len(self._sockets))
        data = self._messages[glove % VARIETIES][message]
        self._sent += 1
        self.tally.lateness_s.append(late_s)
        try:
            sent = self._sockets[glove].send(data)
        except BlockingIOError:
            raise _StalledError from None
        except OSError:
            return  # `_take` finds the closed connection and counts it
        if sent < len(data):
            raise _StalledError

    def _read(self, seconds: float) -> None:
        """Receive what has arrived, waiting at most `seconds`."""
        begin_s = time.perf_counter()
        if seconds > _SPIN_S:
            select.select([self._epoll], [], [], seconds - _SPIN_S)  # epoll's own timeout knows only milliseconds
        ready = self._epoll.poll(0)
        if not ready or seconds > _SPIN_S:
            self.tally.idle_s += time.perf_counter() - begin_s
        for descriptor, _ in ready:
            self._take(descriptor)

    def _take(self, descriptor: int) -> None:
        number = self._numbers[descriptor]
        try:
            received = self._sockets[number].recv(_CHUNK)
        except OSError:
            received = b""
        now_s = time.perf_counter()
        if not received:
            self._epoll.unregister(descriptor)
            self.tally.broken += 1
            return
        frames, self._rest[descriptor] = split(self._rest[descriptor] + received)
        for opcode, payload in frames:
            if opcode == Opcode.PING:
                with contextlib.suppress(OSError):  # as in `_send`
                    self._sockets[number].send(Frame(Opcode.PONG, payload).serialize(mask=True))
            elif is_prediction(payload):
                self._count(number, seq_of(payload), now_s)

    def _count(self, number: int, seq: int, now_s: float) -> None:
        if seq < self._first_seq:
            return
        message = seq // self._rhythm.frames_per_message
        due_s = self._begin_s + (message + number / len(self._sockets)) * self._rhythm.period_s
        self.tally.delays_s.append(now_s - due_s)
        if self._gives_up and now_s - due_s > _HOPELESS_S:
            self.tally.hopeless = True


def measure(
    address: tuple[str, int], count: int, rhythm: Rhythm, warm_up_s: float, seconds: float, model: str | None = None
) -> Tally:
    """Measure `count` gloves for `seconds`, after a warm-up in which their windows fill."""
    warm_up, counted = rhythm.messages_in(warm_up_s), rhythm.messages_in(seconds)
    with Gloves(address, count, rhythm, warm_up + counted, model) as gloves:
        gloves.run(warm_up)
        if gloves.tally.hopeless:
            return gloves.tally
        gloves.begin_to_count()
        gloves.run(counted)
        gloves.drain(_HOPELESS_S)
        return gloves.tally
