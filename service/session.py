"""The protocol of one stream as a state machine: messages and times in, messages out. Pure.

waiting --start--> streaming --stop--> over
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.contract import CHANNELS
from service.decoder import LetterDecoder
from service.predictor import Model, answer_windows
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


class StreamSession:
    """One stream. `find_model` gives the model of a name (None: the default) or raises a ProblemError; `dropped`
    tells how many messages a slow reader has lost. Times `now_ms` are a monotonic clock's milliseconds."""

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

    def receive(self, message: ClientMessage, now_ms: float) -> Iterator[ServerMessage]:
        """Answer one message. Lazy, one answer at a time, so that whoever sends them may breathe in between.

        Raises:
            WireError: the message is not allowed here; the stream is to be closed.
        """
        if isinstance(message, Start):
            yield self._start(message, now_ms)
            return
        if self.running is None:
            raise WireError("not_started", "the first message of a stream must be start")
        if isinstance(message, Frames):
            yield from self.running.take(message, now_ms)
        elif isinstance(message, Reset):
            yield from self.running.reset()
        else:
            yield from self.running.finish()
            yield self.stopped()
            self.over = True

    def tick(self, now_ms: float) -> Iterator[ServerMessage]:
        """What is to be said because time has passed."""
        if self.running is not None:
            yield from self.running.tick(now_ms)

    def quiet_ms(self, now_ms: float) -> float:
        """How long until `tick` can have something to say."""
        return self._stale_after_ms if self.running is None else self.running.quiet_ms(now_ms)

    def stopped(self) -> Stopped:
        """The account of the stream's frames."""
        assert self.running is not None
        return self.running.account(self.stream, self._dropped())

    def _start(self, start: Start, now_ms: float) -> Started:
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
        self.running = RunningStream(model, start, self._stale_after_ms, now_ms)
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

    def __init__(self, model: Model, start: Start, stale_after_ms: float, now_ms: float) -> None:
        self.model = model
        self.window = StreamWindow(model.contract, start.sample_rate_hz, start.hop_ms)
        self.state: State = "warming"
        self.predictions = 0
        self._top_k = start.top_k
        self._decoder = LetterDecoder()
        self._device_ms = 0.0
        self._stale_after_ms = stale_after_ms
        self._heard_ms = now_ms
        self._stale = False

    def take(self, message: Frames, now_ms: float) -> Iterator[ServerMessage]:
        self._heard_ms, self._stale = now_ms, False
        for event in self.window.push(message.seq, message.t_ms, message.values):
            if isinstance(event, Due):
                yield from self._predict(event)
            else:
                yield from self._report(event)
        self._device_ms = self.window.last_t_ms or self._device_ms

    def reset(self) -> Iterator[ServerMessage]:
        self.window.reset()
        self.state = "warming"
        yield from self._decoder.let_go(self._device_ms)

    def finish(self) -> Iterator[ServerMessage]:
        for due in self.window.finish():
            yield from self._predict(due)
        yield from self._decoder.let_go(self._device_ms)

    def tick(self, now_ms: float) -> Iterator[ServerMessage]:
        silent_ms = now_ms - self._heard_ms
        if self._stale or silent_ms < self._stale_after_ms:
            return
        self._stale, self.state = True, "stale"
        yield from self._decoder.let_go(self._device_ms)
        yield Stale(round(silent_ms, 3))

    def quiet_ms(self, now_ms: float) -> float:
        return self._stale_after_ms if self._stale else self._heard_ms + self._stale_after_ms - now_ms

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
