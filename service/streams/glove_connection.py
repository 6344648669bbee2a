"""A socket that brings a glove's frames."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final

import numpy as np

from models.runtime.artefact import Outputs
from scaleglove.protocol import (
    Command,
    Commanded,
    DeviceRemark,
    EditAction,
    Error,
    Frames,
    GloveLetter,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    SelfCalibrated,
    Sensors,
    ServerMessage,
    Start,
    Started,
    Stopped,
    Text,
    ViewedFrames,
    WireError,
    decode_binary,
    decode_text,
    encode,
)
from service.auth.quota import Quota
from service.inference.engine import Engine, Model
from service.inference.profile import LoadProfile
from service.problems import ProblemError
from service.settings import Settings
from service.streams.connection import GOING_AWAY, Connection, close_code
from service.streams.fast_websocket import FastWebSocketProtocol
from service.streams.hub import Hub, Stream
from service.streams.model_switch import find_other
from service.streams.profile_watcher import ProfileWatcher
from service.streams.running import StreamRules
from service.streams.session import StreamSession
from service.streams.stream_telemetry import StreamTelemetry
from service.streams.window import DueWindow
from service.telemetry.metrics import Metrics

MAX_WAITING: Final = 16
"""Windows of one stream that may wait for the engine; until they are answered no more of it is read. A glove has one
or two, a recording sent as fast as it goes fills a batch."""

TURN_FRAMES: Final = 128
"""Frames and messages taken before others get their turn, or one message: a millisecond or two. A recording sent as
fast as it goes comes in pieces of thousands."""

_TURN_S: Final = 0.005
"""After so long without being held back, a sender is no flood."""

_VIEWED_DECIMALS: Final = 3

_DELETED: Final = frozenset({"unknown_wearer", "no_profile"})
"""What a wearer's profile being gone is called: it answers nobody any more."""

_OF_THE_GLOVE: Final = (LinkReport, DeviceRemark, GloveLetter)
"""What the client itself has said: for viewers."""

_DROPPABLE: Final = (Prediction, *_OF_THE_GLOVE)
"""What the next one replaces, or a client may say as fast as it likes: no reason to close a viewer that is slow."""

_LASTING: Final = (LinkReport, ModelChanged, ProfileChanged, Sensors, SelfCalibrated, Text)
"""What holds until the next one: whoever begins to watch is told the last."""


