"""The protocol of one stream as a state machine: messages and times in, messages out. Pure.

waiting --start--> streaming --stop--> over
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.contract import CHANNELS
from models.timeline import MAX_HOLE_MS
from service.decoder import LetterDecoder
from service.engine import Model
from service.predictor import answer_windows
from service.problems import ProblemError
from service.window import Due, GapFound, StreamWindow
from service.wire import (
    Frames,
    Gap,
    Prediction,
    Reset,
    ServerMessage,
    Stale,
    Start,
    Started,
    State,
    Stop,
    Stopped,
    WireError,
)

ClientMessage = Start | Frames | Reset | Stop

MAX_MESSAGE_SPAN_S: Final = 60.0
"""A full message of the slowest glove known (31 ms between frames) lasts half of that. Without a bound, frames just
short of a hole apart make twelve windows each, and one message keeps the processor busy for seconds."""


class StreamSession:
    """One stream. `find_model` gives the model of a name (None: the default) or raises a ProblemError; `dropped`
    tells how many messages a slow reader has lost. Times `now_ms` are a monotonic clock's milliseconds.

    For each message call `receive`, take all its answers, and then call `done`; `tick` may come at any time.
    """

    def __init__(
        self,
        stream: str,
        find_model: Callable[[str | None], Model],
        stale_after_ms: float,
        dropped: Callable[[], int],
    ) -> None:
        self.stream = stream
        self.running: RunningStream | None = None
        self.over = False
        self._find_model = find_model
        self._stale_after_ms = stale_after_ms
        self._dropped = dropped

    def receive(self, message: ClientMessage) -> Iterator[ServerMessage]:
        """Answer one message. Lazy, one answer at a time, so that whoever sends them may breathe in between.

        Raises:
            WireError: the message is not allowed here; the stream is to be closed.
        """
        if isinstance(message, Start):
            yield self._start(message)
            return
        if self.running is None:
            raise WireError("not_started", "the first message of a stream must be start")
        if isinstance(message, Frames):
            yield from self.running.take(message)
        elif isinstance(message, Reset):
            yield from self.running.reset()
        else:
            yield from self.running.finish()
            yield self.stopped()
            self.over = True

    def done(self, now_ms: float) -> None:
        """The message is answered. Silence counts from here: answering it may have taken a while."""
        if self.running is not None:
            self.running.done(now_ms)

    def tick(self, now_ms: float) -> Iterator[ServerMessage]:
        """What is to be said because time has passed; nothing while a message is being answered."""
        if self.running is not None and not self.over:
            yield from self.running.tick(now_ms)

    def quiet_ms(self, now_ms: float) -> float:
        """How long until `tick` can have something to say."""
        return self._stale_after_ms if self.running is None else self.running.quiet_ms(now_ms)

    def stopped(self) -> Stopped:
        """The account of the stream's frames."""
        assert self.running is not None
        return self.running.account(self.stream, self._dropped())

    def _start(self, start: Start) -> Started:
        if self.running is not None:
            raise WireError("already_started", "the stream has started already; open another one for other settings")
        check_channels(start.channels)
        if start.wearer is not None:
            raise WireError("unknown_wearer", f"no wearer is called {start.wearer[:64]!r}")
        try:
            model = self._find_model(start.model)
        except ProblemError as problem:
            raise WireError(problem.code, problem.detail) from None
        contract = model.contract
        self.running = RunningStream(model, start, self._stale_after_ms)
        return Started(
            self.stream,
            contract.name,
            contract.window_frames,
            contract.min_frames,
            contract.sample_rate_hz,
            contract.labels,
        )


class RunningStream:
    """A stream after its start: its window, its letters, its accounts."""

    def __init__(self, model: Model, start: Start, stale_after_ms: float) -> None:
        self.model = model
        self.window = StreamWindow(model.contract, start.sample_rate_hz, start.hop_ms)
        self.state: State = "warming"
        self.predictions = 0
        self._top_k = start.top_k
        self._decoder = LetterDecoder()
        self._stale_after_ms = stale_after_ms
        self._heard_ms: float | None = None  # while frames are being taken
        self._stale = False

    def take(self, message: Frames) -> Iterator[ServerMessage]:
        check_span(message.t_ms)
        self._heard_ms, self._stale = None, False
        for event in self.window.push(message.seq, message.t_ms, message.values):
            if isinstance(event, Due):
                yield from self._predict(event)
            else:
                yield from self._report(event)

    def done(self, now_ms: float) -> None:
        if self._heard_ms is None:
            self._heard_ms = now_ms

    def reset(self) -> Iterator[ServerMessage]:
        self.window.reset()
        self.state = "warming"
        yield from self._decoder.let_go(self.window.newest_ms)

    def finish(self) -> Iterator[ServerMessage]:
        for due in self.window.finish():
            yield from self._predict(due)
        yield from self._decoder.let_go(self.window.newest_ms)

    def tick(self, now_ms: float) -> Iterator[ServerMessage]:
        if self._stale or self._heard_ms is None or now_ms - self._heard_ms < self._stale_after_ms:
            return
        self._stale, self.state = True, "stale"
        yield from self._decoder.let_go(self.window.newest_ms)
        yield Stale(round(now_ms - self._heard_ms, 3))

    def quiet_ms(self, now_ms: float) -> float:
        if self._stale or self._heard_ms is None:
            return self._stale_after_ms
        return self._heard_ms + self._stale_after_ms - now_ms

    def account(self, stream: str, dropped: int) -> Stopped:
        window = self.window
        return Stopped(stream, window.frames, self.predictions, window.late_frames, window.missing_frames, dropped)

    def _predict(self, due: Due) -> Iterator[ServerMessage]:
        answer = answer_windows(self.model, [due.frames], self._top_k, due.gap)[0]
        self.predictions += 1
        self.state = answer.state
        prediction = Prediction(
            due.seq,
            due.t_ms,
            answer.state,
            answer.label,
            answer.confidence,
            answer.top_k,
            answer.scale_importance,
        )
        yield prediction
        yield from self._decoder.push(prediction)

    def _report(self, gap: GapFound) -> Iterator[ServerMessage]:
        if gap.restarted:
            self.state = "warming"
            yield from self._decoder.let_go(gap.before_t_ms)
        yield Gap(gap.seq, gap.t_ms, gap.missing, gap.reason)


def check_span(t_ms: NDArray[np.float64]) -> None:
    """Refuse a message whose frames are joined over more device time than MAX_MESSAGE_SPAN_S.

    Raises:
        WireError: `bad_message`.
    """
    # Nothing is drawn across a hole, so that a pause of any length counts as little as the longest step.
    span_s = float(np.clip(np.diff(t_ms), 0.0, MAX_HOLE_MS).sum()) / 1000
    if span_s > MAX_MESSAGE_SPAN_S:
        raise WireError("bad_message", f"t_ms covers {span_s:.0f} s; one message may cover {MAX_MESSAGE_SPAN_S:g} s")


def check_channels(channels: list[str]) -> None:
    """Refuse a channel list that is not the frame's, naming the first difference.

    Raises:
        WireError: `bad_channels`.
    """
    for place, (given, wanted) in enumerate(zip(channels, CHANNELS, strict=False)):
        if given != wanted:
            raise WireError("bad_channels", f"channels.{place} is {given[:64]!r}; it must be {wanted!r}")
    if len(channels) != len(CHANNELS):
        raise WireError(
            "bad_channels", f"channels has {len(channels)} names; it must have {len(CHANNELS)}: {', '.join(CHANNELS)}"
        )
