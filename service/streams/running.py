"""A stream after its start: its window, its sensors, its letters, its accounts. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from scaleglove.device_clock import DeviceClock
from scaleglove.protocol import (
    DecoderOptions,
    EditAction,
    Frames,
    Gap,
    Gesture,
    LinkReport,
    Prediction,
    Sensors,
    ServerMessage,
    Stale,
    Start,
    State,
    Stopped,
    Text,
    TextOptions,
    WireError,
)
from scaleglove.resampling import MAX_GAP_MS
from service.inference.engine import Model
from service.inference.predictor import WARMING, Answer, to_answer
from service.inference.profile import Profile
from service.streams.decoder import LetterDecoder, Seen
from service.streams.sensors import SensorHealth
from service.streams.text.composer import TextComposer
from service.streams.user_adaptation import UserAdaptation, WindowEvidence
from service.streams.window import DueWindow, Event, GapFound, StreamWindow

MAX_MESSAGE_SPAN_S: Final = 60.0
"""A full message of the slowest glove known (31 ms between frames) lasts half of that. Without a bound, frames just
short of a hole apart make twelve windows each, and one message keeps the processor busy for seconds."""

_SHORT_MESSAGE: Final = int(MAX_MESSAGE_SPAN_S * 1000 / MAX_GAP_MS)
"""So few frames cannot reach the limit."""


@dataclass(frozen=True, slots=True)
class StreamRules:
    """What holds for all streams of a service; milliseconds."""

    stale_after_ms: float
    idle_after_ms: float
    self_calibrates: bool
    """Unless a stream asks for the other."""


class RunningStream:
    """What `StreamSession` asks between `started` and the end."""

    def __init__(self, model: Model, start: Start, rules: StreamRules, profile: Profile | None = None) -> None:
        self.model = model
        self.window = StreamWindow(model.contract, start.sample_rate_hz, start.hop_ms)
        self.sensors = SensorHealth()
        self.clock = DeviceClock()
        self.wearer = None if profile is None else profile.wearer
        """Whom its start named."""
        self.profile = profile
        """Of its wearer; None: it named none, or she has none any more."""
        self.copy_of = start.copy_of
        self.link: LinkReport | None = None
        """The last one of the client."""
        self.letter_ms = -math.inf
        """When the glove last said a letter of its own."""
        self.state: State = "warming"
        self.predictions = 0
        self._top_k = start.top_k
        self._learns = rules.self_calibrates if start.self_calibration is None else start.self_calibration
        self.hand = self._hand(model, profile)
        """By whom the windows that fall due now are answered."""
        hers = None if profile is None else profile.decoder
        self._decoder = LetterDecoder(model.contract.labels, start.decoder or hers or DecoderOptions())
        self._composer = TextComposer(start.text or TextOptions())
        self._stale_after_ms = rules.stale_after_ms
        self._heard_ms: float | None = None  # while frames are being taken
        self._stale = False

    def wear(self, profile: Profile | None) -> None:
        """Answer by another profile from here on; None: by the model alone. The decoder stays as it was set."""
        self.profile = profile
        self.hand.wear(None if profile is None else profile.reference)

    def switch(self, model: Model, profile: Profile | None) -> None:
        """Ask another model from the next window on. What the stream has learned of the hand was learned in the terms
        of the one before: it begins anew."""
        self.model = model
        self.profile = profile
        self.hand = self._hand(model, profile)

    def _hand(self, model: Model, profile: Profile | None) -> UserAdaptation:
        return UserAdaptation(model, self._learns, None if profile is None else profile.reference)

    def take(self, message: Frames, now_ms: float) -> Iterator[Event | Sensors]:
        check_span(message.t_ms)
        self._heard_ms, self._stale = None, False
        for event in self.window.push(message.seq, message.t_ms, message.values):
            if isinstance(event, GapFound) and event.reason == "clock":
                self.clock.reset()
            yield event
        yield from self.sensors.push(message.seq, message.t_ms, message.values)
        self.clock.observe(self.window.newest_ms, now_ms)

    def done(self, now_ms: float) -> None:
        if self._heard_ms is None:
            self._heard_ms = now_ms

    def reset(self) -> None:
        self.window.reset()
        self.state = "warming"

    def tick(self, now_ms: float) -> Iterator[ServerMessage]:
        if self._stale or self._heard_ms is None or now_ms - self._heard_ms < self._stale_after_ms:
            return
        self._stale, self.state = True, "stale"
        self.hand.leave()
        yield from self._write(self._decoder.break_off(self.window.newest_ms))
        yield Stale(round(now_ms - self._heard_ms, 3))

    def silent_ms(self, now_ms: float) -> float:
        """For how long no frame has come; 0 while frames are being taken."""
        return 0.0 if self._heard_ms is None else now_ms - self._heard_ms

    def idle_ms(self, now_ms: float) -> float:
        """For how long neither a frame nor a letter of the glove's own has come."""
        return min(self.silent_ms(now_ms), now_ms - self.letter_ms)

    def quiet_ms(self, now_ms: float) -> float:
        if self._stale or self._heard_ms is None:
            return self._stale_after_ms
        return self._heard_ms + self._stale_after_ms - now_ms

    def account(self, stream: str, dropped: int) -> Stopped:
        window = self.window
        return Stopped(
            stream,
            window.frames,
            self.predictions,
            window.late_frames,
            window.missing_frames,
            dropped,
            window.duplicate_frames,
        )

    def predict(
        self, due: DueWindow, hand: UserAdaptation, recognised: WindowEvidence | None
    ) -> Iterator[ServerMessage]:
        """What is to be said of a window, in the order in which they fell due: what `hand` made of it, or None: it was
        too short to be asked."""
        self.predictions += 1
        if recognised is None:
            yield self._predicted(due, WARMING)
            return
        learned = hand.follow(recognised, due.t_ms)
        shares = hand.shares(recognised)
        state: State = "gap" if due.gap else "ok"
        yield self._predicted(due, to_answer(self.model.contract, shares, recognised.importance, self._top_k, state))
        yield from self._write(self._decoder.push(Seen(due.t_ms, shares, recognised.still_ms)))
        if (text := self._composer.tick(due.t_ms)) is not None:
            yield text
        if learned is not None:
            yield learned

    def _predicted(self, due: DueWindow, answer: Answer) -> Prediction:
        self.state = answer.state
        return Prediction(
            due.seq,
            due.t_ms,
            answer.state,
            answer.label,
            answer.confidence,
            answer.top_k,
            answer.scale_importance,
        )

    def report(self, gap: GapFound) -> Iterator[ServerMessage]:
        if gap.restarted:
            self.state = "warming"
            self.hand.leave()
            yield from self._write(self._decoder.break_off(gap.before_t_ms))
        if gap.reason == "clock" and (text := self._composer.finish(gap.before_t_ms)) is not None:
            yield text  # how long the hand rested cannot be told any more
        yield Gap(gap.seq, gap.t_ms, gap.missing, gap.reason)

    def let_go(self, t_ms: float) -> Iterator[ServerMessage]:
        """No letter holds any more, the word is over, and what comes next is a new beginning."""
        self.hand.leave()
        yield from self._write(self._decoder.forget(t_ms))
        if (text := self._composer.finish(t_ms)) is not None:
            yield text

    @property
    def text(self) -> Text:
        """The line being written."""
        return self._composer.text

    def edit(self, action: EditAction) -> Text:
        return self._composer.edit(action, self.window.newest_ms)

    def _write(self, gestures: Iterable[Gesture]) -> Iterator[ServerMessage]:
        """Gestures, and what becomes of the line with each."""
        for gesture in gestures:
            yield gesture
            if gesture.phase == "begin":
                yield self._composer.begin(gesture.label, gesture.t_ms)
            else:
                self._composer.end(gesture.t_ms)


def check_span(t_ms: Sequence[float]) -> None:
    """Refuse a message whose frames are joined over more device time than MAX_MESSAGE_SPAN_S.

    Raises:
        WireError: `bad_message`.
    """
    if len(t_ms) <= _SHORT_MESSAGE:
        return
    # Nothing is drawn across a hole, so that a pause of any length counts as little as the longest step.
    span_s = float(np.clip(np.diff(t_ms), 0.0, MAX_GAP_MS).sum()) / 1000
    if span_s > MAX_MESSAGE_SPAN_S:
        raise WireError(
            "bad_message", f"t_ms covers {span_s:.0f} s; one message may cover {MAX_MESSAGE_SPAN_S:g} s", "t_ms"
        )