class GloveConnection(Connection):
    """Between a socket and its session: decodes, asks the engine, encodes, and counts."""

    def __init__(  # noqa: PLR0913, PLR0917 - one of each thing that the app has one of
        self,
        hub: Hub,
        engine: Engine,
        settings: Settings,
        metrics: Metrics,
        find_model: Callable[[str | None], Model],
        load_profile: LoadProfile,
        allowance: Quota,
        record: StreamTelemetry,
    ) -> None:
        super().__init__(settings.outbox_messages, metrics)
        self._hub = hub
        self._engine = engine
        self._metrics = metrics
        self._allowance = allowance
        self._held = ExitStack()  # of the allowance
        self._start_timeout_s = settings.start_timeout_s
        self._find_model = find_model
        self._load_profile = load_profile
        self._wearing = ProfileWatcher(load_profile)
        self._session = StreamSession(
            record.stream,
            find_model,
            StreamRules(settings.stale_after_ms, settings.idle_timeout_s * 1000, settings.self_calibration),
            partial(getattr, self.send_queue, "dropped"),
            self._wearing.find,
        )
        self._record = record
        self._stream: Stream | None = None
        self._channel: FastWebSocketProtocol
        self._timer: asyncio.TimerHandle | None = None
        self._unread: deque[tuple[bytes, bool]] = deque()
        self._dues: Iterator[DueWindow] = iter(())
        self._arrived = 0.0  # when the message came that is being taken
        self._turn_began_s = -math.inf
        self._turn_frames = 0
        self._is_behind = False  # what came last has to wait its turn
        self._ended = False  # nothing more is taken

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
        """What is due is answered first."""
        self._ended = True
        self._unread.clear()
        self._dues = iter(())
        self._wearing.give_up()
        self._session.refuse(fault)
        self._publish(self._session.say())

    def go_away(self) -> None:
        if not self._ended:
            self.refuse(GOING_AWAY)

    def tell(self, command: Command) -> None:
        self.send_queue.put(command)

    def edit(self, action: EditAction, done: Callable[[Text], None]) -> None:
        if not self._ended:
            self._session.edit(action, done)
            self._publish(self._session.say())

    async def switch(self, name: str) -> ModelChanged:
        running = self._session.running
        assert running is not None
        model, profile = await find_other(name, running, self._find_model, self._load_profile)
        if self._ended:
            raise ProblemError(404, "unknown_stream", "the stream ended before its model was switched", "stream")
        self._session.switch(model, profile)
        self._publish(self._session.say())
        self._look_once_more()
        return ModelChanged(model.contract.name, model.contract.version)

    def look_again(self) -> None:
        """The wearer has got another profile."""
        running = self._session.running
        if running is not None and running.wearer is not None and not self._ended:
            self._wearing.look(running.wearer, running.model, self._wear)

    def _begin(self, channel: FastWebSocketProtocol) -> None:
        self._channel = channel
        with _as_wire_error():
            self._held.enter_context(self._allowance.stream())
        self._hub.join(self)
        self._timer = asyncio.get_running_loop().call_later(self._start_timeout_s, self._watch_clock)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._ended = True
        self._wearing.give_up()
        self._held.close()
        self._hub.leave(self)
        if self._stream is not None and self._session.running is not None:
            self._hub.close(self._stream)
            self._record.count_frames(self._session.running.window)
        self._record.end(None if self._stream is None else self._session.stopped())

    def _advance(self) -> None:
        """Take what has come, as far as waiting windows and others' turns allow, and say what can be said."""
        while not self._ended and self._session.waiting < MAX_WAITING:
            try:
                if (due := self._next_due()) is None:
                    break
                self._pay()
            except WireError as fault:
                self.refuse(fault)
                return
            assert self._session.running is not None
            answered = partial(self._answered, due, self._arrived)
            self._engine.submit(self._session.running.model, due.frames, answered, self._failed)
        self._publish(self._session.say())
        self._keep_pace()

    def _take_turn(self) -> None:
        self._turn_frames = 0
        if not self._over.done():  # else nobody is there to hear it
            self._advance()

    def _pay(self) -> None:
        """Take the window at hand from the allowance.

        Raises:
            WireError: that is used up; the window is withdrawn.
        """
        try:
            self._allowance.spend(1, time.monotonic())
        except ProblemError as problem:
            self._session.withdraw()
            raise WireError(problem.code, problem.detail, problem.field) from None

    def _next_due(self) -> DueWindow | None:
        """The next window to be answered of what has come; None: that is all for this turn."""
        while (due := next(self._dues, None)) is None and self._may_take:
            self._arrived = time.perf_counter()
            data, is_text = self._unread.popleft()
            message = decode_text(data) if is_text else decode_binary(data)
            self._turn_frames += 1  # no message is for nothing
            if isinstance(message, Frames):
                self._turn_frames += len(message.t_ms)
                self._show_frames(message)
            elif isinstance(message, Commanded) and self._stream is not None:
                self._stream.commands.answered(message)
            elif isinstance(message, Start) and self._looks_for_profile(message):
                break
            self._dues = self._session.receive(message, _now_ms())
        return due

    @property
    def _may_take(self) -> bool:
        return bool(self._unread) and self._turn_frames < TURN_FRAMES and not self._awaits_profile

    @property
    def _awaits_profile(self) -> bool:
        """The stream begins when the profile of its wearer is there."""
        return self._wearing.is_looking and self._session.running is None

    def _looks_for_profile(self, start: Start) -> bool:
        """Look for what this start needs first; False where it needs nothing."""
        if start.wearer is None or self._session.running is not None:
            return False
        try:
            model = self._find_model(start.model)
        except ProblemError:  # the session says so
            return False
        self._wearing.look(start.wearer, model, partial(self._begin_wearing, start))
        return True

    def _begin_wearing(self, start: Start) -> None:
        self._dues = self._session.receive(start, _now_ms())
        self._advance()

    def _look_once_more(self) -> None:
        """Who changes a profile tells the streams that there are, of the model that they have: not those that are about
        to begin, or to switch."""
        running = self._session.running
        if running is not None and running.wearer is not None:
            self._wearing.look(running.wearer, running.model, self._wear_if_newer)

    def _wear_if_newer(self) -> None:
        running = self._session.running
        assert running is not None
        found, worn = self._wearing.found, running.profile
        version = None if isinstance(found, ProblemError) else found.version
        if version != (None if worn is None else worn.version):
            self._wear()

    def _wear(self) -> None:
        running = self._session.running
        assert running is not None
        assert running.wearer is not None
        try:
            profile = self._wearing.find(running.wearer, running.model)
        except ProblemError as problem:
            if problem.code not in _DELETED:  # the profile of before is as good as it was
                self._record.keep_profile(problem)
                return
            profile = None
        self._session.wear(running.wearer, profile)
        self._publish(self._session.say())

    def _keep_pace(self) -> None:
        waiting = self._session.waiting
        self._is_behind = waiting >= MAX_WAITING or bool(self._unread) or self._awaits_profile
        if self._is_behind:
            self._channel.wait_with_reading()
            if not waiting and not self._awaits_profile:  # else the next answer goes on
                asyncio.get_running_loop().call_soon(self._take_turn)
            return
        self._channel.go_on_reading()
        if not waiting:
            self._session.done(_now_ms())

    def _answered(self, due: DueWindow, arrived: float, outputs: Outputs, row: int) -> None:
        if self._over.done():  # nobody is there to hear it
            return
        try:
            self._session.answer(outputs, row, due)
            self._advance()
        except Exception as error:  # noqa: BLE001 - whatever it is, a stream ends rather than falling silent
            self._failed(error)
        self._metrics.end_to_end_seconds.observe(time.perf_counter() - arrived)

    def _failed(self, error: Exception) -> None:
        self._record.fail(error)
        self._session.fail(WireError("internal_error", "the model failed at this stream; the service's log says why"))
        self._ended = True
        self._publish(self._session.say())

    def _publish(self, messages: Iterable[ServerMessage]) -> None:
        for message in messages:
            text, droppable = encode(message), isinstance(message, _DROPPABLE)
            if not isinstance(message, _OF_THE_GLOVE):
                self.send_queue.put_encoded(text, droppable)
            if isinstance(message, Started):
                self._stream = self._hub.open(self._session, message, self)
                self._set_timer()
                self._look_once_more()
            elif isinstance(message, Stopped):  # `Hub.close` tells the viewers
                self.send_queue.close(1000)
            elif isinstance(message, Error):
                self.send_queue.close(close_code(message.code))
            elif self._stream is not None:
                self._stream.show(text, droppable)
                if isinstance(message, _LASTING):
                    self._stream.lasting[message.type] = text
            self._record.note(message)

    def _show_frames(self, frames: Frames) -> None:
        if self._stream is not None and self._stream.followers:
            values = frames.values.astype(np.float64).round(_VIEWED_DECIMALS).tolist()
            self._stream.show(encode(ViewedFrames(frames.seq, list(frames.t_ms), values)), droppable=True)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait_s = max(1.0, self._session.quiet_ms(_now_ms())) / 1000
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._watch_clock)

    def _watch_clock(self) -> None:
        if self._session.running is None:
            self.refuse(WireError("start_timeout", f"no start message within {self._start_timeout_s:g} s"))
            return
        self._publish(self._session.tick(_now_ms()))
        self._record.count_frames(self._session.running.window)
        self._set_timer()


@contextmanager
def _as_wire_error() -> Iterator[None]:
    """A problem of the HTTP doors, said on a socket."""
    try:
        yield
    except ProblemError as problem:
        raise WireError(problem.code, problem.detail, problem.field) from None


def _now_ms() -> float:
    return time.monotonic() * 1000
