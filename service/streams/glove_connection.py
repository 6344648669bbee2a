"""The socket of a glove: it decodes messages, paces the sender and submits windows to the engine."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from models.runtime.artefact import Outputs
from scaleglove.protocol import (
    ClientMessage,
    Error,
    Frames,
    Start,
    WireError,
    decode_binary,
    decode_text,
    unknown_keys,
)
from service.auth.quota import Quota
from service.inference.engine import Engine, Model
from service.inference.glove import ChooseGlove, GloveHint
from service.inference.profile import LoadProfile
from service.problems import ProblemError
from service.settings import Settings
from service.streams.handshake import FindModel, handshake
from service.streams.hub import Hub
from service.streams.profile_watcher import ProfileWatcher
from service.streams.session import StreamRules, StreamSession
from service.streams.stream import Stream
from service.streams.stream_telemetry import StreamTelemetry
from service.streams.unread_frames import UnreadFrames
from service.streams.websocket.connection import GOING_AWAY, Connection, close_code
from service.streams.websocket.fast_websocket import FastWebSocketProtocol
from service.streams.window import DueWindow
from service.telemetry.metrics import Metrics

MAX_WAITING: Final = 16
"""Windows of one stream that may wait for the engine; until they are answered its socket is not read. A glove has one
or two, a recording sent as fast as possible fills a batch."""

TURN_FRAMES: Final = 128
"""Frames and messages taken before other sockets get their turn, or one message: a millisecond or two. A recording sent
as fast as possible arrives in thousands."""

_TURN_S: Final = 0.005
"""A sender that was not held back for so long begins a new turn."""


@dataclass(frozen=True, slots=True, eq=False)
class StreamServices:
    """The parts of the service that all its streams share."""

    hub: Hub
    engine: Engine
    settings: Settings
    metrics: Metrics
    find_model: FindModel
    load_profile: LoadProfile
    choose_glove: ChooseGlove


_COUNT_EVERY_MS: Final = 1000.0
"""Time between two additions to the metrics, however late a stream goes stale."""


class GloveConnection(Connection):
    """The connection of a glove's client, from its handshake on; `Stream` is what runs behind it."""

    def __init__(self, services: StreamServices, quota: Quota, telemetry: StreamTelemetry) -> None:
        settings = services.settings
        super().__init__(settings.outbox_messages, services.metrics)
        self._hub = services.hub
        self._engine = services.engine
        self._metrics = services.metrics
        self._quota = quota
        self._held = ExitStack()  # of the quota
        self._start_timeout_s = settings.start_timeout_s
        self._rules = StreamRules(settings.stale_after_ms, settings.idle_timeout_s * 1000, settings.self_calibration)
        self._find_model = services.find_model
        self._profiles = ProfileWatcher(services.load_profile)
        self._gloves = ProfileWatcher(services.choose_glove, "glove")
        self._telemetry = telemetry
        self._stream: Stream | None = None
        """None until the handshake."""
        self._ignored: tuple[str, ...] = ()
        """Keys of the first message that are not known."""
        self._channel: FastWebSocketProtocol
        self._timer: asyncio.TimerHandle | None = None
        self._unread: deque[tuple[bytes, bool]] = deque()
        self._dues: Iterator[DueWindow] = iter(())
        self._arrived = 0.0  # when the message that is being taken arrived
        self._turn_began_s = -math.inf
        self._turn_frames = 0
        self._is_behind = False  # new messages have to wait
        self._ended = False  # new messages are ignored

    def take(self, data: bytes, is_text: bool) -> None:
        if self._ended:
            return
        now_s = time.perf_counter()
        if now_s - self._turn_began_s > _TURN_S:
            self._turn_began_s, self._turn_frames = now_s, 0
        self._unread.append((data, is_text))
        if not self._is_behind:
            self._advance()

    def refuse(self, fault: WireError) -> None:
        """Send an error behind the windows that are due, and close."""
        self._ended = True
        self._unread.clear()
        self._dues = iter(())
        self._profiles.give_up()
        self._gloves.give_up()
        if self._stream is not None:
            self._stream.refuse(fault)
            return
        error = Error(fault.code, fault.detail, fault.field)
        self.send_queue.put(error)
        self.send_queue.close(close_code(fault.code))
        self._telemetry.note(error)

    def go_away(self) -> None:
        if not self._ended:
            self.refuse(GOING_AWAY)

    def _begin(self, channel: FastWebSocketProtocol) -> None:
        self._channel = channel
        try:
            self._held.enter_context(self._quota.stream())
        except ProblemError as problem:
            raise WireError(problem.code, problem.detail, problem.field) from None
        self._hub.join(self)
        self._timer = asyncio.get_running_loop().call_later(self._start_timeout_s, self._watch_clock)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._ended = True
        self._profiles.give_up()
        self._gloves.give_up()
        self._held.close()
        self._hub.leave(self)
        if self._stream is None:
            self._telemetry.end(None)
            return
        self._hub.close(self._stream)
        self._telemetry.count_frames(self._stream.session.window)
        self._telemetry.end(self._stream.session.stopped())

    # Messages, in turns.

    def _advance(self) -> None:
        """Take what has arrived, as far as waiting windows and others' turns allow, and send what can be sent."""
        try:
            while not self._ended:
                if self._stream is not None and not self._submit_dues(self._stream):
                    break
                if not self._may_take:
                    break
                self._take_next()
        except WireError as fault:
            self.refuse(fault)
            return
        if self._stream is not None:
            self._stream.publish()
        self._keep_pace()

    def _take_turn(self) -> None:
        self._turn_frames = 0
        if not self._over.done():  # else nobody receives the answer
            self._advance()

    @property
    def _may_take(self) -> bool:
        return bool(self._unread) and self._turn_frames < TURN_FRAMES and not self._awaits_profile

    @property
    def _awaits_profile(self) -> bool:
        """The stream starts when the profiles of its wearer and its glove are loaded."""
        return self._stream is None and (self._profiles.is_looking or self._gloves.is_looking)

    def _take_next(self) -> None:
        """Take the oldest message that has arrived.

        Raises:
            WireError: it cannot be read, or is not allowed here.
        """
        self._arrived = time.perf_counter()
        data, is_text = self._unread.popleft()
        self._turn_frames += 1  # every message counts
        if self._stream is None:
            first = decode_text(data) if is_text else decode_binary(data)
            self._ignored = unknown_keys(data, first) if isinstance(first, Start) else ()
            self._begin_handshake(first)
            return
        message = self._stream.session.intake.read(data, is_text)
        if isinstance(message, UnreadFrames | Frames):
            self._turn_frames += message.count
        self._dues = self._stream.receive(message, _now_ms())

    def _submit_dues(self, stream: Stream) -> bool:
        """Submit the windows of the message being taken; return False while MAX_WAITING windows wait.

        Raises:
            WireError: the message is not allowed here, or the quota is used up; then its window is dropped.
        """
        session = stream.session
        while session.waiting < MAX_WAITING:
            if (due := next(self._dues, None)) is None:
                return True
            self._pay(session)
            answered = partial(self._answered, stream, due, self._arrived)
            self._engine.submit(session.model, due.frames, answered, partial(self._failed, stream))
        return False

    def _pay(self, session: StreamSession) -> None:
        try:
            self._quota.spend(1, time.monotonic())
        except ProblemError as problem:
            session.drop_last()
            raise WireError(problem.code, problem.detail, problem.field) from None

    def _keep_pace(self) -> None:
        waiting = 0 if self._stream is None else self._stream.session.waiting
        self._is_behind = waiting >= MAX_WAITING or bool(self._unread) or self._awaits_profile
        if self._is_behind:
            self._channel.pause_reading()
            if not waiting and not self._awaits_profile:  # else the next answer continues
                asyncio.get_running_loop().call_soon(self._take_turn)
            return
        self._channel.resume_reading()
        if self._stream is not None and not waiting:
            self._stream.session.finish_message(_now_ms())

    # The handshake.

    def _begin_handshake(self, first: ClientMessage) -> None:
        """Take the first message: load the profiles of the wearer and the glove that it tells, or start the stream at
        once.

        Raises:
            WireError: it does not start a stream.
        """
        if isinstance(first, Start) and (model := self._model_of(first)) is not None:
            then = partial(self._profile_found, first)
            if first.wearer is not None:
                self._profiles.look(first.wearer, model, then)
            if not (hint := GloveHint.of(first)).is_empty:
                self._gloves.look(hint, model, then)
        if not self._awaits_profile:
            self._open_stream(first)

    def _model_of(self, start: Start) -> Model | None:
        try:
            return self._find_model(start.model)
        except ProblemError:  # the handshake reports it
            return None

    def _profile_found(self, start: Start) -> None:
        if self._awaits_profile:
            return
        try:
            self._open_stream(start)
        except WireError as fault:
            self.refuse(fault)
        else:
            self._advance()

    def _open_stream(self, first: ClientMessage) -> None:
        count_dropped = partial(getattr, self.send_queue, "dropped")
        session = handshake(
            first,
            self._telemetry.stream,
            self._rules,
            self._find_model,
            self._profiles.find,
            self._gloves.find,
            count_dropped,
            self._ignored,
        )
        stream = Stream(session, self.send_queue, self._telemetry, self._find_model, self._profiles, self._gloves)
        self._stream = stream
        self._hub.open(stream)
        stream.begin()
        self._set_timer(session)

    # What the engine and the clock call.

    def _answered(self, stream: Stream, due: DueWindow, arrived: float, outputs: Outputs, row: int) -> None:
        if self._over.done():  # nobody receives the answer
            return
        try:
            stream.session.answer(outputs, row, due)
            self._advance()
        except Exception as error:  # noqa: BLE001 - whatever it is, the stream ends rather than falling silent
            self._failed(stream, error)
        self._metrics.end_to_end_seconds.observe(time.perf_counter() - arrived)

    def _failed(self, stream: Stream, error: Exception) -> None:
        self._ended = True
        stream.fail(error)

    def _set_timer(self, session: StreamSession) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait_s = max(1.0, min(session.quiet_ms(_now_ms()), _COUNT_EVERY_MS)) / 1000
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._watch_clock)

    def _watch_clock(self) -> None:
        if self._stream is None:
            if not self._ended:
                self.refuse(WireError("start_timeout", f"no start message within {self._start_timeout_s:g} s"))
            return
        self._stream.tick(_now_ms())
        self._set_timer(self._stream.session)


def _now_ms() -> float:
    return time.monotonic() * 1000
